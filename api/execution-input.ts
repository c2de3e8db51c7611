import { executionInputFault } from '../integrations/states/execution-input.ts';
import { awsError } from './errors.ts';

/** @throws AwsError InvalidExecutionInput */
export function checkExecutionInput(input: string): void {
  const fault = executionInputFault(input);
  if (fault !== undefined) throw awsError('InvalidExecutionInput', fault);
}

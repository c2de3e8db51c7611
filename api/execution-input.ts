import { awsError } from './errors.ts';
import { jsonFault } from './json-fault.ts';

/** @throws AwsError InvalidExecutionInput */
export function checkExecutionInput(input: string): void {
  const fault = input.trim() === '' ? 'Invalid execution input.' : jsonFault(input);
  if (fault !== undefined) throw awsError('InvalidExecutionInput', fault);
}

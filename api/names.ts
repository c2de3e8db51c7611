import { isName } from '../runtime/execution/name.ts';
import { awsError } from './errors.ts';

/** Lengths are the service model's business. @throws AwsError InvalidName */
export function checkName(name: string): void {
  if (!isName(name)) throw awsError('InvalidName', name);
}

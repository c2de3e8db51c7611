import { awsError } from './errors.ts';

/**
 * Characters that names of state machines, executions and activities cannot have.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html (name)
 */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF\u{10FFFF}]/u;

/** Lengths are the service model's business. @throws AwsError InvalidName */
export function checkName(name: string): void {
  if (FORBIDDEN.test(name)) throw awsError('InvalidName', name);
}

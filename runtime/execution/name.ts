/**
 * Characters that names of state machines, executions and activities cannot have.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html (name)
 */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF\u{10FFFF}]/u;

export function isName(text: string): boolean {
  return !FORBIDDEN.test(text);
}

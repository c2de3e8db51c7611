import type { AttemptTrace } from '../runtime/index.ts';

/** What a task of an activity brings to the worker that takes it. */
export interface ActivityTaskText {
  /** JSON text. */
  readonly input: string;
  /** Undefined: the execution is in no trace. */
  readonly trace: AttemptTrace | undefined;
}

/** As in the bodies of journal rows: JSON cannot contain it. */
const SEPARATOR = '\u001f';

/** The text that is kept in `activity_tasks.input`: the input, followed by the trace where there is one. */
export function writeActivityTask({ input, trace }: ActivityTaskText): string {
  return trace === undefined ? input : input + SEPARATOR + JSON.stringify(trace);
}

export function readActivityTask(text: string): ActivityTaskText {
  const end = text.lastIndexOf(SEPARATOR);
  if (end === -1) return { input: text, trace: undefined };
  return { input: text.slice(0, end), trace: JSON.parse(text.slice(end + 1)) as AttemptTrace };
}

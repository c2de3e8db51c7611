/** What has to hold between histories and the calls that functions received. */
import {
  detailsOf,
  endOf,
  type IndexedEvidence,
  isForActivity,
  keyOf,
  runsSql,
  startsChild,
} from './indexed.ts';

export function* callsAreReceivedOnce({ callsByKey }: IndexedEvidence): Iterable<string> {
  for (const [key, calls] of callsByKey)
    if (calls.length > 1) yield `${key} was received ${calls.length} times`;
}

/** An effect runs only after the append that announced it. */
export function* callsAreAnnounced({ callsByKey, attempts }: IndexedEvidence): Iterable<string> {
  const announced = new Set(attempts.map(keyOf));
  for (const key of callsByKey.keys())
    if (!announced.has(key)) yield `${key} was received, and no history has it`;
}

export function* successesWereCalled({ callsByKey, attempts }: IndexedEvidence): Iterable<string> {
  for (const attempt of attempts) {
    const end = endOf(attempt);
    if (startsChild(attempt) || runsSql(attempt) || isForActivity(attempt)) continue;
    if (!end?.type.endsWith('Succeeded')) continue;
    const calls = callsByKey.get(keyOf(attempt)) ?? [];
    if (calls.length === 0) yield `${keyOf(attempt)} succeeded, and was never received`;
    const [call] = calls;
    // A task with a token gets its output from elsewhere.
    const isDirect = end.type === 'LambdaFunctionSucceeded';
    if (call !== undefined && isDirect && call.result !== detailsOf(end).output)
      yield `${keyOf(attempt)} was answered ${call.result}, and its history says ${detailsOf(end).output}`;
  }
}

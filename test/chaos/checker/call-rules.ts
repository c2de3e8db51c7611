/** What has to hold between histories and the calls that functions received. */
import type { HistoryEvent } from '../../../cli/client.ts';
import { isAnswerId } from './evidence.ts';
import { detailsOf, endOf, type IndexedEvidence, keyOf, runsSql, startsChild } from './indexed.ts';

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
    if (startsChild(attempt) || runsSql(attempt) || !end?.type.endsWith('Succeeded')) continue;
    const calls = callsByKey.get(keyOf(attempt)) ?? [];
    if (calls.length === 0) yield `${keyOf(attempt)} succeeded, and was never received`;
    const [call] = calls;
    // A task with a token gets its output from elsewhere.
    const isDirect = end.type === 'LambdaFunctionSucceeded';
    if (call !== undefined && isDirect && call.result !== detailsOf(end).output)
      yield `${keyOf(attempt)} was answered ${call.result}, and its history says ${detailsOf(end).output}`;
  }
}

/** A token is answered once, and an answer that was acknowledged is the one that counts. */
export function* answersCountOnce({ answers, attempts, calls }: IndexedEvidence): Iterable<string> {
  const keyOfToken = new Map(
    calls.flatMap(({ token, idempotencyKey }) => (token ? [[token, idempotencyKey]] : [])),
  );
  const attemptOfKey = new Map(attempts.map((attempt) => [keyOf(attempt), attempt]));
  for (const [token, sent] of Map.groupBy(answers, (answer) => answer.token)) {
    const key = keyOfToken.get(token) ?? '';
    const attempt = attemptOfKey.get(key);
    const acknowledged = sent.filter(({ outcome }) => outcome === 'acknowledged').map(({ id }) => id);
    if (acknowledged.length > 1) yield `${key}: its token took ${acknowledged.length} answers`;
    const end = attempt && endOf(attempt);
    if (end === undefined) continue;
    const [counted] = acknowledged;
    const applied = answerIn(end);
    if (counted !== undefined && applied !== counted)
      yield `${key}: answer ${counted} was acknowledged, and event ${end.id} has ${applied ?? 'none'}`;
  }
}

/** What ends a task with a token is an answer that was sent for it. */
export function* answersWereSent({ answers, attempts, callsByKey }: IndexedEvidence): Iterable<string> {
  const tokenOf = new Map(answers.map(({ id, token }) => [id, token]));
  for (const attempt of attempts) {
    const end = endOf(attempt);
    const applied = end && answerIn(end);
    if (applied === undefined) continue;
    const [call] = callsByKey.get(keyOf(attempt)) ?? [];
    if (tokenOf.get(applied) !== call?.token)
      yield `${keyOf(attempt)} ended by answer ${applied}, which nobody sent to its token`;
  }
}

/** The answer that ended a task with a token. */
function answerIn(end: HistoryEvent): string | undefined {
  const { resource, output, cause } = detailsOf(end);
  if (resource !== 'invoke.waitForTaskToken') return undefined;
  if (end.type === 'TaskSucceeded') return (JSON.parse(String(output)) as { by?: string }).by;
  return end.type === 'TaskFailed' && isAnswerId(String(cause)) ? String(cause) : undefined;
}

export function* expressRunsAtLeastOnce(evidence: IndexedEvidence): Iterable<string> {
  const received = new Set(
    evidence.calls.map(
      ({ functionName, payload }) => `${functionName} ${(payload as { id?: unknown } | null)?.id}`,
    ),
  );
  for (const { id, outcome } of evidence.expressStarts)
    for (const name of evidence.expressFunctions)
      if (outcome === 'acknowledged' && !received.has(`${name} ${id}`))
        yield `Express execution ${id} was acknowledged and never called ${name}`;
}

/** What has to hold between Express executions, which have no history, and the calls that functions received. */
import type { FunctionCall } from './evidence.ts';
import type { IndexedEvidence } from './indexed.ts';

/** Asynchronous ones. */
export function* expressRunsAtLeastOnce(evidence: IndexedEvidence): Iterable<string> {
  const received = callsByStart(evidence.calls);
  for (const { id, outcome } of evidence.expressStarts)
    for (const name of evidence.expressFunctions)
      if (outcome === 'acknowledged' && !received.has(placeOf(name, id)))
        yield `Express execution ${id} was acknowledged and never called ${name}`;
}

/** Whatever its caller and its process do meanwhile, a synchronous one makes each call once at the most, and in order. */
export function* syncRunsAtMostOnce(evidence: IndexedEvidence): Iterable<string> {
  const received = callsByStart(evidence.calls);
  for (const { id } of evidence.syncStarts)
    for (const [index, name] of evidence.syncFunctions.entries()) {
      const times = received.get(placeOf(name, id))?.length ?? 0;
      if (times > 1) yield `synchronous execution ${id} called ${name} ${times} times`;
      const before = evidence.syncFunctions[index - 1];
      if (times > 0 && before !== undefined && !received.has(placeOf(before, id)))
        yield `synchronous execution ${id} called ${name}, and never ${before}`;
    }
}

/** Its functions do not fail, so an answer tells of a success, for which all have been called. */
export function* syncAnswersAreTrue(evidence: IndexedEvidence): Iterable<string> {
  const received = callsByStart(evidence.calls);
  for (const { id, outcome, status, output } of evidence.syncStarts) {
    if (outcome === 'refused') yield `synchronous execution ${id} was refused`;
    if (outcome !== 'acknowledged') continue;
    if (status !== 'SUCCEEDED' || idIn(JSON.parse(output ?? 'null')) !== id)
      yield `synchronous execution ${id} was answered ${status} with ${output}`;
    for (const name of evidence.syncFunctions)
      if (!received.has(placeOf(name, id)))
        yield `synchronous execution ${id} was answered, and never called ${name}`;
  }
}

function callsByStart(calls: readonly FunctionCall[]): ReadonlyMap<string, readonly FunctionCall[]> {
  return Map.groupBy(calls, ({ functionName, payload }) => placeOf(functionName, idIn(payload)));
}

function placeOf(functionName: string, id: unknown): string {
  return `${functionName} ${id}`;
}

function idIn(payload: unknown): unknown {
  return (payload as { id?: unknown } | null)?.id;
}

/** What has to hold between histories, and what the API answered. */
import type { ExecutionEvidence } from './evidence.ts';
import type { IndexedEvidence } from './indexed.ts';
import { segmentsOf } from './segments.ts';

/** A stop is final when it is answered, with the time at which the execution ended. */
export function* stopsAreFinal({ stops, byArn }: IndexedEvidence): Iterable<string> {
  for (const { executionArn, outcome, stopDate } of stops) {
    const execution = byArn.get(executionArn);
    if (outcome !== 'acknowledged' || execution === undefined) continue;
    if (!segmentsOf(execution.events).some(({ end }) => end?.timestamp === stopDate))
      yield `${executionArn}: a stop was acknowledged with ${stopDate}, when nothing ended`;
  }
}

/** Acknowledged redrives are in the history, once each, and no others. */
export function* redrivesHappenOnce({ redrives, executions }: IndexedEvidence): Iterable<string> {
  const asked = Map.groupBy(redrives, ({ executionArn }) => executionArn);
  for (const execution of executions) {
    const own = asked.get(execution.executionArn) ?? [];
    const happened = redriveTimes(execution);
    for (const { outcome, redriveDate } of own)
      if (outcome === 'acknowledged' && !happened.includes(redriveDate))
        yield `${execution.executionArn}: a redrive was acknowledged with ${redriveDate}, and is not there`;
    if (happened.length > own.length)
      yield `${execution.executionArn} was redriven ${happened.length} times, and asked to ${own.length} times`;
  }
}

function redriveTimes({ events }: ExecutionEvidence): (number | undefined)[] {
  return events.filter(({ type }) => type === 'ExecutionRedriven').map(({ timestamp }) => timestamp);
}

/** However executions start, end and are redriven, no more are under way than the state machine's cap says. */
export function* capsHold({ caps }: IndexedEvidence): Iterable<string> {
  for (const { stateMachine, maxConcurrency, mostUnderWay } of caps)
    if (mostUnderWay > maxConcurrency)
      yield `${stateMachine} had ${mostUnderWay} executions under way, and a cap of ${maxConcurrency}`;
}

export function* nothingIsLeftOver({ leftovers }: IndexedEvidence): Iterable<string> {
  for (const [what, rows] of Object.entries(leftovers))
    if (rows.length > 0) yield `${rows.length} ${what} are left, the first: ${JSON.stringify(rows[0])}`;
}

export function* nothingCrashes({ crashes }: IndexedEvidence): Iterable<string> {
  for (const { process, how } of crashes) yield `${process} ended by itself: ${how}`;
}

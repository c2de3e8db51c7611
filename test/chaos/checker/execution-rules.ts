/** What has to hold of executions and their histories. */
import { isDeepStrictEqual } from 'node:util';
import type { HistoryEvent } from '../../../cli/client.ts';
import { historyFaults } from '../../support/history-checker.ts';
import type { MustEnd } from '../workflows/must-end.ts';
import type { ExecutionEvidence } from './evidence.ts';
import { detailsOf, endOf, type IndexedEvidence } from './indexed.ts';
import { STATUS_OF, segmentsOf } from './segments.ts';

/** An acknowledged start is durable. */
export function* nothingIsLost({ starts, byArn }: IndexedEvidence): Iterable<string> {
  for (const { executionArn, outcome } of starts)
    if (outcome === 'acknowledged' && !byArn.has(executionArn))
      yield `${executionArn} was acknowledged and is not there`;
}

export function* nothingIsInvented({ starts, executions, byArn }: IndexedEvidence): Iterable<string> {
  const asked = new Set(starts.map(({ executionArn }) => executionArn));
  for (const { executionArn, input } of executions) {
    const isChild = input.parent !== undefined && byArn.has(input.parent.executionArn);
    if (!asked.has(executionArn) && !isChild) yield `${executionArn} was started by nobody`;
  }
}

/** Each life ends as the input says, or by a StopExecution. */
export function* endsAreAsTold(evidence: IndexedEvidence): Iterable<string> {
  const cutShort = childrenCutShort(evidence);
  for (const execution of evidence.executions) {
    const { executionArn, events, input } = execution;
    const stops = evidence.stops.filter((stop) => stop.executionArn === executionArn).length;
    let aborted = 0;
    for (const [redrives, { end }] of segmentsOf(events).entries()) {
      if (end === undefined) yield `${executionArn} has not ended`;
      else if (end.type === 'ExecutionAborted') {
        aborted++;
        if (aborted > stops && !cutShort.has(executionArn)) yield `${executionArn} was stopped by nobody`;
      } else {
        const must = input.must[Math.min(redrives, input.must.length - 1)];
        if (must === undefined || !isAsTold(end, must))
          yield `${executionArn} had to end as ${JSON.stringify(must)} after ${redrives} redrives, and ended with ${JSON.stringify(end)}`;
      }
    }
  }
}

function isAsTold(end: HistoryEvent, must: MustEnd): boolean {
  if (STATUS_OF[end.type] !== must.status) return false;
  const { output, error } = detailsOf(end);
  if (must.status === 'SUCCEEDED') return isDeepStrictEqual(JSON.parse(String(output)), must.output);
  return must.status === 'TIMED_OUT' || must.errors.includes(String(error));
}

/** Children whose parents' tasks did not come to their own ends: those are stopped. */
function childrenCutShort({ executions, attempts }: IndexedEvidence): ReadonlySet<string> {
  const waitedFor = new Set(
    attempts
      .filter((attempt) => endOf(attempt) !== undefined)
      .flatMap(({ steps }) => steps.flatMap((step) => childIn(step) ?? [])),
  );
  const children = executions.filter(({ input }) => input.parent !== undefined);
  return new Set(children.flatMap(({ executionArn }) => (waitedFor.has(executionArn) ? [] : [executionArn])));
}

/** The child that a TaskSubmitted event tells of. */
export function childIn(event: HistoryEvent): string | undefined {
  if (event.type !== 'TaskSubmitted') return undefined;
  const { resourceType, output } = detailsOf(event);
  if (resourceType !== 'states') return undefined;
  return (JSON.parse(String(output)) as { ExecutionArn?: string }).ExecutionArn;
}

/** Gapless ids, a proper tree, times that never decrease, an end for everything scheduled. */
export function* historiesAreWellFormed({ executions }: IndexedEvidence): Iterable<string> {
  for (const { executionArn, events } of executions)
    for (const fault of historyFaults(events)) yield `${executionArn}: ${fault}`;
}

/** The row and the journal say the same. */
export function* rowsMatchJournals({ executions }: IndexedEvidence): Iterable<string> {
  for (const execution of executions)
    for (const fault of rowFaults(execution)) yield `${execution.executionArn}: ${fault}`;
}

function* rowFaults(execution: ExecutionEvidence): Iterable<string> {
  const { seqs, headSeq, nextEventId, events, status, output, error } = execution;
  const gap = seqs.findIndex((seq, index) => seq !== index + 1);
  if (gap >= 0) yield `journal row ${gap + 1} is missing`;
  if (seqs.length !== headSeq)
    yield `its row says that it has ${headSeq} journal rows, and it has ${seqs.length}`;
  const last = events.at(-1);
  if (last === undefined) return;
  if (last.id + 1 !== nextEventId) yield `its row says that event ${nextEventId} is next, after ${last.id}`;
  const said = STATUS_OF[last.type] ?? 'RUNNING';
  if (said !== status) yield `its row says ${status}, its history ${said}`;
  const details = detailsOf(last);
  // DescribeExecution tells no error of an execution that timed out, its history does.
  const saidError = last.type === 'ExecutionTimedOut' ? null : (details.error ?? null);
  if ((details.output ?? null) !== output || saidError !== error)
    yield 'its row has another output or error than its history';
}

/** Nobody holds a closed execution. */
export function* leasesAreGivenBack({ executions }: IndexedEvidence): Iterable<string> {
  for (const { executionArn, owner } of executions)
    if (owner !== null) yield `${executionArn} is still owned by worker ${owner}`;
}

import { sql } from 'kysely';
import { decodeEvents } from '../runtime/execution/codec.ts';
import type { JournalEventOf } from '../runtime/execution/event.ts';
import type { Batch } from './batch.ts';
import { numbers, texts } from './batch-columns.ts';
import type { Database } from './database.ts';
import type { NewExecution, StartOutcome } from './execution.ts';
import { escapeName, quoteText } from './free-text.ts';

export interface StartEntry extends NewExecution {
  /** The append id of journal row 1. */
  readonly appendId: number;
}

export const startBatch: Batch<StartEntry, StartOutcome> = {
  name: 'start',
  key: (entry) => `${entry.stateMachineId}:${entry.name}`,
  bytes: (entry) => entry.body.length,
  write: writeStarts,
};

async function writeStarts(
  database: Database,
  entries: readonly StartEntry[],
): Promise<readonly StartOutcome[]> {
  const { rows } = await sql<Started>`
    select started_ids, active_ids, current_revision_ids from statehouse.start_standard(
      ${numbers(entries.map((entry) => entry.stateMachineId))},
      ${numbers(entries.map((entry) => entry.revisionRowId))},
      ${numbers(entries.map((entry) => entry.version))},
      ${numbers(entries.map((entry) => entry.startedAt))},
      ${numbers(entries.map((entry) => entry.appendId))},
      ${texts(entries.map((entry) => escapeName(entry.name)))},
      ${texts(entries.map((entry) => entry.alias))},
      ${texts(entries.map((entry) => quoteText(entry.traceHeader)))},
      ${texts(entries.map((entry) => entry.body))})`.execute(database);
  const [{ started_ids, active_ids, current_revision_ids }] = rows as [Started];
  return Promise.all(
    entries.map((entry, index): StartOutcome | Promise<StartOutcome> => {
      const executionId = started_ids[index];
      if (executionId) return { kind: 'started', executionId };
      const machine = active_ids.indexOf(entry.stateMachineId);
      if (machine < 0) return { kind: 'deleting' };
      return whyNotStarted(database, entry, current_revision_ids[machine] as string);
    }),
  );
}

/** Columns of arrays. */
interface Started {
  /** In the order of the entries; null: not started. */
  readonly started_ids: (string | null)[];
  readonly active_ids: string[];
  /** Of the active machines, in their order. */
  readonly current_revision_ids: string[];
}

async function whyNotStarted(
  database: Database,
  entry: StartEntry,
  currentRevisionRowId: string,
): Promise<StartOutcome> {
  const taken = await database
    .selectFrom('execution_names as n')
    .innerJoin('executions as e', 'e.id', 'n.execution_id')
    .innerJoin('journal as j', (join) => join.onRef('j.execution_id', '=', 'e.id').on('j.seq', '=', 1))
    .select(['e.id', 'e.status', 'e.started_at', 'j.append_id', 'j.body'])
    .where('n.state_machine_id', '=', entry.stateMachineId)
    .where('n.name', '=', escapeName(entry.name))
    .executeTakeFirst();
  if (taken === undefined) {
    const isCurrent = entry.version !== undefined || entry.revisionRowId === currentRevisionRowId;
    // Whoever had the name was removed in the meantime.
    return isCurrent ? startAlone(database, entry) : { kind: 'outdated' };
  }
  if (Number(taken.append_id) === entry.appendId) return { kind: 'started', executionId: taken.id };
  return {
    kind: 'exists',
    status: taken.status,
    startedAt: taken.started_at.getTime(),
    sameInput: inputOf(taken.body) === entry.input,
  };
}

async function startAlone(database: Database, entry: StartEntry): Promise<StartOutcome> {
  const [outcome] = await writeStarts(database, [entry]);
  return outcome as StartOutcome;
}

/** The input of an execution, out of journal row 1. */
export function inputOf(body: string): string {
  return startOf(body).details.input.text;
}

/** How an execution began, out of journal row 1. */
export function startOf(body: string): JournalEventOf<'ExecutionStarted'> {
  const [event] = decodeEvents(body, 1);
  if (event?.type !== 'ExecutionStarted') throw new Error('journal row 1 is not an ExecutionStarted event');
  return event;
}

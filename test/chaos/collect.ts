/** Reads out of the database what a run has left there. */
import type { QueryResultRow } from 'pg';
import { executionArn } from '../../runtime/execution/arn.ts';
import { decodeEvents, type JournalEvent, toHistoryEvent } from '../../runtime/index.ts';
import { readPlace } from '../../store/place.ts';
import type { Effect, Evidence, ExecutionEvidence } from './checker/evidence.ts';
import type { Installation } from './installation.ts';

export interface ExecutionRow {
  readonly place: string;
  readonly machine: string;
  readonly name: string;
  readonly status: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly owner: string | null;
  readonly head_seq: number;
  readonly next_event_id: number;
  readonly seqs: readonly number[];
  readonly first_event_ids: readonly number[];
  readonly bodies: readonly string[];
}

const EXECUTIONS = `
  select m.place, m.name as machine, e.name, e.status, e.output, e.error, e.owner, e.head_seq, e.next_event_id,
    array_agg(j.seq order by j.seq) as seqs, array_agg(j.first_event_id order by j.seq) as first_event_ids,
    array_agg(j.body order by j.seq) as bodies
  from statehouse.executions e
  join statehouse.state_machines m on m.id = e.state_machine_id
  join statehouse.journal j on j.execution_id = e.id
  group by m.id, e.id order by e.id`;

/** What there is while something runs, and must not be once nothing does. */
const LEFTOVERS: Readonly<Record<string, string>> = {
  jobs: 'select * from graphile_worker._private_jobs',
  'task tokens': 'select * from statehouse.task_tokens',
  'pieces of mail': 'select * from statehouse.mailbox',
  snapshots: 'select execution_id, seq from statehouse.snapshots',
  'tasks of activities': 'select * from statehouse.activity_tasks',
  'executions that are set aside': `select e.name, s.* from statehouse.suspects s join statehouse.executions e on e.id = s.execution_id
    where statehouse.strikes(e) >= statehouse.strikes_max()`,
  'Express executions': 'select id, owner, run_at from statehouse.express_executions',
  'workers that are dead': `select * from statehouse.workers where heartbeat_at < now() - interval '15 seconds'`,
  'children that somebody waits for': 'select * from statehouse.child_executions',
};

export async function collectExecutions(installation: Installation): Promise<ExecutionEvidence[]> {
  return (await installation.query<ExecutionRow>(EXECUTIONS)).map((row) => toEvidence(row));
}

export function collectEffects(installation: Installation): Promise<Effect[]> {
  return installation.query<Effect & QueryResultRow>(
    'select execution as "executionArn", state from chaos.effects',
  );
}

export async function collectLeftovers(installation: Installation): Promise<Evidence['leftovers']> {
  const found: Record<string, readonly unknown[]> = {};
  for (const [what, sql] of Object.entries(LEFTOVERS)) found[what] = await installation.query(sql);
  return found;
}

/** @param journal its events, where they have been read already */
export function toEvidence(row: ExecutionRow, journal = journalOf(row)): ExecutionEvidence {
  const events = journal.flatMap((event) => toHistoryEvent(event, { includeExecutionData: true }) ?? []);
  const [started] = journal;
  if (started?.type !== 'ExecutionStarted')
    throw new Error(`${row.name} does not begin with ExecutionStarted`);
  return {
    executionArn: executionArn(readPlace(row.place), row.machine, row.name),
    status: row.status,
    output: row.output,
    error: row.error && JSON.parse(row.error),
    owner: row.owner,
    input: JSON.parse(started.details.input.text),
    nextEventId: row.next_event_id,
    seqs: row.seqs,
    headSeq: row.head_seq,
    events,
  };
}

function journalOf({ bodies, first_event_ids }: ExecutionRow): JournalEvent[] {
  return bodies.flatMap((body, index) => decodeEvents(body, first_event_ids[index] ?? 0));
}

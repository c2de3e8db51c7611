/** The same calls on the model and on Postgres, and the rows of both in one form. */

import { type AppendEntry, appendBatch } from '../../../store/append.ts';
import type { Batch } from '../../../store/batch.ts';
import { type ClaimEntry, writeClaims } from '../../../store/claim.ts';
import type { NumberedAttempt } from '../../../store/claim-attempts.ts';
import { closeTokens } from '../../../store/close-tokens.ts';
import { connect } from '../../../store/database.ts';
import { openStore } from '../../../store/open.ts';
import { parkBatch } from '../../../store/park.ts';
import { redriveExecution } from '../../../store/redrive.ts';
import type { RetryPolicy } from '../../../store/retryable-errors.ts';
import { signalBatch } from '../../../store/signal.ts';
import { startBatch } from '../../../store/start.ts';
import { stopExecution } from '../../../store/stop.ts';
import type { Store } from '../../../store/store.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { PLACE } from '../../support/place.ts';
import { ModelDatabase } from './database.ts';
import { nameKey } from './tables.ts';

const MACHINE = 'machine';
const logger = createLogger('silent');

/** Calls name executions by their names and workers by their places in the order of registration. */
export class PostgresTwin {
  readonly model: ModelDatabase;
  readonly store: Store;
  readonly #connections: ReturnType<typeof connect>;
  readonly #retry: RetryPolicy;
  /** Of Postgres, by name. */
  #executionIds = new Map<string, string>();
  readonly #workerIds: { readonly model: string; readonly real: string }[] = [];
  #machine = { id: '', revisionRowId: '' };
  #now: number;

  private constructor(databaseUrl: string, store: Store, now: number) {
    this.#now = now;
    this.model = new ModelDatabase(() => this.#now);
    this.store = store;
    this.#connections = connect({ databaseUrl, poolSize: 2, logger });
    this.#retry = { deadlineMs: 0, signal: new AbortController().signal, clock: systemClock, logger };
  }

  /** @param now ms since 1970: later than Postgres was started, else it takes nobody for dead */
  static async open(databaseUrl: string, now: number): Promise<PostgresTwin> {
    const twin = new PostgresTwin(databaseUrl, await openStore({ databaseUrl, poolSize: 2, logger }), now);
    await twin.advance(0);
    const { machine } = await twin.store.stateMachines.create({
      ...{ place: PLACE, name: MACHINE, type: 'STANDARD', definition: '{}', roleArn: 'role' },
      ...{ loggingConfiguration: null, tracingConfiguration: null, encryptionConfiguration: null },
    });
    twin.#machine = machine;
    twin.model.createStateMachine(MACHINE, '{}');
    return twin;
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.#connections.database.destroy();
  }

  get now(): number {
    return this.#now;
  }

  /** Both clocks stand still between calls. */
  async advance(ms: number): Promise<void> {
    this.#now += ms;
    await this.#query(`create or replace function statehouse.now() returns timestamptz language sql stable
      as $$ select to_timestamp(${this.#now / 1000}::double precision) $$`);
  }

  machineOf(side: 'model' | 'real'): { stateMachineId: string; revisionRowId: string } {
    if (side === 'model') return { stateMachineId: '1', revisionRowId: '1' };
    return { stateMachineId: this.#machine.id, revisionRowId: this.#machine.revisionRowId };
  }

  executionId(side: 'model' | 'real', name: string): string {
    const ids =
      side === 'model' ? this.model.tables.names.get(nameKey('1', name)) : this.#executionIds.get(name);
    return ids ?? '999999';
  }

  workerId(side: 'model' | 'real', worker: number): string {
    return this.#workerIds[worker]?.[side] ?? '999999';
  }

  async register(): Promise<void> {
    const info = { hostname: 'test', pid: 1, version: '0' };
    const real = (await this.store.workers.register(info)).workerId;
    this.#workerIds.push({ model: this.model.register().workerId, real });
  }

  /** Calls on Postgres, batched and with ids of the caller's choice, as group commit makes them. */
  readonly real = {
    start: this.#batched(startBatch),
    claim: (entry: ClaimEntry, attempt: NumberedAttempt) =>
      writeClaims(this.#connections.database, [entry], attempt),
    append: this.#batched<AppendEntry, 'won' | 'lost'>(appendBatch),
    park: this.#batched(parkBatch),
    signal: this.#batched(signalBatch),
    closeTokens: (closing: Parameters<ModelDatabase['closeTokens']>[0]) =>
      closeTokens(this.#connections.database, this.#retry, closing),
    stop: (id: string, end: Parameters<ModelDatabase['stop']>[1]) =>
      stopExecution(this.#connections.database, this.#retry, id, end),
    redrive: (id: string, redrive: Parameters<ModelDatabase['redrive']>[1]) =>
      redriveExecution(this.#connections.database, this.#retry, id, redrive),
  };

  #batched<Entry, Outcome>(batch: Batch<Entry, Outcome>) {
    return async (entries: readonly Entry[]): Promise<readonly Outcome[]> => {
      const outcomes = await batch.write(this.#connections.database, entries);
      await this.#learnNames();
      return outcomes;
    };
  }

  async #learnNames(): Promise<void> {
    const rows = await this.#query<{ id: string; name: string }>(
      'select id, name from statehouse.executions',
    );
    this.#executionIds = new Map(rows.map(({ id, name }) => [name, id]));
  }

  /** In the order of the mailbox. */
  async realMailIds(): Promise<string[]> {
    return (await this.#query<{ id: string }>('select id from statehouse.mailbox order by id')).map(
      ({ id }) => id,
    );
  }

  async loseJobs(): Promise<void> {
    this.model.tables.jobs.clear();
    await this.#query('delete from graphile_worker._private_jobs');
  }

  /** The model suspects nobody. */
  async reconcile(timeoutMs: number): Promise<object> {
    const { deadWorkers, rescued } = await this.store.workers.reconcile(timeoutMs);
    await this.#query('delete from statehouse.suspects');
    return { deadWorkers, rescued };
  }

  async realRows(): Promise<object> {
    const [row] = await this.#query<{ rows: Record<string, unknown[]> }>(ROWS, [
      this.#workerIds.map(({ real }) => real),
    ]);
    const { mail = [], ...rows } = row?.rows ?? {};
    return { ...rows, mail: (mail as { body: string }[]).map(withReadBody) };
  }

  modelRows(): object {
    const { tables } = this.model;
    const nameOf = (id: string): string => tables.execution(id).name;
    const workerOf = (id: string | undefined): number | null =>
      id === undefined ? null : this.#workerIds.findIndex(({ model }) => model === id) + 1;
    const executions = [...tables.executions.values()];
    return {
      executions: executions.map((row) => ({
        ...{ name: row.name, status: row.status, owner: workerOf(row.owner), epoch: row.epoch },
        ...{ head: row.headSeq, next: row.nextEventId, signals: row.signals, redrives: row.redriveCount },
        wakeAt: Number.isFinite(row.wakeAt) ? row.wakeAt : null,
        ...{
          stoppedAt: row.stoppedAt ?? null,
          redrivenAt: row.redrivenAt ?? null,
          openMs: row.earlierOpenMs,
        },
        ...{ output: row.output ?? null, error: row.error ?? null, cause: row.cause ?? null },
      })),
      journal: executions.flatMap(({ id, name }) =>
        tables.journalOf(id).map(({ seq, firstEventId: first, body }) => ({ name, seq, first, body })),
      ),
      mail: tables.mailbox.map(({ executionId, kind, scheduledEventId: event, body }) =>
        withReadBody({ name: nameOf(executionId), kind, event, body }),
      ),
      tokens: sorted(
        [...tables.tokens].map(([token, row]) => ({
          ...{ token, name: nameOf(row.executionId), event: row.scheduledEventId },
        })),
        ({ token }) => token,
      ),
      children: sorted(
        tables.children.map(({ parentId, scheduledEventId: event, executionId, awaited, orphaned }) => ({
          ...{ parent: nameOf(parentId), event, name: nameOf(executionId), awaited, orphaned },
        })),
        ({ parent, event }) => `${parent} ${event}`,
      ),
      snapshots: sorted(
        [...tables.snapshots].map(([id, { seq }]) => ({ name: nameOf(id), seq })),
        ({ name }) => name,
      ),
      jobs: sorted(
        [...tables.jobs.values()].map(({ executionId }) => nameOf(executionId)),
        (name) => name,
      ),
      workers: [...tables.workers].map(([id, worker]) => ({ id: workerOf(id), ...worker })),
    };
  }

  async #query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#connections.pool.query<Row>(sql, values)).rows;
  }
}

function withReadBody<Row extends { readonly body: string }>(row: Row): object {
  return { ...row, body: JSON.parse(row.body) as unknown };
}

function sorted<Row>(rows: readonly Row[], key: (row: Row) => string): Row[] {
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** $1: the ids of workers, in the order of their registration. */
const ROWS = `
  with named as (select id, name from statehouse.executions)
  select json_build_object(
    'executions', coalesce((select json_agg(json_build_object('name', e.name, 'status', e.status,
      'owner', array_position($1::bigint[], e.owner), 'epoch', e.owner_epoch, 'head', e.head_seq, 'next', e.next_event_id,
      'signals', e.signals, 'redrives', e.redrive_count,
      'wakeAt', case when e.wake_at < 'infinity' then round(extract(epoch from e.wake_at) * 1000) end,
      'stoppedAt', round(extract(epoch from e.stopped_at) * 1000),
      'redrivenAt', round(extract(epoch from e.redriven_at) * 1000), 'openMs', round(e.earlier_open_ms),
      'output', e.output, 'error', e.error::json, 'cause', e.cause::json) order by e.id)
      from statehouse.executions e), '[]'),
    'journal', coalesce((select json_agg(json_build_object('name', n.name, 'seq', j.seq, 'first', j.first_event_id,
      'body', j.body) order by n.id, j.seq) from statehouse.journal j join named n on n.id = j.execution_id), '[]'),
    'mail', coalesce((select json_agg(json_build_object('name', n.name, 'kind', m.kind, 'event', m.scheduled_event_id,
      'body', m.body) order by m.id) from statehouse.mailbox m join named n on n.id = m.execution_id), '[]'),
    'tokens', coalesce((select json_agg(json_build_object('token', t.token, 'name', n.name, 'event', t.scheduled_event_id)
      order by t.token collate "C") from statehouse.task_tokens t join named n on n.id = t.execution_id), '[]'),
    'children', coalesce((select json_agg(json_build_object('parent', p.name, 'event', c.scheduled_event_id,
      'name', n.name, 'awaited', c.awaited, 'orphaned', c.orphaned)
      order by (p.name || ' ' || c.scheduled_event_id) collate "C")
      from statehouse.child_executions c join named p on p.id = c.parent_execution_id join named n on n.id = c.execution_id), '[]'),
    'snapshots', coalesce((select json_agg(json_build_object('name', n.name, 'seq', s.seq) order by n.name collate "C")
      from statehouse.snapshots s join named n on n.id = s.execution_id), '[]'),
    'jobs', coalesce((select json_agg(n.name order by n.name collate "C") from graphile_worker._private_jobs j
      join named n on n.id = (j.payload->>'executionId')::bigint), '[]'),
    'workers', coalesce((select json_agg(json_build_object('id', array_position($1::bigint[], w.id),
      'heartbeatAt', round(extract(epoch from w.heartbeat_at) * 1000), 'claimsRevoked', w.claims_revoked) order by w.id) from statehouse.workers w), '[]')
  ) as rows`;

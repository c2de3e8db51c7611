/** A store on a database of its own, and executions in the positions that tests are about. */
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { encodeEvents } from '../../runtime/execution/codec.ts';
import { abortedEvent, startedEvent } from '../../runtime/execution/lifecycle.ts';
import type { ActivityRecord } from '../../store/activity.ts';
import type { EncryptionKey } from '../../store/encryption.ts';
import type { NewExecution, StopEnd } from '../../store/execution.ts';
import type { Append, Claim } from '../../store/lease.ts';
import { openStore } from '../../store/open.ts';
import type { SqlTasksOptions } from '../../store/sql-task-sessions.ts';
import type { Store } from '../../store/store.ts';
import type { Tag } from '../../store/tag.ts';
import type { StoreTimeouts } from '../../store/timeouts.ts';
import { createLogger } from '../../telemetry/log.ts';
import { PLACE } from '../support/place.ts';
import { createTestDatabase } from '../support/test-database.ts';

export const logger = createLogger('silent');

/** A whole second, so that times survive every representation. */
export const NOON = Date.UTC(2026, 0, 15, 12);

export class StoreFixture {
  readonly url: string;
  readonly store: Store;
  readonly #pool: pg.Pool;
  readonly #opened: Store[] = [];
  #names = 0;

  constructor(url: string, store: Store) {
    this.url = url;
    this.store = store;
    this.#pool = new pg.Pool({ connectionString: url });
    // Dropping the database ends connections that are still on their way out.
    this.#pool.on('error', () => {});
  }

  /** Plain SQL on a connection beside the store's. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.#pool.query<Row>(sql, values)).rows;
  }

  /** A connection that can hold a transaction open; release it with its `release`. */
  session(): Promise<pg.PoolClient> {
    return this.#pool.connect();
  }

  /** Another process's store; with `now`, one for which the database's clock stands there. */
  async another(
    options: {
      url?: string;
      now?: number;
      encryptionKeys?: readonly EncryptionKey[] | undefined;
      timeouts?: Partial<StoreTimeouts>;
      sqlTasks?: SqlTasksOptions;
    } = {},
  ): Promise<Store> {
    const url = new URL(options.url ?? this.url);
    if (options.now !== undefined)
      url.searchParams.set('options', `-c statehouse.now=${new Date(options.now).toISOString()}`);
    const { encryptionKeys, timeouts = {}, sqlTasks } = options;
    const store = await openStore({
      databaseUrl: url.href,
      poolSize: 5,
      encryptionKeys,
      timeouts,
      sqlTasks,
      logger,
    });
    this.#opened.push(store);
    return store;
  }

  async worker(): Promise<string> {
    return (await this.store.workers.register({ hostname: 'test', pid: 1, version: '0' })).workerId;
  }

  /** A new state machine and what an execution of it starts with. */
  async machine(name = `machine-${++this.#names}`, tags: readonly Tag[] = []) {
    const { machine } = await this.store.stateMachines.create({
      place: PLACE,
      name,
      type: 'STANDARD',
      definition: '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}',
      roleArn: 'arn:aws:iam::000000000000:role/test',
      loggingConfiguration: undefined,
      tracingConfiguration: undefined,
      encryptionConfiguration: undefined,
      tags,
    });
    return machine;
  }

  async newExecution(overrides: Partial<NewExecution> = {}): Promise<NewExecution> {
    const { id, revisionRowId } =
      overrides.stateMachineId === undefined
        ? await this.machine()
        : { id: overrides.stateMachineId, revisionRowId: overrides.revisionRowId ?? '0' };
    const { input = '{"a":1}', startedAt = NOON } = overrides;
    return {
      stateMachineId: id,
      revisionRowId,
      name: `execution-${++this.#names}`,
      input,
      startedAt,
      body: startBody(input, startedAt),
      traceHeader: undefined,
      ...overrides,
    };
  }

  /** @returns the id of an execution that has just been started and that nobody owns */
  async started(overrides: Partial<NewExecution> = {}): Promise<string> {
    const outcome = await this.store.executions.start(await this.newExecution(overrides));
    if (outcome.kind !== 'started') throw new Error(`not started: ${outcome.kind}`);
    return outcome.executionId;
  }

  async claim(executionId: string, workerId: string): Promise<Claim> {
    const claim = await this.store.leases.claim(executionId, workerId);
    if (!claim) throw new Error(`execution ${executionId} cannot be claimed`);
    return claim;
  }

  /** A started execution in the hands of a worker. */
  async owned(): Promise<{ executionId: string; workerId: string; claim: Claim }> {
    const workerId = await this.worker();
    const executionId = await this.started();
    return { executionId, workerId, claim: await this.claim(executionId, workerId) };
  }

  /** An execution that waits for a task token, parked. */
  async parkedOnToken(token: string): Promise<{ executionId: string; workerId: string }> {
    const { executionId, workerId, claim } = await this.owned();
    const openTokens = [{ token, scheduledEventId: claim.nextEventId }];
    if ((await this.store.leases.append(appendTo(claim, { openTokens }))) !== 'won') throw new Error('lost');
    const park = { executionId, epoch: claim.epoch, signals: 0, wakeAt: null, snapshot: undefined };
    if (!(await this.store.leases.park(park))) throw new Error('not parked');
    return { executionId, workerId };
  }

  /** A new activity. */
  async activity(name = `activity-${++this.#names}`): Promise<ActivityRecord> {
    const encryptionConfiguration = { type: 'AWS_OWNED_KEY' };
    return (await this.store.activities.create({ place: PLACE, name, encryptionConfiguration })).activity;
  }

  /** An execution in a worker's hands that has offered a task of an activity under each of these tokens. */
  async offering(
    activityId: string,
    ...tokens: string[]
  ): Promise<{ executionId: string; workerId: string; claim: Claim }> {
    const { executionId, workerId, claim } = await this.owned();
    const openTokens = tokens.map((token, index) => ({
      token,
      scheduledEventId: index + 2,
      activityTask: { activityId, input: `{"of":"${token}"}`, trace: undefined },
    }));
    await this.store.leases.append(appendTo(claim, { openTokens }));
    const next = { ...claim, headSeq: claim.headSeq + 1, nextEventId: claim.nextEventId + 1 };
    return { executionId, workerId, claim: next };
  }

  /** Executions that jobs exist for, one entry a job. */
  async jobs(): Promise<string[]> {
    const rows = await this.query<{ id: string }>(
      `select payload->>'executionId' as id from graphile_worker._private_jobs order by id`,
    );
    return rows.map((row) => row.id);
  }

  async deleteJobs(): Promise<void> {
    await this.query('delete from graphile_worker._private_jobs');
  }

  /** The execution's row as it is in the database. */
  async row(executionId: string): Promise<Record<string, unknown>> {
    const [row] = await this.query('select * from statehouse.executions where id = $1', [executionId]);
    if (!row) throw new Error(`no execution ${executionId}`);
    return row;
  }

  async journal(executionId: string): Promise<number[]> {
    const rows = await this.query<{ seq: number }>(
      'select seq from statehouse.journal where execution_id = $1 order by seq',
      [executionId],
    );
    return rows.map((row) => row.seq);
  }

  /** Resolves once Postgres reports a session that waits for a lock of `session`. */
  untilBlockedBy(session: pg.PoolClient): Promise<void> {
    return this.#untilWaiting(session, (count) => count > 0);
  }

  /** Resolves once none waits any more. */
  untilBlockedByNobody(session: pg.PoolClient): Promise<void> {
    return this.#untilWaiting(session, (count) => count === 0);
  }

  async #untilWaiting(session: pg.PoolClient, isEnough: (count: number) => boolean): Promise<void> {
    const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
    for (;;) {
      const waiting = await this.query(
        'select pid from pg_stat_activity where $1 = any (pg_blocking_pids(pid))',
        [rows[0]?.pid],
      );
      if (isEnough(waiting.length)) return;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.store, ...this.#opened].map((store) => store.close()));
    await this.#pool.end();
  }
}

/** One database for all tests of a file. */
export function useStore(): () => StoreFixture {
  let fixture: StoreFixture;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await createTestDatabase();
    drop = database.drop;
    const store = await openStore({ databaseUrl: database.url, poolSize: 10, logger });
    fixture = new StoreFixture(database.url, store);
  });
  afterAll(async () => {
    await fixture.close();
    await drop();
  });
  return () => fixture;
}

/** Journal row 1. */
export function startBody(input: string, time: number): string {
  const identity = {
    executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:execution',
    executionName: 'execution',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
    stateMachineName: 'machine',
    region: 'us-east-1',
    secret: 'secret',
  };
  const roleArn = 'arn:aws:iam::000000000000:role/test';
  return encodeEvents([
    startedEvent({ identity, roleArn, input, time, startAt: 'A', timeoutSeconds: undefined }),
  ]);
}

/** The next journal row of a claimed execution, with one event. */
export function appendTo(claim: Claim, overrides: Partial<Append> = {}): Append {
  return {
    executionId: claim.executionId,
    epoch: claim.epoch,
    seq: claim.headSeq + 1,
    firstEventId: claim.nextEventId,
    nextEventId: claim.nextEventId + 1,
    body: JSON.stringify([{ type: 'PassStateEntered', time: NOON, details: { name: 'A' } }]),
    mail: [],
    openTokens: [],
    closedTokens: [],
    children: [],
    leftChildren: [],
    end: undefined,
    ...overrides,
  };
}

export const SUCCEEDED = {
  status: 'SUCCEEDED',
  stoppedAt: NOON + 1000,
  output: '{"b":2}',
  error: undefined,
  cause: undefined,
} as const;

export function stopWith(error?: string, cause?: string): StopEnd {
  const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
  return {
    status: 'ABORTED',
    error,
    cause,
    body: (eventId, time) => encodeEvents([abortedEvent(eventId, time, failure)]),
  };
}

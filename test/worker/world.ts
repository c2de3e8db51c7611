/** A database of its own, workers on it, and tasks whose answers a test gives. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import type { TaskCall, TaskIntegration, TaskResult } from '../../integrations/integration.ts';
import { PostgresIntegration } from '../../integrations/postgres/postgres-integration.ts';
import { StatesIntegration } from '../../integrations/states/states-integration.ts';
import { stateMachineArn } from '../../runtime/execution/arn.ts';
import {
  decodeEvents,
  type ExecutionLimits,
  encodeEvents,
  type JournalEvent,
  type MachineType,
  PORTABLE_LIMITS,
  parseDefinition,
  startedEvent,
} from '../../runtime/index.ts';
import type { TaskResource } from '../../runtime/machine/resource.ts';
import type { ExecutionRecord } from '../../store/execution.ts';
import { openStore } from '../../store/open.ts';
import type { StateMachineChange, StateMachineRecord } from '../../store/state-machine.ts';
import type { Store } from '../../store/store.ts';
import { createWorker, type Worker, type WorkerOptions } from '../../worker/worker.ts';
import { PLACE } from '../support/place.ts';
import { sqlTasksUrl } from '../support/sql-task-role.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

// Tests here wait for events of a real database, which other tests keep busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

export const silent = pino({ level: process.env.LOG_LEVEL ?? 'silent' });

export type Answer = TaskResult | Promise<TaskResult>;
export type Handler = (call: TaskCall, attempt: number) => Answer;

export function succeed(value: unknown): TaskResult {
  return { kind: 'succeeded', output: JSON.stringify(value) };
}

export function fail(error: string, cause = ''): TaskResult {
  return { kind: 'failed', failure: { error, cause } };
}

/** A Task's Resource that {@link Tasks} serves. */
export function functionArn(name: string): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
}

/** Lambda functions that answer as the test tells; it remembers every call. */
export class Tasks implements TaskIntegration {
  readonly name = 'test';
  readonly recovery = 'unknown';
  /** Idempotency keys in the order in which calls came. */
  readonly received: string[] = [];
  /** Those of calls that were cancelled. */
  readonly aborted: string[] = [];
  readonly #handlers: Readonly<Record<string, Handler>>;
  readonly #attempts = new Map<string, number>();
  readonly #called = new Map<string, PromiseWithResolvers<TaskCall>>();

  constructor(handlers: Readonly<Record<string, Handler>>) {
    this.#handlers = handlers;
  }

  serves(resource: TaskResource): boolean {
    return this.#handlers[nameOf(resource)] !== undefined;
  }

  find(resource: TaskResource): TaskIntegration | undefined {
    return this.serves(resource) ? this : undefined;
  }

  lost(): { error: string; cause: string } {
    return { error: 'Lambda.SdkClientException', cause: 'lost' };
  }

  async invoke(call: TaskCall): Promise<TaskResult> {
    const name = nameOf(call.resource);
    this.received.push(call.idempotencyKey);
    call.signal.addEventListener('abort', () => this.aborted.push(call.idempotencyKey));
    this.#calledFor(name).resolve(call);
    const state = `${call.executionArn}/${call.stateName}`;
    const attempt = (this.#attempts.get(state) ?? 0) + 1;
    this.#attempts.set(state, attempt);
    return (await this.#handlers[name]?.(call, attempt)) ?? fail('NoHandler');
  }

  /** Resolves with the first call of a function. */
  called(name: string): Promise<TaskCall> {
    return this.#calledFor(name).promise;
  }

  async close(): Promise<void> {}

  #calledFor(name: string): PromiseWithResolvers<TaskCall> {
    const called = this.#called.get(name) ?? Promise.withResolvers<TaskCall>();
    this.#called.set(name, called);
    return called;
  }
}

function nameOf(resource: TaskResource): string {
  return resource.arn.split(':').at(-1) as string;
}

export interface World {
  readonly databaseUrl: string;
  readonly store: Store;
  readonly tasks: Tasks;
  readonly states: StatesIntegration;
  /** A worker that is ready to claim; it stops with the test. */
  worker(options?: Partial<WorkerOptions>): Promise<Worker>;
  /** @returns the ARN of a state machine that has no executions yet */
  stateMachine(definition: object, type?: MachineType): Promise<string>;
  /** @returns the execution's id */
  start(
    definition: object,
    input?: unknown,
    limits?: ExecutionLimits,
    settings?: StateMachineChange,
  ): Promise<string>;
  record(executionId: string): Promise<ExecutionRecord>;
  /** Resolves when the execution is closed. @throws Error after 20 seconds */
  ended(executionId: string): Promise<ExecutionRecord>;
  journal(executionId: string): Promise<JournalEvent[]>;
  /** Moves the database's time on; workers learn of it with their next heartbeat. */
  advance(seconds: number): Promise<void>;
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** Everything in it goes when the test is over. @param inDatabase another one than a new one of the test server */
export async function createWorld(
  handlers: Readonly<Record<string, Handler>> = {},
  inDatabase?: TestDatabase,
): Promise<World> {
  const database = inDatabase ?? (await createTestDatabase());
  onTestFinished(() => database.drop());
  const store = await openStore({
    databaseUrl: database.url,
    sqlTasks: { url: sqlTasksUrl(database.url), poolSize: 4 },
    poolSize: 6,
    logger: silent,
  });
  onTestFinished(() => store.close());
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  const tasks = new Tasks(handlers);
  let ahead = 0;
  const names = new Map<string, { machine: string; execution: string }>();

  async function record(executionId: string): Promise<ExecutionRecord> {
    const { machine, execution } = names.get(executionId) ?? { machine: '', execution: '' };
    const found = await store.executions.find(PLACE, machine, execution);
    if (found === undefined) throw new Error(`There is no execution ${executionId}`);
    return found;
  }

  const states = new StatesIntegration({
    store: () => store,
    ceilings: PORTABLE_LIMITS,
    traceSampler: undefined,
  });
  const postgres = new PostgresIntegration({ store: () => store, ceilings: PORTABLE_LIMITS });
  const integrations: WorkerOptions['integrations'] = {
    find: (resource) =>
      [states, postgres].find((integration) => integration.serves(resource)) ?? tasks.find(resource),
  };

  async function create(
    definition: object,
    type: MachineType = 'STANDARD',
    settings: StateMachineChange = {},
  ): Promise<StateMachineRecord> {
    const { machine } = await store.stateMachines.create({
      place: PLACE,
      name: `machine-${randomBytes(6).toString('hex')}`,
      type,
      definition: JSON.stringify(definition),
      roleArn: 'arn:aws:iam::000000000000:role/test',
      loggingConfiguration: null,
      tracingConfiguration: null,
      encryptionConfiguration: null,
      ...settings,
    });
    return machine;
  }

  return {
    databaseUrl: database.url,
    store,
    tasks,
    states,
    record,
    async worker(options = {}) {
      const worker = createWorker({
        store,
        databaseUrl: database.url,
        integrations,
        graceSeconds: 0,
        workerTimeoutSeconds: 30,
        logRetentionDays: 30,
        logger: silent,
        ...options,
      });
      onTestFinished(() => worker.stop());
      await worker.start();
      return worker;
    },
    async stateMachine(definition, type) {
      return stateMachineArn(PLACE, (await create(definition, type)).name);
    },
    async start(definition, input = {}, limits, settings) {
      const parsed = parseDefinition(JSON.stringify(definition), 'STANDARD');
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
      const machine = await create(definition, 'STANDARD', settings);
      const stateMachineName = machine.name;
      const name = 'run';
      const [{ now } = { now: 0 }] = await query<{ now: number }>(
        'select floor(extract(epoch from statehouse.now()) * 1000)::float8 as now',
      );
      const event = startedEvent({
        identity: {
          executionArn: `arn:aws:states:us-east-1:000000000000:execution:${stateMachineName}:${name}`,
          executionName: name,
          stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${stateMachineName}`,
          stateMachineName,
          region: 'us-east-1',
          secret: randomBytes(32).toString('base64url'),
        },
        roleArn: machine.roleArn,
        input: JSON.stringify(input),
        time: now,
        startAt: parsed.machine.startAt,
        timeoutSeconds: parsed.machine.timeoutSeconds,
        limits,
      });
      const outcome = await store.executions.start({
        stateMachineId: machine.id,
        revisionRowId: machine.revisionRowId,
        name,
        input: JSON.stringify(input),
        startedAt: now,
        body: encodeEvents([event]),
        traceHeader: undefined,
      });
      if (outcome.kind !== 'started') throw new Error(`Not started: ${outcome.kind}`);
      names.set(outcome.executionId, { machine: stateMachineName, execution: name });
      return outcome.executionId;
    },
    async ended(executionId) {
      await store.executions.waitForEnd(executionId, 20_000);
      const found = await record(executionId);
      if (found.status === 'RUNNING') throw new Error(`Execution ${executionId} does not end`);
      return found;
    },
    async journal(executionId) {
      const rows = await store.executions.journal(executionId, { from: 1, to: 2 ** 31 - 1 });
      return rows.flatMap(({ body, firstEventId }) => decodeEvents(body, firstEventId));
    },
    // The function itself is replaced: a session's setting would stand still, and open connections keep theirs.
    async advance(seconds) {
      ahead += seconds;
      await query(`create or replace function statehouse.now() returns timestamptz language sql stable
        as $$ select clock_timestamp() + interval '${ahead} seconds' $$`);
    },
    sql: query,
  };

  async function query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await pool.query<Row>(text, values)).rows;
  }
}

/** Scheduled attempts of a journal, as idempotency keys. */
export function attemptsOf(journal: readonly JournalEvent[]): string[] {
  const [first] = journal;
  const arn = first?.type === 'ExecutionStarted' ? first.private.identity.executionArn : '';
  return journal
    .filter(({ type }) => type.endsWith('Scheduled') && type !== 'RetryScheduled')
    .map(({ id }) => `${arn}#${id}`);
}

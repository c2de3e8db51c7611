/** An API on a database of its own, and a client that holds each answer against the service model. */
import pg from 'pg';
import { expect } from 'vitest';
import type { AccountLimits } from '../../api/account-quotas.ts';
import { type Api, type ApiOptions, createApi } from '../../api/api.ts';
import { deserialize } from '../../api/model/deserialize.ts';
import { OPERATIONS } from '../../api/model/service-model.ts';
import type { OperationName, Output } from '../../api/model/shapes.ts';
import type { Timeouts } from '../../api/timeouts.ts';
import type { LogGroups } from '../../integrations/logs/log-groups.ts';
import type { Integrations } from '../../integrations/registry.ts';
import { type ExecutionLimits, PORTABLE_LIMITS } from '../../runtime/index.ts';
import { readEncryptionKeys } from '../../store/encryption.ts';
import { openStore } from '../../store/open.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { ExecutionWatcher } from '../../telemetry/execution-watch.ts';
import { createLogger, type Logger } from '../../telemetry/log.ts';
import type { TraceSampler } from '../../telemetry/traces/trace-sampler.ts';
import { PLACE } from '../support/place.ts';
import { sqlTasksUrl } from '../support/sql-task-role.ts';
import { createTestDatabase } from '../support/test-database.ts';

export const ROLE_ARN = 'arn:aws:iam::000000000000:role/statehouse';

export interface TestApi {
  readonly api: Api;
  readonly store: Store;
  readonly databaseUrl: string;
  /** Plain SQL on a connection beside the store's. */
  query(sql: string, values: unknown[]): Promise<void>;
  /** Fails unless the answer is a success of the operation's shape. */
  call<Name extends OperationName>(operation: Name, input?: object): Promise<Output<Name>>;
  /** Fails unless the answer is an error. */
  fail(operation: string, input?: object): Promise<Failure>;
  close(): Promise<void>;
}

export interface Failure {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly reason?: string;
}

export interface TestApiOptions {
  readonly now?: () => number;
  readonly random?: () => number;
  readonly logger?: Logger;
  readonly ceilings?: ExecutionLimits;
  readonly integrations?: Integrations;
  readonly logGroups?: LogGroups;
  readonly isThrottled?: boolean;
  readonly accountLimits?: AccountLimits;
  readonly maxConcurrentRequests?: number;
  readonly bodiesBytesMax?: number;
  readonly maxSyncExecutions?: number;
  readonly timeouts?: Partial<Timeouts>;
  readonly clock?: Clock;
  readonly metrics?: ApiOptions['metrics'];
  readonly traceSampler?: TraceSampler;
  readonly watcher?: ExecutionWatcher;
  readonly auth?: 'none' | 'sigv4';
  readonly hasSqlTasks?: boolean;
}

export const ENCRYPTION_KEYS = readEncryptionKeys('00'.repeat(32));

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const logger = options.logger ?? createLogger('silent');
  const database = await createTestDatabase();
  const store = await openStore({
    databaseUrl: database.url,
    poolSize: 3,
    encryptionKeys: ENCRYPTION_KEYS,
    sqlTasks: options.hasSqlTasks ? { url: sqlTasksUrl(database.url), poolSize: 2 } : undefined,
    logger,
  });
  const ceilings = options.ceilings ?? PORTABLE_LIMITS;
  const { auth, now, random, integrations, maxConcurrentRequests, timeouts, clock, metrics } = options;
  const api = createApi({
    store,
    place: PLACE,
    auth,
    ceilings,
    logger,
    maxConcurrentRequests,
    bodiesBytesMax: options.bodiesBytesMax,
    traceSampler: options.traceSampler,
    watcher: options.watcher,
    maxSyncExecutions: options.maxSyncExecutions,
    logGroups: options.logGroups,
    isThrottled: options.isThrottled,
    accountLimits: options.accountLimits,
    ...(timeouts && { timeouts }),
    ...(now && { now }),
    ...(random && { random }),
    ...(clock && { clock }),
    ...(metrics && { metrics }),
    ...(integrations && { integrations }),
  });
  return {
    api,
    store,
    databaseUrl: database.url,
    async query(sql, values) {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(sql, values).finally(() => client.end());
    },
    call: (operation, input = {}) => call(api, operation, input),
    fail: (operation, input = {}) => fail(api, operation, input),
    async close() {
      await api.close();
      await store.close();
      await database.drop();
    },
  };
}

export function post(
  api: Api,
  operation: string,
  payload: string | Buffer,
  headers: Record<string, string> = {},
) {
  return api.inject({
    method: 'POST',
    url: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AWSStepFunctions.${operation}`,
      ...headers,
    },
    payload,
  });
}

async function call<Name extends OperationName>(
  api: Api,
  operation: Name,
  input: object,
): Promise<Output<Name>> {
  const response = await post(api, operation, JSON.stringify(input));
  expect(response.statusCode, response.payload).toBe(200);
  const answer: unknown = JSON.parse(response.payload);
  // Members that the model does not know would be missing from the second.
  expect(answer).toEqual(deserialize(answer, OPERATIONS[operation].output));
  return answer as Output<Name>;
}

async function fail(api: Api, operation: string, input: object): Promise<Failure> {
  const response = await post(api, operation, JSON.stringify(input));
  expect(response.statusCode, response.payload).not.toBe(200);
  const { __type, message, reason } = JSON.parse(response.payload) as Record<string, string>;
  return {
    status: response.statusCode,
    type: __type ?? '',
    message: message ?? '',
    ...(reason !== undefined && { reason }),
  };
}

export const PASS_DEFINITION = JSON.stringify({
  StartAt: 'Greet',
  States: { Greet: { Type: 'Pass', Result: 'hello', End: true } },
});

/** A machine that waits for ever, so that its executions stay open. */
export const WAIT_DEFINITION = JSON.stringify({
  StartAt: 'Linger',
  States: { Linger: { Type: 'Wait', Seconds: 99_999_999, End: true } },
});

/** @returns the ARN of a new state machine */
export async function createMachine(
  test: TestApi,
  name: string,
  definition = PASS_DEFINITION,
): Promise<string> {
  return (await test.call('CreateStateMachine', { name, definition, roleArn: ROLE_ARN })).stateMachineArn;
}

/** @returns the ARN of a new execution */
export async function start(test: TestApi, stateMachineArn: string, input: object = {}): Promise<string> {
  return (await test.call('StartExecution', { stateMachineArn, ...input })).executionArn;
}

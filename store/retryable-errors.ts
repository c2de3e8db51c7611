/** Which database errors pass by themselves, and the one place that waits for them to pass. */
import { type Clock, pause } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/log.ts';

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const RETRYABLE_SQLSTATES: ReadonlySet<string> = new Set([
  // The transaction met another one: nothing of it has happened.
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: it took longer than a statement may, or an operator ended it
  // The server has run out of something, until others give it back or an operator looks after it.
  '53000', // insufficient_resources
  '53100', // disk_full
  '53200', // out_of_memory
  '53300', // too_many_connections
  '53400', // configuration_limit_exceeded
  // The connection or the server went away: what was sent may or may not have happened.
  '08000', // connection_exception
  '08001', // sqlclient_unable_to_establish_sqlconnection
  '08003', // connection_does_not_exist
  '08004', // sqlserver_rejected_establishment_of_sqlconnection
  '08006', // connection_failure
  '25006', // read_only_sql_transaction: a standby that was the primary before a failover
  '25P03', // idle_in_transaction_session_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);

const RETRYABLE_SYSTEM_ERRORS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // the Unix socket of a server that is down
  'EPIPE',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_DESTROYED', // a query on a connection that broke a moment ago
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
]);

/**
 * Of a connection that was refused (FATAL): its database takes none for now. As an ordinary error it means that a
 * statement was out of place.
 */
const OBJECT_NOT_IN_PREREQUISITE_STATE = '55000';

/** A migration has replaced a function after Postgres had looked up the one before. */
const REPLACED_MESSAGE = /^cache lookup failed for function \d+$/;

/** A newer version has taken away what this one calls: undefined_function, undefined_column, undefined_table. */
const MISSING_SQLSTATES: ReadonlySet<unknown> = new Set(['42883', '42703', '42P01']);

/** pg's own errors about connections have no code. */
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed) and is not queryable|Received unexpected \w+ message from backend)/;

/** True when the same call may succeed later without anybody changing it. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isRetryable);
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return CONNECTION_MESSAGE.test(error.message);
  if (code === OBJECT_NOT_IN_PREREQUISITE_STATE) return 'severity' in error && error.severity === 'FATAL';
  return (
    RETRYABLE_SQLSTATES.has(code) || RETRYABLE_SYSTEM_ERRORS.has(code) || REPLACED_MESSAGE.test(error.message)
  );
}

/** The connection was not made, so that nothing was sent on it. */
const UNCONNECTED: ReadonlySet<string> = new Set([
  '08001', // sqlclient_unable_to_establish_sqlconnection
  '08004', // sqlserver_rejected_establishment_of_sqlconnection
  '53300', // too_many_connections
  '57P03', // cannot_connect_now
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);
const UNCONNECTED_MESSAGE = 'timeout exceeded when trying to connect';

/** True when nothing of the call can have happened: Postgres has refused it, or was not reached. */
export function isWithoutEffect(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isWithoutEffect);
  if (!(error instanceof Error)) return false;
  if ('severity' in error && error.severity === 'ERROR') return true;
  return 'code' in error && typeof error.code === 'string'
    ? UNCONNECTED.has(error.code)
    : error.message === UNCONNECTED_MESSAGE;
}

/** True when the schema of the database is not that of this program. */
export function isOfOtherSchema(error: unknown): boolean {
  return error instanceof Error && 'code' in error && MISSING_SQLSTATES.has(error.code);
}

export interface RetryPolicy {
  /** After this long a retryable error is thrown as well. */
  readonly deadlineMs: number;
  /** Aborted: the attempt under way is the last. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Call = (...input: never[]) => Promise<unknown>;
type CallsOf<Store> = { [Name in keyof Store]: Store[Name] extends Call ? Name : never }[keyof Store];

/** The store, but its calls of these names, which only read, are made again while the database fails for a moment. */
export function retryingReads<Store extends object>(
  policy: RetryPolicy,
  store: Store,
  names: readonly CallsOf<Store>[],
): Store {
  const reads = names.map((name): [PropertyKey, Call] => {
    const read = store[name] as Call;
    return [name, (...input) => retrying(policy, () => read(...input))];
  });
  return { ...store, ...Object.fromEntries(reads) };
}

const FIRST_DELAY_MS = 10;
const LONGEST_DELAY_MS = 1000;

/**
 * Runs `attempt` until it succeeds. It must be safe to run again after it has had its effect: the answer to a
 * COMMIT may be lost.
 * @throws what `attempt` throws, when it is not retryable or the deadline is over
 */
export async function retrying<T>(policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  const { clock, signal } = policy;
  const deadline = clock.monotonic() + policy.deadlineMs;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isRetryable(error) || signal.aborted || clock.monotonic() + delay > deadline) throw error;
      policy.logger.warn({ err: error, delayMs: delay }, 'database call failed, trying again');
      // Jitter, so that two calls that deadlocked do not meet again.
      await pause(clock, delay * (0.5 + Math.random() / 2), signal);
    }
  }
}

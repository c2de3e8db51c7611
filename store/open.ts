import type pg from 'pg';
import { systemClock, within } from '../telemetry/clock.ts';
import { type Metrics, NO_METRICS } from '../telemetry/metrics/metrics.ts';
import { activityStore } from './activities.ts';
import { aliasStore } from './aliases.ts';
import { keyStore } from './api-keys.ts';
import { takeCensus } from './census.ts';
import { slotStore } from './concurrency-caps.ts';
import { type ConnectionOptions, connect } from './database.ts';
import type { EncryptionKey } from './encryption.ts';
import { EndWatch } from './end-watch.ts';
import { executionLogStore } from './execution-logs.ts';
import { executionStore } from './executions.ts';
import { expressStore } from './express.ts';
import { observeInstallation } from './installation-metrics.ts';
import { leaseStore } from './leases.ts';
import { mapRunStore } from './map-runs.ts';
import { observePool } from './pool-metrics.ts';
import { retentionStore } from './retention.ts';
import { type RetryPolicy, retryingReads } from './retryable-errors.ts';
import { schemaProblem } from './schema-version.ts';
import { secretStore } from './secrets.ts';
import type { SqlTasksOptions } from './sql-task-sessions.ts';
import { SqlTasks } from './sql-tasks.ts';
import { stateMachineStore } from './state-machines.ts';
import type { Store } from './store.ts';
import { suspectStore } from './suspects.ts';
import { tagStore } from './tags.ts';
import { STORE_TIMEOUTS } from './timeouts.ts';
import { versionStore } from './versions.ts';
import { workerStore } from './workers.ts';

/** `poolSize`: connections, at most; listening for news takes one more each. */
export interface StoreOptions extends ConnectionOptions {
  /** What API keys are encrypted under; none: they can neither be made nor used. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
  /** Undefined: SQL of definitions is not run. */
  readonly sqlTasks?: SqlTasksOptions | undefined;
  readonly metrics?: Metrics;
}

/** Of reads: whoever asks can ask again, but a connection that broke while it was idle need not be their business. */
const READ_DEADLINE_MS = 3000;

/** Opens the store. Connects when first asked something: {@link Store.check} tells whether that works. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { logger, metrics = NO_METRICS } = options;
  const { retryMs, silenceMs, readinessMs } = { ...STORE_TIMEOUTS, ...options.timeouts };
  const connections = connect(options);
  const { database, pool } = connections;
  const closing = new AbortController();
  observePool(metrics, pool);
  observeInstallation(metrics, () => takeCensus(database), systemClock, closing.signal);
  const retry: RetryPolicy = {
    deadlineMs: retryMs,
    signal: closing.signal,
    clock: systemClock,
    logger,
  };
  const retryReads: RetryPolicy = { ...retry, deadlineMs: READ_DEADLINE_MS };
  // Of what has been done and would be done again, or lost. Nobody waits for the answer, so a statement that has taken as long as
  // it may is made again as well.
  const retryResults: RetryPolicy = { ...retry, deadlineMs: retryMs + silenceMs };
  const endWatch = new EndWatch(database, logger);
  const executions = executionStore(database, { retry, retryReads }, endWatch, metrics);
  const leases = leaseStore(database, { retry, retryResults }, metrics);
  const activities = activityStore(connections, retry, metrics, logger);
  const express = expressStore(database, { retry, retryResults }, metrics);
  const secrets = retryingReads(retryReads, secretStore(database), ['get']);
  const sqlTasks =
    options.sqlTasks && new SqlTasks(options.sqlTasks, { database, retry, secrets, metrics, logger });
  return {
    stateMachines: retryingReads(retryReads, stateMachineStore(database), [
      'find',
      'startRecord',
      'revision',
      'count',
      'list',
    ]),
    versions: retryingReads(retryReads, versionStore(database), ['find', 'list']),
    aliases: retryingReads(retryReads, aliasStore(database), ['find', 'list']),
    activities: retryingReads(retryReads, activities, ['count', 'find', 'list']),
    tags: tagStore(database),
    executions: retryingReads(retryReads, executions, ['countOpen', 'children', 'list', 'journal']),
    mapRuns: retryingReads(retryReads, mapRunStore(database), ['find', 'list']),
    logs: retryingReads(retryReads, executionLogStore(database, retry), ['read']),
    leases: retryingReads(retryReads, leases, ['snapshot', 'rows']),
    express,
    workers: workerStore(connections, logger),
    slots: slotStore(database),
    suspects: suspectStore(database),
    retention: retentionStore(database),
    secrets,
    sqlTasks,
    apiKeys: retryingReads(retryReads, keyStore(database, options.encryptionKeys ?? []), ['find', 'list']),
    check: (withinMs = readinessMs) =>
      within(systemClock, withinMs, readinessProblem(pool)).catch(
        (error: Error) => `the database does not answer: ${error.message}`,
      ),
    close: async () => {
      closing.abort();
      connections.hurry();
      await Promise.all([
        executions.drain(),
        leases.drain(),
        activities.drain(),
        express.drain(),
        endWatch.close(),
        sqlTasks?.close(),
      ]);
      await connections.end();
    },
  };
}

async function readinessProblem(pool: pg.Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ is: string }>("select current_setting('transaction_read_only') as is");
  if (rows[0]?.is === 'on') return 'the database is read-only: a standby, or set to be';
  return schemaProblem(pool);
}

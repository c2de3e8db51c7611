import { Command, Option } from 'commander';
import { layFoundation } from '../../process/foundation.ts';
import { reportToParent } from '../../process/isolated-process.ts';
import type { Teardown } from '../../process/teardown.ts';
import { startWatchdog } from '../../process/watchdog.ts';
import { createLogger, type Logger } from '../../telemetry/log.ts';
import { serveMonitoring } from '../../worker/monitoring.ts';
import { createWorker, type SuspectHandling } from '../../worker/worker.ts';
import {
  type Config,
  readConfig,
  requireDatabaseUrl,
  requireDirectDatabaseUrl,
  sqlTasksOf,
  workerTimeoutMsOf,
} from '../config.ts';
import { openCurrentStore } from '../current-store.ts';
import { foundationOptions } from '../foundation-options.ts';
import { isolatedWorker, ONLY_SUSPECTS } from '../isolated-worker.ts';
import { runRole } from '../run-role.ts';

/** The event loop may stand still for so many times the time after which others take this worker for dead. */
const WATCHDOG_TIMEOUTS = 3;

interface WorkerFlags {
  readonly functions?: string;
  readonly onlySuspects?: boolean;
}

export function workerCommand(): Command {
  return new Command('worker')
    .description('run executions (needs DATABASE_URL)')
    .addOption(
      new Option(
        '--functions <path>',
        'function map: a directory or a JSON file (default: STATEHOUSE_FUNCTIONS)',
      ),
    )
    .addOption(new Option(ONLY_SUSPECTS).hideHelp())
    .action(async ({ functions, onlySuspects = false }: WorkerFlags) => {
      const config = readConfig({
        ...process.env,
        ...(functions !== undefined && { STATEHOUSE_FUNCTIONS: functions }),
      });
      const logger = createLogger(config.LOG_LEVEL);
      await runRole('worker', logger, (teardown) => startWorker(config, onlySuspects, teardown, logger));
    });
}

async function startWorker(
  config: Config,
  onlySuspects: boolean,
  teardown: Teardown,
  logger: Logger,
): Promise<void> {
  const databaseUrl = requireDatabaseUrl(config);
  if (onlySuspects) reportToParent(workerTimeoutMsOf(config), stopThisProcess);
  else teardown.add(startWatchdog(WATCHDOG_TIMEOUTS * workerTimeoutMsOf(config)));
  const options = foundationOptions('worker', config, logger);
  const { store, integrations, telemetry, processMetrics } = await layFoundation(
    options,
    teardown,
    (metrics) =>
      openCurrentStore({
        databaseUrl,
        directDatabaseUrl: config.STATEHOUSE_DIRECT_DATABASE_URL,
        poolSize: config.STATEHOUSE_POOL_SIZE,
        sqlTasks: sqlTasksOf(config),
        metrics,
        logger,
      }),
  );
  const worker = createWorker({
    store,
    databaseUrl: requireDirectDatabaseUrl(config),
    integrations,
    ceilings: options.ceilings,
    traceSampler: telemetry.traceSampler,
    graceSeconds: config.STATEHOUSE_GRACE_SECONDS,
    workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
    logRetentionDays: config.STATEHOUSE_LOG_RETENTION_DAYS,
    retentionDays: config.STATEHOUSE_RETENTION_DAYS,
    maxConcurrency: config.STATEHOUSE_MAX_CONCURRENCY,
    suspects: suspectHandling(config, onlySuspects, databaseUrl),
    watcher: telemetry.watcher,
    metrics: processMetrics.metrics,
    logger,
  });
  if (config.STATEHOUSE_METRICS_PORT !== undefined && !onlySuspects) {
    const monitoring = await serveMonitoring({
      host: config.STATEHOUSE_HOST ?? '0.0.0.0',
      port: config.STATEHOUSE_METRICS_PORT,
      store,
      worker,
      exposition: processMetrics.exposition,
    });
    teardown.add(() => monitoring.close());
    logger.info({ url: monitoring.url }, 'metrics ready');
  }
  teardown.add(() => worker.stop());
  await worker.start();
  logger.info('worker ready');
}

function suspectHandling(config: Config, onlySuspects: boolean, databaseUrl: string): SuspectHandling {
  if (onlySuspects) return { policy: 'only', finished: stopThisProcess };
  return {
    policy: 'left',
    start: () => isolatedWorker(config, { databaseUrl, sqlTasksUrl: config.STATEHOUSE_SQL_TASKS_URL }),
  };
}

/** As an operator would. */
function stopThisProcess(): void {
  process.kill(process.pid, 'SIGTERM');
}

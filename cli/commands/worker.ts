import { Command, Option } from 'commander';
import { createLogDestinations } from '../../integrations/logs/log-destinations.ts';
import { createIntegrations } from '../../integrations/registry.ts';
import { createLogger } from '../../telemetry/log.ts';
import { startMetrics } from '../../telemetry/metrics/start-metrics.ts';
import { startTelemetry } from '../../telemetry/telemetry.ts';
import { type Monitoring, serveMonitoring } from '../../worker/monitoring.ts';
import { createWorker } from '../../worker/worker.ts';
import { ceilingsOf, placeOf, readConfig, requireDatabaseUrl } from '../config.ts';
import { openCurrentStore } from '../current-store.ts';
import { stopSignal } from '../shutdown.ts';

export function workerCommand(): Command {
  return new Command('worker')
    .description('run executions (needs DATABASE_URL)')
    .addOption(
      new Option('--functions <path>', 'function map: a directory or a JSON file').env(
        'STATEHOUSE_FUNCTIONS',
      ),
    )
    .action(async ({ functions }: { functions?: string }) => {
      const config = readConfig();
      const databaseUrl = requireDatabaseUrl(config);
      const logger = createLogger(config.LOG_LEVEL);
      const processMetrics = await startMetrics({ env: process.env, role: 'worker', logger });
      const { metrics, exposition } = processMetrics;
      const telemetry = await startTelemetry({
        env: process.env,
        role: 'worker',
        metrics,
        logger,
        logRoutes: config.STATEHOUSE_EXECUTION_LOGS,
        logDestinations: createLogDestinations({
          env: process.env,
          store: () => store,
          logRetentionDays: config.STATEHOUSE_LOG_RETENTION_DAYS,
        }),
      });
      const store = await openCurrentStore({
        databaseUrl,
        poolSize: config.STATEHOUSE_POOL_SIZE,
        metrics,
        logger,
      });
      const integrations = createIntegrations({
        functions,
        env: process.env,
        place: placeOf(config),
        store: () => store,
        ceilings: ceilingsOf(config),
        traceSampler: telemetry.traceSampler,
        requestSpans: telemetry.requestSpans,
        metrics,
        logger,
      });
      const worker = createWorker({
        store,
        databaseUrl,
        integrations,
        ceilings: ceilingsOf(config),
        traceSampler: telemetry.traceSampler,
        graceSeconds: config.STATEHOUSE_GRACE_SECONDS,
        workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
        logRetentionDays: config.STATEHOUSE_LOG_RETENTION_DAYS,
        retentionDays: config.STATEHOUSE_RETENTION_DAYS,
        watcher: telemetry.watcher,
        metrics,
        logger,
      });
      let monitoring: Monitoring | undefined;
      try {
        if (config.STATEHOUSE_METRICS_PORT !== undefined) {
          monitoring = await serveMonitoring({
            host: config.STATEHOUSE_HOST ?? '0.0.0.0',
            port: config.STATEHOUSE_METRICS_PORT,
            store,
            worker,
            exposition,
          });
          logger.info({ url: monitoring.url }, 'metrics ready');
        }
        await worker.start();
        logger.info('worker ready');
        const signal = await stopSignal();
        logger.info({ signal }, 'worker draining');
      } finally {
        await worker.stop();
        await integrations.close();
        await telemetry.close();
        await processMetrics.close();
        await monitoring?.close();
        await store.close();
      }
    });
}

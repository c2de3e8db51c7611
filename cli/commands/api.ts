import { Command } from 'commander';
import { createApi } from '../../api/api.ts';
import { createLogDestinations } from '../../integrations/logs/log-destinations.ts';
import { createLogGroups } from '../../integrations/logs/log-groups.ts';
import { createIntegrations } from '../../integrations/registry.ts';
import { createLogger } from '../../telemetry/log.ts';
import { startMetrics } from '../../telemetry/metrics/start-metrics.ts';
import { startTelemetry } from '../../telemetry/telemetry.ts';
import { CommandError } from '../command-error.ts';
import { ceilingsOf, maxConcurrentRequestsOf, placeOf, readConfig, requireDatabaseUrl } from '../config.ts';
import { openCurrentStore } from '../current-store.ts';
import { stopSignal } from '../shutdown.ts';

export function apiCommand(): Command {
  return new Command('api')
    .description('serve the Step Functions API (needs DATABASE_URL)')
    .action(async () => {
      const config = readConfig();
      const databaseUrl = requireDatabaseUrl(config);
      if (config.STATEHOUSE_AUTH === undefined) {
        throw new CommandError(
          'STATEHOUSE_AUTH is not set; set STATEHOUSE_AUTH=sigv4 to have requests signed with API keys, or STATEHOUSE_AUTH=none to serve everybody.',
        );
      }
      const logger = createLogger(config.LOG_LEVEL);
      const processMetrics = await startMetrics({ env: process.env, role: 'api', logger });
      const { metrics } = processMetrics;
      const telemetry = await startTelemetry({
        env: process.env,
        role: 'api',
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
        encryptionKeys: config.STATEHOUSE_ENCRYPTION_KEY,
        metrics,
        logger,
      });
      const place = placeOf(config);
      const functions = config.STATEHOUSE_FUNCTIONS;
      const ceilings = ceilingsOf(config);
      const integrations = createIntegrations({
        functions,
        env: process.env,
        place,
        store: () => store,
        ceilings,
        traceSampler: telemetry.traceSampler,
        requestSpans: telemetry.requestSpans,
        metrics,
        logger,
      });
      const logGroups = createLogGroups(process.env, logger);
      const api = createApi({
        store,
        place,
        auth: config.STATEHOUSE_AUTH,
        ceilings,
        integrations,
        logGroups,
        isThrottled: config.STATEHOUSE_THROTTLE === 'on',
        maxConcurrentRequests: maxConcurrentRequestsOf(config),
        watcher: telemetry.watcher,
        metrics: processMetrics,
        traceSampler: telemetry.traceSampler,
        logger,
      });
      try {
        const { url } = await api.listen({
          host: config.STATEHOUSE_HOST ?? '0.0.0.0',
          port: config.STATEHOUSE_PORT,
        });
        logger.info({ url }, 'api ready');
        const signal = await stopSignal();
        logger.info({ signal }, 'api stopping');
      } finally {
        await api.close();
        await integrations.close();
        logGroups?.close();
        await telemetry.close();
        await processMetrics.close();
        await store.close();
      }
    });
}

import { Command } from 'commander';
import { createApi } from '../../api/api.ts';
import { createLogGroups } from '../../integrations/logs/log-groups.ts';
import { layFoundation } from '../../process/foundation.ts';
import type { Teardown } from '../../process/teardown.ts';
import { createLogger, type Logger } from '../../telemetry/log.ts';
import { CommandError } from '../command-error.ts';
import {
  type Config,
  maxConcurrentRequestsOf,
  readConfig,
  requireDatabaseUrl,
  sqlTasksOf,
} from '../config.ts';
import { openCurrentStore } from '../current-store.ts';
import { foundationOptions } from '../foundation-options.ts';
import { runRole } from '../run-role.ts';

export function apiCommand(): Command {
  return new Command('api')
    .description('serve the Step Functions API (needs DATABASE_URL)')
    .action(async () => {
      const config = readConfig();
      const logger = createLogger(config.LOG_LEVEL);
      await runRole('api', logger, (teardown) => startApi(config, teardown, logger));
    });
}

async function startApi(config: Config, teardown: Teardown, logger: Logger): Promise<void> {
  const databaseUrl = requireDatabaseUrl(config);
  const { STATEHOUSE_AUTH: auth } = config;
  if (auth === undefined) {
    throw new CommandError(
      'STATEHOUSE_AUTH is not set; set STATEHOUSE_AUTH=sigv4 to have requests signed with API keys, or STATEHOUSE_AUTH=none to serve everybody.',
    );
  }
  const options = foundationOptions('api', config, logger);
  const { store, integrations, telemetry, processMetrics } = await layFoundation(
    options,
    teardown,
    (metrics) =>
      openCurrentStore({
        databaseUrl,
        directDatabaseUrl: config.STATEHOUSE_DIRECT_DATABASE_URL,
        poolSize: config.STATEHOUSE_POOL_SIZE,
        sqlTasks: sqlTasksOf(config),
        encryptionKeys: config.STATEHOUSE_ENCRYPTION_KEY,
        metrics,
        logger,
      }),
  );
  const logGroups = createLogGroups(options.env, logger);
  teardown.add(async () => logGroups?.close());
  const api = createApi({
    store,
    place: options.place,
    auth,
    ceilings: options.ceilings,
    integrations,
    logGroups,
    isThrottled: config.STATEHOUSE_THROTTLE === 'on',
    maxConcurrentRequests: maxConcurrentRequestsOf(config),
    watcher: telemetry.watcher,
    metrics: processMetrics,
    traceSampler: telemetry.traceSampler,
    logger,
  });
  teardown.add(() => api.close());
  const { url } = await api.listen({
    host: config.STATEHOUSE_HOST ?? '0.0.0.0',
    port: config.STATEHOUSE_PORT,
  });
  logger.info({ url }, 'api ready');
}

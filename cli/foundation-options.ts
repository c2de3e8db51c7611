import type { FoundationOptions } from '../process/foundation.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Config, ceilingsOf, placeOf } from './config.ts';

/** The settings of what every role stands on. */
export function foundationOptions(
  role: FoundationOptions['role'],
  config: Config,
  logger: Logger,
): FoundationOptions {
  return {
    role,
    env: process.env,
    place: placeOf(config),
    functions: config.STATEHOUSE_FUNCTIONS,
    ceilings: ceilingsOf(config),
    logRetentionDays: config.STATEHOUSE_LOG_RETENTION_DAYS,
    logRoutes: config.STATEHOUSE_EXECUTION_LOGS,
    logger,
  };
}

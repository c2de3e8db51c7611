import type { ExecutionLogStore } from '../../store/execution-log.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Service } from './service.ts';

/** Drops what executions have logged once it is too old. */
export function logRetention(
  logs: Pick<ExecutionLogStore, 'drop'>,
  retentionDays: number,
  logger: Logger,
): Service {
  return {
    name: 'log retention',
    paceMs: 60_000,
    runOnce: async () => {
      const days = await logs.drop(retentionDays);
      if (days > 0) logger.info({ days }, 'old execution logs dropped');
      return 'rest';
    },
  };
}

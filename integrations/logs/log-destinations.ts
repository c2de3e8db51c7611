import type { Store } from '../../store/store.ts';
import type { LogDestinations } from '../../telemetry/logs/execution-logs.ts';
import type { LogDestination } from '../../telemetry/logs/log-destination.ts';
import { createCloudWatchLogs } from './cloudwatch-logs.ts';

export interface LogDestinationsOptions {
  readonly env: NodeJS.ProcessEnv;
  /** There as soon as executions run. */
  readonly store: () => Pick<Store, 'logs'>;
  /** 0: the log table is not written to. */
  readonly logRetentionDays: number;
}

/**
 * Where the logs of executions can go besides what telemetry/ has itself.
 * @throws Error naming the variable that is not usable
 */
export function createLogDestinations(options: LogDestinationsOptions): LogDestinations {
  const { env, store, logRetentionDays } = options;
  const cloudwatch = createCloudWatchLogs(env);
  return {
    ...(logRetentionDays > 0 && { postgres: logTable(store) }),
    ...(cloudwatch && { cloudwatch }),
  };
}

function logTable(store: LogDestinationsOptions['store']): LogDestination {
  return { write: (entries) => store().logs.write(entries), close: async () => {} };
}

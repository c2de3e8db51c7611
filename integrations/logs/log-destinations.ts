import type { LogDestinations } from '../../telemetry/logs/execution-logs.ts';
import { createCloudWatchLogs } from './cloudwatch-logs.ts';

/**
 * Where the logs of executions can go besides what telemetry/ has itself.
 * @throws Error naming the variable that is not usable
 */
export function createLogDestinations(env: NodeJS.ProcessEnv): LogDestinations {
  const cloudwatch = createCloudWatchLogs(env);
  return { ...(cloudwatch && { cloudwatch }) };
}

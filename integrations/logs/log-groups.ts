import type { Logger } from '../../telemetry/log.ts';
import { type LogsApi, logGroupOf, openLogsApi } from './logs-api.ts';

export interface LogGroups {
  /**
   * False: CloudWatch Logs answers that there is no such log group. When it answers nothing of use, the log group is
   * taken to be there.
   * @param arn `arn:aws:logs:us-east-1:000000000000:log-group:NAME:*`
   */
  exists(arn: string): Promise<boolean>;
  close(): void;
}

/**
 * Undefined when there is no endpoint: then nobody can say which log groups there are.
 * @throws Error naming the variable that is not usable
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 */
export function createLogGroups(env: NodeJS.ProcessEnv, logger: Logger): LogGroups | undefined {
  const api = openLogsApi(env);
  if (api === undefined) return undefined;
  return {
    exists: async (arn) => (await describe(api, logger, arn)) ?? true,
    close: () => api.close(),
  };
}

/** Undefined: no answer of use. */
async function describe(api: LogsApi, logger: Logger, arn: string): Promise<boolean | undefined> {
  const { region, name } = logGroupOf(arn);
  const answer = await api.call('DescribeLogGroups', region, { logGroupNamePrefix: name });
  const names = answer.kind === 'ok' ? namesIn(answer.output) : undefined;
  if (names === undefined)
    logger.warn(
      { answer: answer.kind === 'ok' ? undefined : answer },
      'CloudWatch Logs does not say whether a log group exists',
    );
  return names?.includes(name);
}

/** The log groups that begin like the one in question; it stands among the first, because they come by name. */
function namesIn({ logGroups }: Readonly<Record<string, unknown>>): unknown[] | undefined {
  return Array.isArray(logGroups)
    ? logGroups.map((group: { logGroupName?: unknown } | null) => group?.logGroupName)
    : undefined;
}

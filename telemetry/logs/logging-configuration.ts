import { z } from 'zod';

export const LOG_LEVELS = ['OFF', 'FATAL', 'ERROR', 'ALL'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A state machine's `loggingConfiguration`.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html
 */
export interface LoggingConfiguration {
  readonly level: LogLevel;
  readonly includeExecutionData: boolean;
  /** ARNs of log groups; AWS allows one. */
  readonly logGroupArns: readonly string[];
}

const NO_LOGGING: LoggingConfiguration = { level: 'OFF', includeExecutionData: false, logGroupArns: [] };

const schema = z.object({
  level: z.enum(LOG_LEVELS).default('OFF'),
  includeExecutionData: z.boolean().default(false),
  destinations: z
    .array(z.object({ cloudWatchLogsLogGroup: z.object({ logGroupArn: z.string() }).optional() }))
    .default([]),
});

/** Reads what was stored with a state machine, which the API has checked; anything else logs nothing. */
export function readLoggingConfiguration(stored: unknown): LoggingConfiguration {
  const { data } = schema.safeParse(stored);
  if (data === undefined) return NO_LOGGING;
  const { level, includeExecutionData, destinations } = data;
  const logGroupArns = destinations.flatMap(
    ({ cloudWatchLogsLogGroup }) => cloudWatchLogsLogGroup?.logGroupArn ?? [],
  );
  return { level, includeExecutionData, logGroupArns };
}

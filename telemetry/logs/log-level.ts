import type { LogLevel } from './logging-configuration.ts';

const FATAL = /^Execution(?:Failed|Aborted|TimedOut)$/;
const ERROR = /(?:Failed|Aborted|TimedOut)$|^FailStateEntered$/;

/**
 * The least that a state machine's level must be for events of a type to be logged.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
 */
export function levelOf(eventType: string): Exclude<LogLevel, 'OFF'> {
  if (!ERROR.test(eventType)) return 'ALL';
  return FATAL.test(eventType) ? 'FATAL' : 'ERROR';
}

export function isLogged(level: LogLevel, eventType: string): boolean {
  if (level === 'ALL') return true;
  if (level === 'ERROR') return ERROR.test(eventType);
  return level === 'FATAL' && FATAL.test(eventType);
}

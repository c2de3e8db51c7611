import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stdout; payloads and secrets are never passed to it. */
export function createLogger(level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({ level, redact: ['*.authorization', '*.password', '*.databaseUrl'] });
}

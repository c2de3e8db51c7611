import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stdout; payloads and secrets are never passed to it. */
export function createLogger(level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({ level, redact: ['*.authorization', '*.password', '*.databaseUrl'] });
}

/** Takes plain fields only, and does not look for secrets within them: that costs more than writing the line. */
export function plainLogger(logger: Logger): Logger {
  return logger.child({}, { redact: [] });
}

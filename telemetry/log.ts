import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

const WRITE_BYTES = 16 * 1024;
const FLUSH_MS = 50;

/** JSON lines on stdout; payloads and secrets are never passed to it. */
export function createLogger(level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({ level, redact: ['*.authorization', '*.password', '*.databaseUrl'] }, stdout());
}

/**
 * A write for each line would cost more than the line. What is left when the process exits is written then; SIGKILL
 * takes the lines of the last moment with it, as it does with those on their way.
 */
function stdout(): DestinationStream {
  return pino.destination({
    dest: 1,
    sync: false,
    minLength: WRITE_BYTES,
    maxWrite: 2 * WRITE_BYTES,
    periodicFlush: FLUSH_MS,
  });
}

/** Takes plain fields only, and does not look for secrets within them: that costs more than writing the line. */
export function plainLogger(logger: Logger): Logger {
  return logger.child({}, { redact: [] });
}

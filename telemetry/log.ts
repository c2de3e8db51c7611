import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

const WRITE_BYTES = 16 * 1024;
const FLUSH_MS = 50;

let stdout: DestinationStream | undefined;

/** JSON lines on stdout; payloads and secrets are never passed to it. */
export function createLogger(level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  stdout ??= openStdout();
  return pino({ level, redact: ['*.authorization', '*.password', '*.databaseUrl'] }, stdout);
}

/**
 * A write for each line would cost more than the line. They are joined before they are handed over, because the destination
 * measures all that it holds with each piece that it is given. What is left when the process exits is written then;
 * SIGKILL takes the lines of the last moment with it, as it does with those on their way.
 */
function openStdout(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: false, maxWrite: 2 * WRITE_BYTES });
  let lines = '';
  const handOver = (): void => {
    if (lines !== '') destination.write(lines);
    lines = '';
  };
  // Ahead of the destination's own listeners, which write what it holds.
  process.prependListener('beforeExit', handOver);
  process.prependListener('exit', handOver);
  return {
    write(line) {
      if (lines === '') setTimeout(handOver, FLUSH_MS).unref();
      lines += line;
      if (lines.length >= WRITE_BYTES) handOver();
    },
  };
}

/** Takes plain fields only, and does not look for secrets within them: that costs more than writing the line. */
export function plainLogger(logger: Logger): Logger {
  return logger.child({}, { redact: [] });
}

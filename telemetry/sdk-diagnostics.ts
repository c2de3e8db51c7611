/** What OpenTelemetry's SDK says about itself, in our log. */
import { type DiagLogFunction, type DiagLogger, DiagLogLevel } from '@opentelemetry/api';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** A collector that is down fails every export: what comes within this time after a warning is only counted. */
const WARNING_INTERVAL_MS = 60_000;

/** An error brings along what the collector has answered. */
const MESSAGE_LENGTH_MAX = 500;

/** Errors are warnings to us: no execution suffers from them. */
export function sdkDiagnostics(logger: Logger, clock: Clock): DiagLogger {
  let nextWarning = Number.NEGATIVE_INFINITY;
  let suppressed = 0;
  const warn: DiagLogFunction = (message) => {
    const now = clock.monotonic();
    if (now < nextWarning) {
      suppressed++;
      return;
    }
    nextWarning = now + WARNING_INTERVAL_MS;
    logger.warn({ opentelemetry: cut(message), suppressed }, 'telemetry could not be exported as configured');
    suppressed = 0;
  };
  const debug: DiagLogFunction = (message) => logger.debug({ opentelemetry: cut(message) }, 'opentelemetry');
  return { error: warn, warn, info: debug, debug, verbose: debug };
}

/** OTEL_LOG_LEVEL; anything else than its values means warnings. */
export function diagnosticsLevel(env: NodeJS.ProcessEnv): DiagLogLevel {
  const level = env.OTEL_LOG_LEVEL?.trim().toUpperCase() ?? '';
  return Object.hasOwn(DiagLogLevel, level)
    ? DiagLogLevel[level as keyof typeof DiagLogLevel]
    : DiagLogLevel.WARN;
}

function cut(message: string): string {
  return message.length > MESSAGE_LENGTH_MAX ? `${message.slice(0, MESSAGE_LENGTH_MAX)}…` : message;
}

import {
  type AnyValue,
  type Context,
  type LogRecord as OtelLogRecord,
  ROOT_CONTEXT,
  SeverityNumber,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/sdk-logs';
import type { LogDestination, LogEntry } from './log-destination.ts';
import { levelOf } from './log-level.ts';

/** What OpenTelemetry's own buffer surely holds; it drops what is more. */
const FLUSH_AFTER = 512;

const SEVERITIES = {
  FATAL: { severityNumber: SeverityNumber.FATAL, severityText: 'FATAL' },
  ERROR: { severityNumber: SeverityNumber.ERROR, severityText: 'ERROR' },
  ALL: { severityNumber: SeverityNumber.INFO, severityText: 'INFO' },
} as const;

/**
 * OpenTelemetry's log exporter. What it cannot export it tries again and drops by itself.
 * @param provider closed by whoever has started it
 */
export function openTelemetryLogs(provider: LoggerProvider): LogDestination {
  const logger = provider.getLogger('statehouse');
  return {
    async write(entries) {
      for (const [i, entry] of entries.entries()) {
        logger.emit(toOtelRecord(entry));
        if ((i + 1) % FLUSH_AFTER === 0) await provider.forceFlush();
      }
      await provider.forceFlush();
    },
    close: async () => {},
  };
}

function toOtelRecord({ record, stateMachineArn, time, span }: LogEntry): OtelLogRecord {
  return {
    eventName: record.type,
    // Numbers before the start of the process would be taken for times since then.
    timestamp: new Date(time),
    ...SEVERITIES[levelOf(record.type)],
    // A record is JSON, which is all that a body may be.
    body: record as unknown as AnyValue,
    attributes: {
      'aws.step_functions.state_machine.arn': stateMachineArn,
      'statehouse.execution.arn': record.execution_arn,
    },
    ...(span && { context: contextOf(span) }),
  };
}

/** The execution's own span is there already, or will be: its ids are fixed. */
function contextOf({ traceId, spanId, isSampled }: NonNullable<LogEntry['span']>): Context {
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags });
}

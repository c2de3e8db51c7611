import { afterEach, expect, test, vi } from 'vitest';
import { createLogger } from '../../../telemetry/log.ts';
import { openTelemetryLogs } from '../../../telemetry/logs/open-telemetry-logs.ts';
import { startOpenTelemetry } from '../../../telemetry/opentelemetry.ts';
import { OtlpReceiver } from '../../support/otlp/otlp-receiver.ts';
import { entry } from './log-entry.ts';

afterEach(() => vi.unstubAllEnvs());

/** A destination that exports to the receiver; the SDK reads the variables of the process. */
async function setUp(receiver: OtlpReceiver) {
  vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', `${receiver.url}/v1/logs`);
  const opentelemetry = await startOpenTelemetry({
    env: process.env,
    role: 'worker',
    logger: createLogger('silent'),
  });
  const { loggerProvider } = opentelemetry;
  if (loggerProvider === undefined) throw new Error('Logs are not exported');
  return {
    destination: openTelemetryLogs(loggerProvider),
    [Symbol.asyncDispose]: () => opentelemetry.close(),
  };
}

test('a record is the body of a log record, which bears its type, its severity and its execution', async () => {
  await using receiver = await OtlpReceiver.start();
  await using otel = await setUp(receiver);
  const span = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', isSampled: true };
  // Before the process began, and with times that a log must not lose.
  const first = entry(1, 1, { span, time: 123_456_789 });
  const failed = { ...entry(2).record, type: 'TaskFailed', details: { error: 'Boom', retries: [1, 2] } };
  const entries = [
    first,
    entry(2, 1, { record: failed }),
    entry(3, 1, { record: { ...failed, type: 'ExecutionFailed' } }),
  ];
  await otel.destination.write(entries, () => {});
  expect(receiver.logRecords).toMatchObject([
    {
      eventName: 'PassStateEntered',
      severityNumber: 9,
      severityText: 'INFO',
      time: 123_456_789_000_000n,
      body: first.record,
      attributes: {
        'aws.step_functions.state_machine.arn': first.stateMachineArn,
        'statehouse.execution.arn': first.record.execution_arn,
      },
      traceId: span.traceId,
      spanId: span.spanId,
      traceFlags: 1,
      resource: { 'service.name': 'statehouse-worker' },
    },
    { eventName: 'TaskFailed', severityNumber: 17, severityText: 'ERROR', body: failed, traceId: '' },
    { eventName: 'ExecutionFailed', severityNumber: 21, severityText: 'FATAL' },
  ]);
});

test('a write is over when everything is exported, also what OpenTelemetry could not hold at once', async () => {
  await using receiver = await OtlpReceiver.start();
  await using otel = await setUp(receiver);
  const ids = Array.from({ length: 5000 }, (_, i) => i + 1);
  await otel.destination.write(
    ids.map((id) => entry(id)),
    () => {},
  );
  expect(receiver.logRecords.map(({ body }) => Number((body as { id: string }).id))).toEqual(ids);
});

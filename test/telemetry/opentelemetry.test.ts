import { afterEach, expect, test, vi } from 'vitest';
import { type OpenTelemetry, startOpenTelemetry } from '../../telemetry/opentelemetry.ts';
import { LogLines } from '../support/log-lines.ts';
import { OtlpReceiver } from '../support/otlp/otlp-receiver.ts';

afterEach(() => vi.unstubAllEnvs());

/** The SDK reads the variables of the process. */
function start(variables: Readonly<Record<string, string>>, log = new LogLines()): Promise<OpenTelemetry> {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return startOpenTelemetry({ env: process.env, role: 'worker', logger: log.logger });
}

function makeSpan(opentelemetry: OpenTelemetry, name: string): void {
  opentelemetry.traces?.provider.getTracer('test').startSpan(name).end();
}

test('without variables nothing is there', async () => {
  expect(await start({})).toMatchObject({ traces: undefined, loggerProvider: undefined });
});

test('spans go where the variables say, under given ids, from a service with a name and a version', async () => {
  await using receiver = await OtlpReceiver.start();
  const opentelemetry = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const ids = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
  opentelemetry.traces?.ids.give(ids, () => makeSpan(opentelemetry, 'given'));
  makeSpan(opentelemetry, 'drawn');
  opentelemetry.loggerProvider?.getLogger('test').emit({ body: 'hello' });
  await opentelemetry.close();
  expect(receiver.paths.sort()).toEqual(['/v1/logs', '/v1/traces']);
  const [given, drawn] = receiver.spans;
  expect(given).toMatchObject({
    name: 'given',
    ...ids,
    resource: { 'service.name': 'statehouse-worker', 'service.version': expect.stringMatching(/^\d+\.\d/) },
  });
  expect(given?.resource).not.toHaveProperty(['process.command_args']);
  expect(drawn?.traceId).not.toBe(ids.traceId);
  expect(drawn?.spanId).not.toBe(ids.spanId);
});

test('a signal is off unless it is asked for', async () => {
  await using receiver = await OtlpReceiver.start();
  const opentelemetry = await start({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
    OTEL_SERVICE_NAME: 'orders',
  });
  expect(opentelemetry.loggerProvider).toBeUndefined();
  makeSpan(opentelemetry, 'span');
  await opentelemetry.close();
  expect(receiver.paths).toEqual(['/v1/traces']);
  expect(receiver.spans).toMatchObject([{ resource: { 'service.name': 'orders' } }]);
});

test('a collector that refuses is warned of once, and ends nothing', async () => {
  await using receiver = await OtlpReceiver.start();
  receiver.status = 400;
  const log = new LogLines();
  const opentelemetry = await start(
    { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '1' },
    log,
  );
  for (let exports = 1; exports <= 3; exports++) {
    makeSpan(opentelemetry, 'span');
    await receiver.until(() => receiver.paths.length >= exports);
  }
  await log.line({ msg: 'telemetry could not be exported as configured' });
  await opentelemetry.close();
  expect(log.aboveInfo).toHaveLength(1);
});

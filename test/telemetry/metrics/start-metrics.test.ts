import { expect, onTestFinished, test, vi } from 'vitest';
import { createLogger } from '../../../telemetry/log.ts';
import { METRICS_OFF, startMetrics } from '../../../telemetry/metrics/start-metrics.ts';
import { OtlpReceiver } from '../../support/otlp/otlp-receiver.ts';

const logger = createLogger('silent');

test.each<NodeJS.ProcessEnv>([
  { OTEL_SDK_DISABLED: 'true' },
  { OTEL_METRICS_EXPORTER: 'none' },
  { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
])('%o turns everything off', async (env) => {
  expect(await startMetrics({ env, role: 'dev', logger })).toBe(METRICS_OFF);
});

/** What a collector gets within the life of a process that has started one execution. */
async function pushed(variables: NodeJS.ProcessEnv): Promise<OtlpReceiver> {
  const receiver = await OtlpReceiver.start();
  onTestFinished(() => receiver[Symbol.asyncDispose]());
  vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', `${receiver.url}/v1/metrics`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const env = { ...process.env, OTEL_METRIC_EXPORT_INTERVAL: '3600000', ...variables };
  const { metrics, close } = await startMetrics({ env, role: 'worker', logger });
  metrics.add('statehouse.claims', 2, { 'statehouse.claim.outcome': 'won' });
  await close();
  return receiver;
}

test('metrics are sent to a collector where OpenTelemetry’s variables name one, the last ones at the end', async () => {
  const { metrics } = await pushed({});
  expect(metrics.map(({ name }) => name)).toContain('process.uptime');
  expect(metrics.find(({ name }) => name === 'statehouse.claims')).toMatchObject({
    unit: '{claim}',
    scope: 'statehouse',
    resource: { 'service.name': 'statehouse-worker' },
    points: [{ attributes: { 'statehouse.claim.outcome': 'won' }, value: 2 }],
  });
});

test('an exporter of another kind does not send', async () => {
  expect((await pushed({ OTEL_METRICS_EXPORTER: 'prometheus' })).paths).toEqual([]);
});

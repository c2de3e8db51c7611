import { expect, test } from 'vitest';
import { isExported, type Signal } from '../../telemetry/exported-signals.ts';

const SIGNALS: readonly Signal[] = ['TRACES', 'METRICS', 'LOGS'];

test.each<[NodeJS.ProcessEnv, Signal[]]>([
  [{}, []],
  [{ OTEL_SERVICE_NAME: 'orders', OTEL_TRACES_SAMPLER: 'always_on' }, []],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, ['TRACES', 'METRICS', 'LOGS']],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, []],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, ['TRACES']],
  [{ OTEL_LOGS_EXPORTER: 'console' }, ['LOGS']],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_METRICS_EXPORTER: 'none' },
    ['TRACES', 'LOGS'],
  ],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_METRICS_EXPORTER: ' ' }, [...SIGNALS]],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' }, []],
  [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'true' }, []],
  [{ OTEL_TRACES_EXPORTER: 'otlp, none' }, []],
])('%o asks for %o', (env, signals) => {
  expect(SIGNALS.filter((signal) => isExported(env, signal))).toEqual(signals);
});

/** The spans of requests, as a collector receives them. */
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import type { AttemptTrace } from '../../../runtime/index.ts';
import { startOpenTelemetry } from '../../../telemetry/opentelemetry.ts';
import { requestSpans } from '../../../telemetry/traces/request-spans.ts';
import { freePort } from '../../support/free-port.ts';
import { OtlpReceiver } from '../../support/otlp/otlp-receiver.ts';
import { startHttpServer } from '../fixtures/http-server.ts';
import { call, functionArn, openIntegrations, silent } from '../fixtures/task-call.ts';

afterEach(() => vi.unstubAllEnvs());

const TRACE: AttemptTrace = {
  traceId: '5759e988bd862e3fe1be46a994272793',
  spanId: '53995c3f42cd8ad8',
  isSampled: true,
  traceState: 'vendor=value',
  isRecorded: true,
};

/** Calls a function at the URL, and gives the spans that come of it. */
async function spansOf(url: string, trace: AttemptTrace) {
  await using receiver = await OtlpReceiver.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/v1/traces`);
  // Decides about starts, not about what is recorded already.
  vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
  const opentelemetry = await startOpenTelemetry({ env: process.env, role: 'worker', logger: silent });
  const ship = { kind: 'url', name: 'ship', url, timeoutSeconds: 0.5 } as const;
  const { traces } = opentelemetry;
  const integrations = openIntegrations(new Map([['ship', ship]]), {}, traces && requestSpans(traces));
  await call(integrations, functionArn('ship'), '{"secret":"secret"}', { trace });
  await integrations.close();
  await opentelemetry.close();
  return receiver.spans;
}

const answering = (status: number) =>
  startHttpServer((response: ServerResponse) => void response.writeHead(status).end('1'));

test('a request is a span under its attempt, and what it brings along names that', async () => {
  await using server = await answering(200);
  const { port } = new URL(server.url);
  const [span, ...others] = await spansOf(`http://user:secret@127.0.0.1:${port}/ship?token=secret`, TRACE);
  expect(others).toEqual([]);
  expect(span).toMatchObject({
    name: 'POST',
    kind: 'CLIENT',
    traceId: TRACE.traceId,
    parentSpanId: TRACE.spanId,
    traceState: TRACE.traceState,
    status: { code: 'UNSET' },
  });
  expect(span?.attributes).toEqual({
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'server.address': '127.0.0.1',
    'server.port': Number(port),
    'url.full': `http://127.0.0.1:${port}/ship`,
  });
  expect(server.requests[0]?.headers).toMatchObject({
    authorization: expect.any(String),
    traceparent: `00-${TRACE.traceId}-${span?.spanId}-01`,
    tracestate: TRACE.traceState,
    'x-amzn-trace-id': `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${span?.spanId};Sampled=1`,
  });
});

test('an answer that is an error marks it', async () => {
  await using server = await answering(503);
  const [span] = await spansOf(server.url, TRACE);
  expect(span).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'http.response.status_code': 503, 'error.type': '503' },
  });
});

test('no answer marks it', async () => {
  const [refused] = await spansOf(`http://127.0.0.1:${await freePort()}`, TRACE);
  await using silentServer = await startHttpServer(() => {});
  const [late] = await spansOf(silentServer.url, TRACE);
  expect([refused, late].map((span) => span?.attributes['error.type'])).toEqual(['connection', 'timeout']);
  expect(refused).toMatchObject({ status: { code: 'ERROR' } });
  expect(refused?.attributes).not.toHaveProperty(['http.response.status_code']);
});

test('of an attempt that is not recorded nothing is, and its context goes out as it is', async () => {
  await using server = await answering(200);
  expect(await spansOf(server.url, { ...TRACE, isRecorded: false })).toEqual([]);
  expect(server.requests[0]?.headers.traceparent).toBe(`00-${TRACE.traceId}-${TRACE.spanId}-01`);
});

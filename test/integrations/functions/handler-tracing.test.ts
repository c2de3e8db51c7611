/** Handlers in their threads, and the trace that they are in. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { AttemptTrace } from '../../../runtime/index.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { call, functionArn, openIntegrations } from '../fixtures/task-call.ts';

// Threads start slowly on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const API = join(dirname(fileURLToPath(import.meta.resolve('@opentelemetry/api'))), '..');
const [TRACE_ID, SPAN_ID] = ['5759e988bd862e3fe1be46a994272793', '53995c3f42cd8ad8'];
const TRACE: AttemptTrace = { traceId: TRACE_ID, spanId: SPAN_ID, isSampled: true, isRecorded: true };
const XRAY = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=${SPAN_ID};Sampled=1`;
const HEADERS = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, 'X-Amzn-Trace-Id': XRAY };

/** What a handler sees of the trace, by the API that `api` is imported as. */
const LOOK = `
  async function look(context) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const span = api.trace.getActiveSpan()?.spanContext();
    const carrier = {};
    api.propagation.inject(api.context.active(), carrier);
    return { span, state: span?.traceState?.serialize(), carrier, ...surroundings(context) };
  }`;
const SURROUNDINGS = `
  const surroundings = (context) => ({ headers: context.traceHeaders, xray: process.env._X_AMZN_TRACE_ID });`;

/** A function of its own, in a folder without any modules but those that are put there. */
function writeFunction(source: string, extension = 'mjs') {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const functions = join(folder.path, 'functions');
  mkdirSync(functions);
  writeFileSync(join(functions, `look.${extension}`), SURROUNDINGS + source);
  const integrations = openIntegrations(functions, { _X_AMZN_TRACE_ID: 'of the server' });
  onTestFinished(() => integrations.close());
  return {
    folder: folder.path,
    async invoke(trace: AttemptTrace | undefined) {
      const result = await call(integrations, functionArn('look'), '{}', { trace });
      if (result.kind === 'failed') throw new Error(result.failure.cause);
      return JSON.parse(result.output);
    },
  };
}

/** Another release of the API: only the number differs. */
function putApi(path: string, version: string): void {
  cpSync(API, path, { recursive: true });
  const { version: own } = JSON.parse(readFileSync(join(API, 'package.json'), 'utf8'));
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    if (!/(\.[cm]js|package\.json)$/.test(name)) continue;
    const file = join(path, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(own, version));
  }
}

test.each(['1.10.0', '1.3.0', '1.99.0'])(
  'the span is active for a module that has the API %s',
  async (version) => {
    const { folder, invoke } = writeFunction(`
    import * as api from '@opentelemetry/api';
    ${LOOK}
    export const handler = (_event, context) => look(context);`);
    putApi(join(folder, 'node_modules/@opentelemetry/api'), version);
    const seen = {
      span: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, isRemote: true },
      carrier: { traceparent: HEADERS.traceparent },
      headers: HEADERS,
      xray: XRAY,
    };
    expect(await invoke(TRACE)).toEqual(seen);
    expect(await invoke({ ...TRACE, isSampled: false, traceState: 'a=1' })).toMatchObject({
      span: { traceFlags: 0 },
      state: 'a=1',
      carrier: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-00`, tracestate: 'a=1' },
      headers: { tracestate: 'a=1' },
    });
    expect(await invoke(undefined)).toEqual({ carrier: {} });
    expect(await invoke(TRACE)).toEqual(seen);
  },
);

test('a CommonJS module sees the span too', async () => {
  const { folder, invoke } = writeFunction(
    `
    const api = require('@opentelemetry/api');
    ${LOOK}
    exports.handler = (_event, context) => look(context);`,
    'cjs',
  );
  putApi(join(folder, 'node_modules/@opentelemetry/api'), '1.9.0');
  expect(await invoke(TRACE)).toMatchObject({ span: { spanId: SPAN_ID } });
});

test('a module without the API is left alone', async () => {
  const { invoke } = writeFunction(
    'export const handler = (_event, context) => ({ ...surroundings(context), symbols: Object.getOwnPropertySymbols(globalThis).map(String) });',
  );
  const { symbols, ...seen } = await invoke(TRACE);
  expect(seen).toEqual({ headers: HEADERS, xray: XRAY });
  expect(symbols.join()).not.toContain('opentelemetry');
});

const module = (path: string) => JSON.stringify(import.meta.resolve(path));

test('an SDK that the module starts while it is loaded wins, without a word of complaint', async () => {
  const { invoke } = writeFunction(`
    import * as api from ${module('@opentelemetry/api')};
    import { AsyncLocalStorageContextManager } from ${module('@opentelemetry/context-async-hooks')};
    import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from ${module('@opentelemetry/sdk-trace')};
    ${LOOK}
    const complaints = [];
    const complain = (...words) => complaints.push(words.join(' '));
    api.diag.setLogger({ error: complain, warn: complain, info() {}, debug() {}, verbose() {} });
    const own = new AsyncLocalStorageContextManager().enable();
    api.context.setGlobalContextManager(own);
    const inject = (context, carrier, setter) => setter.set(carrier, 'mine', api.trace.getSpanContext(context).spanId);
    api.propagation.setGlobalPropagator({ inject, extract: (context) => context, fields: () => ['mine'] });
    const exporter = new InMemorySpanExporter();
    api.trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
    export const handler = async (_event, context) => {
      const seen = await look(context);
      api.trace.getTracer('own').startActiveSpan('within', (span) => span.end());
      const [{ parentSpanContext, name }] = exporter.getFinishedSpans();
      return { ...seen, name, parent: parentSpanContext, complaints };
    };`);
  expect(await invoke(TRACE)).toMatchObject({
    span: { spanId: SPAN_ID },
    carrier: { mine: SPAN_ID },
    name: 'within',
    parent: { traceId: TRACE_ID, spanId: SPAN_ID },
    complaints: [],
  });
});

test('an SDK that a bundle brings along is used, whatever its release', async () => {
  const { folder, invoke } = writeFunction(`
    import * as api from '../bundled/api/dist/index.mjs';
    import { AsyncLocalStorageContextManager } from ${module('@opentelemetry/context-async-hooks')};
    ${LOOK}
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    export const handler = (_event, context) => look(context);`);
  putApi(join(folder, 'bundled/api'), '1.4.0');
  expect(await invoke(TRACE)).toMatchObject({ span: { traceId: TRACE_ID, spanId: SPAN_ID }, carrier: {} });
});

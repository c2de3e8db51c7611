/**
 * The inside of a worker thread: one function's execution environment, as Lambda's runtime for Node is one.
 * It loads the handler once and then runs one invocation at a time. Only JSON text leaves it, so nothing that a
 * handler returns or throws can trouble the process.
 */
import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';
import { formatXRayHeader } from '../../runtime/execution/trace-headers.ts';
import type { AttemptTrace } from '../../runtime/index.ts';
import { errorObject, platformErrorObject, RuntimeError } from './error-object.ts';
import {
  createHandlerContext,
  type HandlerCall,
  type HandlerContext,
  type ThreadFunction,
} from './handler-context.ts';
import { guardProcess } from './process-guard.ts';

/** How an invocation ended. */
export type HandlerAnswer =
  /** `payload` is the result. */
  | { readonly kind: 'returned'; readonly payload: string }
  /** `payload` is Lambda's error object. */
  | { readonly kind: 'failed'; readonly payload: string }
  /** The handler was not called: what it was to get is malformed. */
  | { readonly kind: 'refused'; readonly message: string };

type Callback = (error: unknown, result?: unknown) => void;
type Handler = (event: unknown, context: HandlerContext, callback: Callback) => unknown;

/** Lambda's limit for a synchronous response: 6 MB and some room for its envelope. */
const RESPONSE_BYTES_MAX = 6_291_556;

const definition: ThreadFunction = workerData;
let loading: Promise<Handler> | undefined;

guardProcess();
process.on('unhandledRejection', (reason) => {
  throw new RuntimeError('Runtime.UnhandledPromiseRejection', String(reason));
});

export default async function invoke(call: HandlerCall): Promise<HandlerAnswer> {
  const handler = await load();
  const prepared = prepare(call);
  if ('message' in prepared) return { kind: 'refused', ...prepared };
  try {
    showTrace(call.trace);
    return respond(await runTraced(call.trace, () => run(handler, prepared.event, prepared.context)));
  } catch (thrown) {
    return { kind: 'failed', payload: errorObject(thrown) };
  }
}

function prepare(call: HandlerCall): { event: unknown; context: HandlerContext } | { message: string } {
  try {
    return { event: readEvent(call.payload), context: createHandlerContext(definition, call) };
  } catch (error) {
    return { message: (error as Error).message };
  }
}

function readEvent(payload: string): unknown {
  try {
    return JSON.parse(payload === '' ? '{}' : payload);
  } catch (error) {
    throw new Error(`Could not parse request body into json: ${(error as Error).message}`);
  }
}

/** Where the X-Ray SDK, and what else is written for Lambda, looks for it. */
function showTrace(trace: AttemptTrace | undefined): void {
  if (trace === undefined) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = formatXRayHeader(trace);
}

/** OpenTelemetry is loaded only for an invocation that is in a trace, and after the handler's module. */
async function runTraced<T>(trace: AttemptTrace | undefined, run: () => Promise<T>): Promise<T> {
  if (trace === undefined) return run();
  const { withActiveSpan } = await import('../../telemetry/traces/active-span.ts');
  return withActiveSpan(trace, definition.file, run);
}

/** Settles as the handler does: by the promise it returns, its callback, or the plain value it returns. */
function run(handler: Handler, event: unknown, context: HandlerContext): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) =>
      error === undefined || error === null ? resolve(result) : reject(error);
    const returned = handler(event, context, callback);
    // Three parameters declare the callback style; such a handler's plain return value means nothing.
    if (isThenable(returned) || handler.length < 3) resolve(returned);
  });
}

function respond(result: unknown): HandlerAnswer {
  const payload = stringify(result);
  if (Buffer.byteLength(payload) <= RESPONSE_BYTES_MAX) return { kind: 'returned', payload };
  return {
    kind: 'failed',
    payload: platformErrorObject(
      'Function.ResponseSizeTooLarge',
      `Response payload size exceeded maximum allowed payload size (${RESPONSE_BYTES_MAX} bytes).`,
    ),
  };
}

/** undefined and functions have no JSON and become null, as in Lambda. */
function stringify(result: unknown): string {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw new RuntimeError('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
}

/**
 * A module that failed to load stays failed for as long as its thread lives, so the thread ends with the error,
 * as a Lambda environment does whose initialisation failed: the next invocation starts afresh.
 */
function load(): Promise<Handler> {
  loading ??= importHandler().catch((error) => {
    setImmediate(() => {
      throw error;
    });
    return new Promise<never>(() => {});
  });
  return loading;
}

async function importHandler(): Promise<Handler> {
  const module = await importModule();
  const handler =
    member(module, definition.exportName) ?? member(member(module, 'default'), definition.exportName);
  if (typeof handler === 'function') return handler as Handler;
  throw new RuntimeError(
    'Runtime.HandlerNotFound',
    `${definition.name}.${definition.exportName} is undefined or not exported`,
  );
}

async function importModule(): Promise<unknown> {
  try {
    return await import(pathToFileURL(definition.file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('Runtime.UserCodeSyntaxError', String(error));
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND')
      throw new RuntimeError('Runtime.ImportModuleError', String(error));
    throw error;
  }
}

/** @param path `handler`, or `billing.handler` for a member of an export */
function member(container: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], container);
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

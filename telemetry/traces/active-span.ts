/**
 * For the thread of a function: handlers run as if the span that calls them were active, in the eyes of whatever copy of
 * `@opentelemetry/api` they bring along (docs/decisions/0020-trace-context.md).
 */
import { createRequire } from 'node:module';
import {
  type Context,
  type ContextManager,
  createTraceState,
  ROOT_CONTEXT,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { AttemptTrace } from '../../runtime/index.ts';

type Api = Pick<typeof import('@opentelemetry/api'), 'context' | 'propagation'>;

/** Where all copies of the API, 1.x, keep what is registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/**
 * Runs something with the span active. What the module has registered while it was loaded is used; where it has
 * registered nothing, W3C's propagation and Node's asynchronous context are registered for it.
 * @param module absolute path: only through its own copy of the API would it see what is registered
 */
export function withActiveSpan<T>(span: AttemptTrace, module: string, run: () => T): T {
  const manager = contextManager() ?? register(module);
  return manager === undefined ? run() : manager.with(contextOf(span), run);
}

function contextManager(): ContextManager | undefined {
  const global: typeof globalThis & { readonly [REGISTERED]?: { readonly context?: ContextManager } } =
    globalThis;
  return global[REGISTERED]?.context;
}

/** Undefined: the module has no copy of the API, so nothing in it would ask. */
function register(module: string): ContextManager | undefined {
  const api = apiOf(module);
  if (api === undefined) return undefined;
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  if (api.propagation.fields().length === 0)
    api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return contextManager();
}

function apiOf(module: string): Api | undefined {
  const require = createRequire(module);
  try {
    return require('@opentelemetry/api') as Api;
  } catch {
    return undefined;
  }
}

function contextOf({ traceId, spanId, isSampled, traceState }: AttemptTrace): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    ...(traceState !== undefined && { traceState: createTraceState(traceState) }),
    isRemote: true,
  });
}

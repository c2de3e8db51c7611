/**
 * The HTTP requests of task attempts, each a span under that of its attempt.
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
 */
import {
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { AttemptTrace } from '../../runtime/index.ts';
import type { Traces } from '../opentelemetry.ts';
import { alreadySampled } from './already-sampled.ts';

export interface RequestSpans {
  /** @param attempt one that is recorded */
  start(attempt: AttemptTrace, request: SentRequest): RequestSpan;
}

export interface SentRequest {
  readonly method: string;
  readonly url: URL;
}

export interface RequestSpan {
  /** What the request brings along. */
  readonly trace: AttemptTrace;
  /** @param outcome the answer's status, or a short name for why there is none */
  end(outcome: number | string): void;
}

const SCOPE = 'statehouse';
const FAILURE_STATUS_MIN = 400;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

export function requestSpans({ provider }: Traces): RequestSpans {
  const tracer = provider.getTracer(SCOPE);
  return {
    start(attempt, { method, url }) {
      const attributes = {
        'http.request.method': method,
        // Credentials and queries may hold secrets.
        'url.full': url.origin + url.pathname,
        'server.address': url.hostname,
        'server.port': Number(url.port) || DEFAULT_PORTS[url.protocol],
      };
      const span = tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes }, contextOf(attempt));
      return {
        trace: { ...attempt, spanId: span.spanContext().spanId },
        end: (outcome) => end(span, outcome),
      };
    },
  };
}

function contextOf({ traceId, spanId, traceState }: AttemptTrace) {
  const parent = {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(traceState !== undefined && { traceState: createTraceState(traceState) }),
  };
  return alreadySampled(trace.setSpanContext(ROOT_CONTEXT, parent));
}

function end(span: Span, outcome: number | string): void {
  if (typeof outcome === 'number') span.setAttribute('http.response.status_code', outcome);
  if (typeof outcome === 'string' || outcome >= FAILURE_STATUS_MIN) {
    span.setAttribute('error.type', String(outcome));
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

import type { IncomingHttpHeaders } from 'node:http';
import { type CallerContext, readTraceparent, readXRayHeader } from '../runtime/index.ts';

/**
 * The trace that a caller is in, as told by the first of these that is well-formed: the request's own member, the
 * header of W3C, that of X-Ray.
 */
export function callerContext(
  traceHeader: string | undefined,
  headers: IncomingHttpHeaders,
): CallerContext | undefined {
  return (
    readXRayHeader(traceHeader) ??
    readTraceparent(textOf(headers.traceparent), textOf(headers.tracestate)) ??
    readXRayHeader(textOf(headers['x-amzn-trace-id']))
  );
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}

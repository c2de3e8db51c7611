/**
 * Trace context as headers carry it: W3C's `traceparent` with `tracestate`, and X-Ray's `X-Amzn-Trace-Id`, which
 * StartExecution takes as `traceHeader` too. What is malformed is as good as absent: a trace must never fail a call.
 * @see https://www.w3.org/TR/trace-context/
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
import type { CallerContext, SpanReference } from './trace.ts';

/** A version that is not known yet may have more behind the flags; 00 may not, and ff is none. */
const TRACEPARENT =
  /^(?!ff)(?<version>[\da-f]{2})-(?!0{32})(?<traceId>[\da-f]{32})-(?!0{16})(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?<more>-.*)?$/;
const SAMPLED_FLAG = 1;

const STATE_KEY = /^(?:[a-z][-_a-z\d*/]{0,255}|[a-z\d][-_a-z\d*/]{0,240}@[a-z][-_a-z\d*/]{0,13})$/;
/** Printable ASCII without `,` and `=`, not ending in a blank. */
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const STATE_MEMBERS_MAX = 32;
/** What everybody has to pass on; some pass on no more. */
const STATE_LENGTH_MAX = 512;

const XRAY_ROOT = /^1-([\da-f]{8})-([\da-f]{24})$/i;
const XRAY_PARENT = /^(?!0{16}$)[\da-f]{16}$/i;
const XRAY_TIME_DIGITS = 8;
const NO_TRACE = /^0+$/;

/** @returns undefined when there is no `traceparent`, or a malformed one */
export function readTraceparent(
  traceparent: string | undefined,
  tracestate?: string,
): CallerContext | undefined {
  const { version, traceId, spanId, flags, more } = TRACEPARENT.exec(traceparent ?? '')?.groups ?? {};
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  const traceState = tracestate === undefined ? '' : readTracestate(tracestate);
  return {
    traceId,
    spanId,
    isSampled: (Number.parseInt(flags, 16) & SAMPLED_FLAG) !== 0,
    ...(traceState !== '' && { traceState }),
  };
}

/** The members that are well-formed, the first of those with the same key, and no more than may be. */
function readTracestate(text: string): string {
  const members = new Map<string, string>();
  let length = 0;
  for (const member of text.split(',')) {
    const trimmed = member.trim();
    const key = trimmed.slice(0, Math.max(0, trimmed.indexOf('=')));
    const value = trimmed.slice(key.length + 1);
    if (!STATE_KEY.test(key) || !STATE_VALUE.test(value) || members.has(key)) continue;
    const added = trimmed.length + (members.size > 0 ? 1 : 0);
    if (length + added > STATE_LENGTH_MAX) continue;
    length += added;
    members.set(key, trimmed);
    if (members.size === STATE_MEMBERS_MAX) break;
  }
  return [...members.values()].join(',');
}

/** @returns undefined when there is no header, or one without a trace id */
export function readXRayHeader(header: string | undefined): CallerContext | undefined {
  if (header === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const field of header.split(';')) {
    const [name = '', value = ''] = field.split('=');
    fields.set(name.trim().toLowerCase(), value.trim());
  }
  const [, time, rest] = XRAY_ROOT.exec(fields.get('root') ?? '') ?? [];
  const traceId = `${time}${rest}`.toLowerCase();
  if (time === undefined || NO_TRACE.test(traceId)) return undefined;
  const spanId = fields.get('parent') ?? '';
  const decision = fields.get('sampled');
  return {
    traceId,
    ...(XRAY_PARENT.test(spanId) && { spanId: spanId.toLowerCase() }),
    ...((decision === '0' || decision === '1') && { isSampled: decision === '1' }),
  };
}

export function formatTraceparent({ traceId, spanId, isSampled }: SpanReference & CallerContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

export function formatXRayHeader({ traceId, spanId, isSampled }: SpanReference & CallerContext): string {
  const root = `1-${traceId.slice(0, XRAY_TIME_DIGITS)}-${traceId.slice(XRAY_TIME_DIGITS)}`;
  const decision = isSampled === undefined ? '' : `;Sampled=${isSampled ? 1 : 0}`;
  return `Root=${root};Parent=${spanId}${decision}`;
}

/** The headers that a call takes along. */
export function traceHeaders(context: SpanReference & CallerContext): Record<string, string> {
  return {
    traceparent: formatTraceparent(context),
    ...(context.traceState !== undefined && { tracestate: context.traceState }),
    'X-Amzn-Trace-Id': formatXRayHeader(context),
  };
}

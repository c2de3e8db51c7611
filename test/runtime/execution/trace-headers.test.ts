/** Trace context in headers: what is well-formed is understood, and nothing throws. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTraceparent, readXRayHeader, traceHeaders } from '../../../runtime/index.ts';
import { runs } from '../../support/runs.ts';

const TRACE_ID = '5759e988bd862e3fe1be46a994272793';
const SPAN_ID = '53995c3f42cd8ad8';
const context = { traceId: TRACE_ID, spanId: SPAN_ID };

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const id = (digits: number) => hex(digits).filter((text) => !/^0*$/.test(text));
const anyContext = fc.record({ traceId: id(32), spanId: id(16), isSampled: fc.boolean() });

/** Texts, and headers that are well-formed but for some place in them. */
const nearly = (header: fc.Arbitrary<string>) =>
  fc.oneof(
    header,
    fc.string({ unit: 'binary' }),
    fc
      .tuple(header, fc.nat(60), fc.nat(4), fc.string({ unit: 'grapheme', maxLength: 4 }))
      .map(([text, start, length, put]) => text.slice(0, start) + put + text.slice(start + length)),
  );

describe('traceparent', () => {
  test.each([
    ['sampled', '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01', true],
    ['not sampled', '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00', false],
    ['flags that are not known yet', '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-fe', false],
    [
      'a later version, which has more',
      'cc-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01-what-ever',
      true,
    ],
  ])('%s', (_, header, isSampled) => {
    expect(readTraceparent(header)).toEqual({ ...context, isSampled });
  });

  test.each([
    [undefined],
    [''],
    ['00-00000000000000000000000000000000-53995c3f42cd8ad8-01'],
    ['00-5759e988bd862e3fe1be46a994272793-0000000000000000-01'],
    ['00-5759E988BD862E3FE1BE46A994272793-53995c3f42cd8ad8-01'],
    ['00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01-more'],
    ['ff-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01'],
    [
      '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01,00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01',
    ],
  ])('is none: %s', (header) => {
    expect(readTraceparent(header, 'a=1')).toBeUndefined();
  });

  test('tracestate keeps its well-formed members', () => {
    const header = '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01';
    const read = (state: string) => readTraceparent(header, state)?.traceState;
    expect(read('a=1, t@b=2\t,,C=3,d,e=4\r\nx: y')).toBe('a=1,t@b=2');
    expect(read(`a=${'v'.repeat(200)},b=${'v'.repeat(200)},c=${'v'.repeat(200)},d=1`)).toBe(
      `a=${'v'.repeat(200)},b=${'v'.repeat(200)},d=1`,
    );
    expect(read(',')).toBeUndefined();
  });

  test('is read as OpenTelemetry reads it', () => {
    const propagator = new W3CTraceContextPropagator();
    const getter = {
      keys: (carrier: Record<string, string>) => Object.keys(carrier),
      get: (carrier: Record<string, string>, key: string) => carrier[key],
    };
    const member = fc.oneof(
      { arbitrary: fc.stringMatching(/^[a-z][a-z0-9_*/@-]{0,20}=[ -~]{0,40}$/), weight: 3 },
      fc.string({ maxLength: 300 }),
    );
    // OpenTelemetry lets the last of two members with one key win, in the place of the first.
    const state = fc
      .uniqueArray(member, { maxLength: 40, selector: (text) => text.trim().split('=')[0] })
      .map((members) => members.join(','));
    const header = anyContext.map((given) => traceHeaders(given).traceparent ?? '');
    fc.assert(
      // HTTP takes the blanks around a header away.
      fc.property(
        nearly(header).map((text) => text.trim()),
        state,
        (traceparent, tracestate) => {
          const theirs = trace.getSpanContext(
            propagator.extract(ROOT_CONTEXT, { traceparent, tracestate }, getter),
          );
          const traceState = theirs?.traceState?.serialize();
          expect(readTraceparent(traceparent, tracestate)).toEqual(
            theirs && {
              traceId: theirs.traceId,
              spanId: theirs.spanId,
              isSampled: (theirs.traceFlags & 1) === 1,
              ...(traceState && { traceState }),
            },
          );
        },
      ),
      { numRuns: runs(500) },
    );
  });
});

describe('X-Amzn-Trace-Id', () => {
  const root = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  test.each([
    [`${root};Parent=53995c3f42cd8ad8;Sampled=1`, { ...context, isSampled: true }],
    [`Sampled=0;${root};Parent=53995c3f42cd8ad8;Lineage=a:b=c`, { ...context, isSampled: false }],
    [`Self=1-67891234-abcdef012345678912345678; ${root.toUpperCase()}`, { traceId: TRACE_ID }],
    [`${root};Parent=53995c3f42cd8ad8;Sampled=?`, context],
    [`${root};Parent=0000000000000000;Sampled=1`, { traceId: TRACE_ID, isSampled: true }],
    [`${root};Parent=nonsense`, { traceId: TRACE_ID }],
    [undefined, undefined],
    ['', undefined],
    ['Root=1', undefined],
    ['Root=2-5759e988-bd862e3fe1be46a994272793', undefined],
    ['Root=1-00000000-000000000000000000000000', undefined],
    ['Parent=53995c3f42cd8ad8;Sampled=1', undefined],
  ])('%s', (header, expected) => {
    expect(readXRayHeader(header)).toEqual(expected);
  });

  test('no text throws, and what is read has well-formed ids', () => {
    const header = anyContext.map((given) => traceHeaders(given)['X-Amzn-Trace-Id'] ?? '');
    fc.assert(
      fc.property(nearly(header), (text) => {
        const read = readXRayHeader(text);
        if (read === undefined) return;
        expect(read.traceId).toMatch(/^(?!0{32})[\da-f]{32}$/);
        if (read.spanId !== undefined) expect(read.spanId).toMatch(/^(?!0{16})[\da-f]{16}$/);
      }),
      { numRuns: runs(500) },
    );
  });
});

test('what is written is read again', () => {
  fc.assert(
    fc.property(anyContext, fc.boolean(), (given, hasState) => {
      const full = { ...given, ...(hasState && { traceState: 'vendor=1,t@other=x y' }) };
      const { traceparent, tracestate, 'X-Amzn-Trace-Id': xray } = traceHeaders(full);
      expect(readTraceparent(traceparent, tracestate)).toEqual(full);
      expect(readXRayHeader(xray)).toEqual(given);
    }),
  );
  expect(readXRayHeader(traceHeaders(context)['X-Amzn-Trace-Id'])).toEqual(context);
});

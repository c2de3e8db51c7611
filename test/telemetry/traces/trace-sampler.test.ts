import { ROOT_CONTEXT, SamplingDecision, SpanKind } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { alreadySampled } from '../../../telemetry/traces/already-sampled.ts';
import {
  honoringStarts,
  samplerFromEnv,
  type TraceSampler,
  traceSampler,
} from '../../../telemetry/traces/trace-sampler.ts';
import { LogLines } from '../../support/log-lines.ts';

const LOG = new LogLines();

function samplerOf(name?: string, argument?: string): TraceSampler {
  const env = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument };
  return traceSampler(samplerFromEnv(env, LOG.logger));
}

function parent(isSampled: boolean, traceId = '4bf92f3577b34da6a3ce929d0e0e4736') {
  return { traceId, spanId: '00f067aa0ba902b7', isSampled };
}

test.each([
  [undefined, { root: true, sampled: true, unsampled: false }],
  ['parentbased_always_on', { root: true, sampled: true, unsampled: false }],
  ['parentbased_always_off', { root: false, sampled: true, unsampled: false }],
  ['always_on', { root: true, sampled: true, unsampled: true }],
  ['always_off', { root: false, sampled: false, unsampled: false }],
])('%s', (name, expected) => {
  const sampler = samplerOf(name);
  expect({
    root: sampler.decide(undefined).isSampled,
    sampled: sampler.decide(parent(true)).isSampled,
    unsampled: sampler.decide(parent(false)).isSampled,
  }).toEqual(expected);
});

test('a trace goes on under its id, and another one is drawn each time', () => {
  const sampler = samplerOf();
  expect(sampler.decide(parent(true)).traceId).toBe(parent(true).traceId);
  const drawn = Array.from({ length: 100 }, () => sampler.decide(undefined).traceId);
  expect(new Set(drawn).size).toBe(100);
  for (const traceId of drawn) expect(traceId).toMatch(/^[0-9a-f]{32}$/);
});

test('a ratio decides by the id of the trace, alike everywhere', () => {
  const decisions = Array.from({ length: 2000 }, () => samplerOf('traceidratio', '0.25').decide(undefined));
  const sampled = decisions.filter(({ isSampled }) => isSampled);
  expect(sampled.length).toBeGreaterThan(350);
  expect(sampled.length).toBeLessThan(650);
  for (const { traceId, isSampled } of decisions)
    expect(samplerOf('traceidratio', '0.25').decide(parent(!isSampled, traceId)).isSampled).toBe(isSampled);
  expect(samplerOf('parentbased_traceidratio', '0').decide(parent(true)).isSampled).toBe(true);
  expect(samplerOf('parentbased_traceidratio', '0').decide(undefined).isSampled).toBe(false);
});

test.each([
  ['jaeger_remote', undefined, { OTEL_TRACES_SAMPLER: 'jaeger_remote' }],
  ['traceidratio', '10%', { OTEL_TRACES_SAMPLER_ARG: '10%' }],
  ['traceidratio', '', { OTEL_TRACES_SAMPLER_ARG: '' }],
  ['traceidratio', '1.5', { OTEL_TRACES_SAMPLER_ARG: '1.5' }],
])('%s with %s samples all, and says so', async (name, argument, warning) => {
  expect(samplerOf(name, argument).decide(undefined).isSampled).toBe(true);
  expect(await LOG.line(warning)).toMatchObject({ level: 40 });
});

test('spans of an execution that is recorded are not sampled again', () => {
  const sampler = honoringStarts(samplerFromEnv({ OTEL_TRACES_SAMPLER: 'always_off' }, LOG.logger));
  const decide = (context = ROOT_CONTEXT) =>
    sampler.shouldSample(context, parent(true).traceId, 'span', SpanKind.INTERNAL, {}, []).decision;
  expect(decide()).toBe(SamplingDecision.NOT_RECORD);
  expect(decide(alreadySampled(ROOT_CONTEXT))).toBe(SamplingDecision.RECORD_AND_SAMPLED);
});

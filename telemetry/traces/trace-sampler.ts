/** Whether an execution is recorded in a trace is decided once, when it starts. */
import {
  type Context,
  ROOT_CONTEXT,
  type Sampler,
  SamplingDecision,
  SpanKind,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { SpanReference } from '../../runtime/index.ts';
import type { Logger } from '../log.ts';
import { isAlreadySampled } from './already-sampled.ts';

/** The span that asks for an execution's start. */
export interface ParentSpan extends SpanReference {
  readonly isSampled: boolean;
}

export interface TraceDecision {
  /** The parent's, or else drawn. */
  readonly traceId: string;
  readonly isSampled: boolean;
}

export interface TraceSampler {
  /** Decides about an execution of a state machine that has tracing enabled. */
  decide(parent: ParentSpan | undefined): TraceDecision;
}

/** Decides as the sampler of OpenTelemetry's variables does about a span. */
export function traceSampler(sampler: Sampler): TraceSampler {
  const ids = new RandomIdGenerator();
  return {
    decide(parent) {
      const traceId = parent?.traceId ?? ids.generateTraceId();
      const { decision } = sampler.shouldSample(
        contextOf(parent),
        traceId,
        'start',
        SpanKind.INTERNAL,
        {},
        [],
      );
      return { traceId, isSampled: decision === SamplingDecision.RECORD_AND_SAMPLED };
    },
  };
}

function contextOf(parent: ParentSpan | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, isSampled } = parent;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

/** As another sampler, but for the spans of executions, about which it was decided when they started. */
export function honoringStarts(sampler: Sampler): Sampler {
  return {
    shouldSample: (context, ...span) =>
      isAlreadySampled(context)
        ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
        : sampler.shouldSample(context, ...span),
  };
}

const DEFAULT_SAMPLER = 'parentbased_always_on';

const SAMPLERS: Readonly<Record<string, (env: NodeJS.ProcessEnv, logger: Logger) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (env, logger) => new TraceIdRatioBasedSampler(ratioOf(env, logger)),
  [DEFAULT_SAMPLER]: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (env, logger) =>
    new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratioOf(env, logger)) }),
};

/** The sampler of OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG; with what is unknown there, the default. */
export function samplerFromEnv(env: NodeJS.ProcessEnv, logger: Logger): Sampler {
  const name = env.OTEL_TRACES_SAMPLER?.trim() || DEFAULT_SAMPLER;
  const create = Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (create !== undefined) return create(env, logger);
  logger.warn({ OTEL_TRACES_SAMPLER: name }, `an unknown sampler: ${DEFAULT_SAMPLER} is used`);
  return samplerFromEnv({}, logger);
}

function ratioOf({ OTEL_TRACES_SAMPLER_ARG: text = '' }: NodeJS.ProcessEnv, logger: Logger): number {
  const ratio = Number(text);
  if (text.trim() !== '' && ratio >= 0 && ratio <= 1) return ratio;
  logger.warn({ OTEL_TRACES_SAMPLER_ARG: text }, 'not a ratio from 0 to 1: all traces are sampled');
  return 1;
}

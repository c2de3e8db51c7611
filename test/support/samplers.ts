import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import { traceSampler } from '../../telemetry/traces/trace-sampler.ts';

/** Goes by the caller, and records what has none. */
export const PARENT_BASED = traceSampler(new ParentBasedSampler({ root: new AlwaysOnSampler() }));

export const NEVER = traceSampler(new AlwaysOffSampler());

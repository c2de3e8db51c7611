/** What measuring looks like to those who measure. */
import type { AttributesOf, CounterName, HistogramName, InstrumentName, ObservedName } from './catalogue.ts';

/** Stands for all whom a bound leaves out, in a series of its own: OpenTelemetry's name for that. */
export const OVERFLOW = { 'otel.metric.overflow': true } as const;

export type Labels<Name extends InstrumentName> = AttributesOf<Name> | typeof OVERFLOW;

/** Measures in the time of a collection; with attributes that are known and bounded. */
export type Observe = <Name extends ObservedName>(
  name: Name,
  value: number,
  attributes: AttributesOf<Name>,
) => void;

export interface Metrics {
  add<Name extends CounterName>(name: Name, value: number, attributes: Labels<Name>): void;
  record<Name extends HistogramName>(name: Name, value: number, attributes: Labels<Name>): void;
  /**
   * @param read called when somebody collects. What it does not observe, or all if it throws, is absent from that
   *   collection
   */
  observe(names: readonly ObservedName[], read: (observe: Observe) => void | Promise<void>): void;
}

/** Measures nothing. */
export const NO_METRICS: Metrics = { add: () => {}, record: () => {}, observe: () => {} };

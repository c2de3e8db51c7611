import type { Meter, Observable } from '@opentelemetry/api';
import { CATALOGUE, type InstrumentName, type ObservedName } from './catalogue.ts';
import { Counts } from './counts.ts';
import type { Instrument } from './instrument.ts';
import type { Metrics, Observe } from './metrics.ts';
import { Samples } from './samples.ts';

/** All of the catalogue. */
export function createInstruments(meter: Meter, observeFailed: (error: unknown) => void): Metrics {
  const counts = new Counts();
  const samples = new Samples();
  const observed = new Map<InstrumentName, Observable>();
  for (const [name, instrument] of Object.entries(CATALOGUE) as [InstrumentName, Instrument][]) {
    const { kind, unit, description, buckets } = instrument;
    const options = { unit, description };
    if (kind === 'counter') counts.include(name, meter.createCounter(name, options));
    else if (kind === 'histogram')
      samples.include(
        name,
        meter.createHistogram(name, {
          ...options,
          advice: { explicitBucketBoundaries: [...(buckets ?? [])] },
        }),
      );
    else observed.set(name, createObserved[kind](meter, name, options));
  }
  // The SDK asks what is observed before it collects what has been counted.
  const handOver = (): void => {
    counts.handOver();
    samples.handOver();
  };
  meter.addBatchObservableCallback(handOver, [...observed.values()]);
  return {
    add: (name, value, attributes) => counts.add(name, value, attributes),
    record: (name, value, attributes) => samples.record(name, value, attributes),
    observe(names, read) {
      const observables = names.map((name) => observed.get(name) as Observable);
      meter.addBatchObservableCallback(async (result) => {
        const observe: Observe = (name, value, attributes) =>
          result.observe(observed.get(name satisfies ObservedName) as Observable, value, attributes);
        try {
          await read(observe);
        } catch (error) {
          observeFailed(error);
        }
      }, observables);
    },
  };
}

type ObservedKind = Exclude<Instrument['kind'], 'counter' | 'histogram'>;

const createObserved: Readonly<
  Record<
    ObservedKind,
    (meter: Meter, name: string, options: { unit: string; description: string }) => Observable
  >
> = {
  observedCounter: (meter, name, options) => meter.createObservableCounter(name, options),
  observedUpDownCounter: (meter, name, options) => meter.createObservableUpDownCounter(name, options),
  observedGauge: (meter, name, options) => meter.createObservableGauge(name, options),
};

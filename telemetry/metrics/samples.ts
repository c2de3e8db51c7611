import type { Attributes, Histogram } from '@opentelemetry/api';

/** Values that are kept until they are handed over, at most, for each histogram. */
const PENDING_MAX = 1000;

interface Pending {
  readonly histogram: Histogram;
  /** One after the other, with the attributes of each at the same place. */
  readonly values: number[];
  readonly attributes: (Attributes | undefined)[];
}

/**
 * Values of histograms that are handed to the SDK many at a time, as {@link Counts} are when it collects: in a row, they
 * take it less than half the time that each takes between other work.
 */
export class Samples {
  readonly #pending = new Map<string, Pending>();

  include(name: string, histogram: Histogram): void {
    this.#pending.set(name, { histogram, values: [], attributes: [] });
  }

  /** @param name of a histogram that has been included; others are not recorded */
  record(name: string, value: number, attributes?: Attributes): void {
    const pending = this.#pending.get(name);
    if (pending === undefined) return;
    pending.values.push(value);
    pending.attributes.push(attributes);
    if (pending.values.length >= PENDING_MAX) handOver(pending);
  }

  handOver(): void {
    for (const pending of this.#pending.values()) handOver(pending);
  }
}

function handOver({ histogram, values, attributes }: Pending): void {
  for (let i = 0; i < values.length; i++) histogram.record(values[i] ?? 0, attributes[i]);
  values.length = 0;
  attributes.length = 0;
}

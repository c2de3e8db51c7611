import type { Attributes, Counter } from '@opentelemetry/api';

/** Sets of attributes that are kept apart until they are handed over, at most, for each counter. */
const PENDING_MAX = 1000;

interface Pending {
  readonly counter: Counter;
  /** Those of most counts are one and the same object each time. */
  readonly values: Map<Attributes | undefined, number>;
}

/**
 * Counts that are handed to the SDK when it collects: it makes a text of the attributes with each that it is told, which
 * costs more than to count.
 */
export class Counts {
  readonly #pending = new Map<string, Pending>();

  include(name: string, counter: Counter): void {
    this.#pending.set(name, { counter, values: new Map() });
  }

  /** @param name of a counter that has been included; others are not counted */
  add(name: string, value: number, attributes?: Attributes): void {
    const pending = this.#pending.get(name);
    if (pending === undefined) return;
    const { values } = pending;
    values.set(attributes, (values.get(attributes) ?? 0) + value);
    if (values.size >= PENDING_MAX) handOver(pending);
  }

  handOver(): void {
    for (const pending of this.#pending.values()) handOver(pending);
  }
}

function handOver({ counter, values }: Pending): void {
  for (const [attributes, value] of values) counter.add(value, attributes);
  values.clear();
}

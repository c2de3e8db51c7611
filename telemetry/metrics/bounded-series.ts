import { OVERFLOW } from './metrics.ts';

/**
 * Attributes by what they are made of, made once, and for so many only: who comes later is counted in one series
 * with all the others. The SDK's own bound begins anew with every collection, so that what it adds up has none.
 */
export class BoundedSeries<Attributes> {
  readonly #max: number;
  readonly #known = new Map<string, Attributes>();

  constructor(max: number) {
    this.#max = max;
  }

  of(key: string, make: () => Attributes): Attributes | typeof OVERFLOW {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#max) return OVERFLOW;
    const attributes = make();
    this.#known.set(key, attributes);
    return attributes;
  }
}

import type { Environment } from '../environment.ts';
import type { Random } from '../random.ts';

/** What one evaluation draws, kept so that another can draw the same. */
export class Draws implements Random {
  readonly #environment: Environment;
  readonly #numbers: number[] = [];
  readonly #uuids: string[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  next(): number {
    const number = this.#environment.random.next();
    this.#numbers.push(number);
    return number;
  }

  uuid(): string {
    const uuid = this.#environment.random.uuid();
    this.#uuids.push(uuid);
    return uuid;
  }

  /** The same in the same order. An evaluation that asks for more goes another way than the first one did. */
  again(): Random {
    const numbers = this.#numbers.values();
    const uuids = this.#uuids.values();
    return { next: () => numbers.next().value ?? 0, uuid: () => uuids.next().value ?? '' };
  }
}

/**
 * Bounds the work of one evaluation by counting, not by the clock: the same expression on the same data always
 * ends the same way, on a fast machine and on a loaded one (docs/decisions/0007-work-is-counted.md).
 */
export class Budget {
  #left: number;
  readonly #exhausted: () => unknown;

  /**
   * @param units what one unit stands for is the caller's business; think of 10 to 50 ns of work
   * @param exhausted makes what is thrown once they are spent
   */
  constructor(units: number, exhausted: () => unknown) {
    this.#left = units;
    this.#exhausted = exhausted;
  }

  /** @throws what the constructor's `exhausted` makes */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw this.#exhausted();
  }
}

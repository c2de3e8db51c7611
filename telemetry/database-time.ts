import type { Clock } from './clock.ts';

/**
 * The database's time, as this process can tell it without asking: its last answer plus what the monotonic
 * clock has measured since. So all processes agree on when something began and is due, whatever their own wall clocks say.
 */
export class DatabaseTime {
  readonly #clock: Clock;
  #offset: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param time ms since 1970, as the database answered
   * @param askedAt monotonic time when the question went out: the answer holds for the middle of the way
   */
  calibrate(time: number, askedAt: number): void {
    this.#offset = time - (askedAt + this.#clock.monotonic()) / 2;
  }

  /** The database has been asked. */
  get isKnown(): boolean {
    return this.#offset !== undefined;
  }

  /**
   * Whole ms since 1970.
   * @throws Error before the first calibration
   */
  now(): number {
    if (this.#offset === undefined) throw new Error('The database has not been asked for its time yet');
    return Math.floor(this.#clock.monotonic() + this.#offset);
  }
}

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
   * The answer was right at some moment between question and arrival: what was known more precisely before stays, as
   * far as the answer allows. Otherwise it counts from its arrival, so that time is rather late than early, and no timer
   * fires before its time because an answer was slow.
   * @param time ms since 1970, as the database answered
   * @param askedAt monotonic time when the question went out
   */
  calibrate(time: number, askedAt: number): void {
    const least = time - this.#clock.monotonic();
    const most = time - askedAt;
    if (this.#offset === undefined || this.#offset < least || this.#offset > most) this.#offset = least;
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

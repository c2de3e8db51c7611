/**
 * How many executions are alive in this process. Whoever wants to claim one takes a place first, and waits in
 * line while there is none or while this worker may take no work; the waiting itself is bounded by the number of
 * claims that the queue makes at a time.
 */
export class Admission {
  readonly #placesMax: number;
  readonly #mayEnter: (taken: number) => boolean;
  readonly #line: ((entered: boolean) => void)[] = [];
  readonly #awaitingEmpty: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  /** @param mayEnter anything else (given the places taken) that must hold; call {@link changed} when it has come true */
  constructor(placesMax: number, mayEnter: (taken: number) => boolean) {
    this.#placesMax = placesMax;
    this.#mayEnter = mayEnter;
  }

  /** True: a place is yours, to be given back by {@link leave}. False: closed, there will be none. */
  enter(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#line.push(resolve);
      this.changed();
    });
  }

  leave(): void {
    this.#taken--;
    this.changed();
    if (this.#taken === 0) for (const resolve of this.#awaitingEmpty.splice(0)) resolve();
  }

  /** Resolves when no place is taken. */
  whenEmpty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#taken === 0) resolve();
      else this.#awaitingEmpty.push(resolve);
    });
  }

  /** Lets in who can come in now. */
  changed(): void {
    while (this.#line.length > 0 && (this.#closed || this.#isOpen())) {
      if (!this.#closed) this.#taken++;
      this.#line.shift()?.(!this.#closed);
    }
  }

  /** Nobody comes in any more. */
  close(): void {
    this.#closed = true;
    this.changed();
  }

  /** Somebody waits for a place: who does nothing at the moment should go. */
  get isCrowded(): boolean {
    return this.#line.length > 0;
  }

  #isOpen(): boolean {
    return this.#taken < this.#placesMax && this.#mayEnter(this.#taken);
  }
}

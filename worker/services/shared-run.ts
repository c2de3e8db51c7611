/** Work that many ask for: those who ask at a time share a run that begins after each of them has asked. */
export class SharedRun {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** @throws what the work throws */
  run(): Promise<void> {
    if (this.#running === undefined) return this.#runNow();
    this.#next ??= this.#running.catch(() => {}).then(() => this.#runNow());
    return this.#next;
  }

  #runNow(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }
}

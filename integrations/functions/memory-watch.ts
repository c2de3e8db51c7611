import type { Worker } from 'node:worker_threads';

/** A thread can fill about a gigabyte a second: what it has too much until it is seen stays bearable. */
const PERIOD_MS = 50;

/**
 * Ends threads that hold too much memory outside their JavaScript heap (Buffers), which V8's resource limits do not
 * count. Asking a thread interrupts what it is doing, so one that never yields answers too.
 */
export class MemoryWatch {
  readonly #bytesMax: number;
  readonly #threads: () => readonly Worker[];
  /** Threads that were ended for it, until their end is known to all. */
  readonly #ending = new Set<Worker>();
  #timer: NodeJS.Timeout | undefined;

  constructor(bytesMax: number, threads: () => readonly Worker[]) {
    this.#bytesMax = bytesMax;
    this.#threads = threads;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#look(), PERIOD_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A thread is just being ended for its memory: an invocation that fails at this moment was in it. */
  get isEnding(): boolean {
    return this.#ending.size > 0;
  }

  #look(): void {
    for (const thread of this.#threads()) {
      if (this.#ending.has(thread)) continue;
      thread.getHeapStatistics().then(
        ({ external_memory }) => {
          if (external_memory > this.#bytesMax) this.#end(thread);
        },
        () => {}, // it has ended meanwhile
      );
    }
  }

  #end(thread: Worker): void {
    if (this.#ending.has(thread)) return;
    this.#ending.add(thread);
    // Whoever waits for its end has heard of it before an immediate runs.
    thread.once('exit', () => setImmediate(() => this.#ending.delete(thread)));
    void thread.terminate();
  }
}

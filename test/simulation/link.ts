/** The way of one process to the database: each call is a transaction there, and each way may be long or break. */
import { pino } from 'pino';
import { type RetryPolicy, retrying } from '../../store/retryable-errors.ts';
import type { SimulatedProcess } from './process.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

/** Making one costs as much as a dozen happenings. */
export const SILENT = pino({ level: 'silent' });

/** As the store that is opened on Postgres. */
const RETRY_DEADLINE_MS = 30_000;
const READ_DEADLINE_MS = 3000;

export class Link {
  readonly #process: SimulatedProcess;
  readonly #timeline: Timeline;
  readonly #weather: Weather;
  readonly #isUp: () => boolean;
  /** As the store repeats calls. */
  readonly retry: RetryPolicy;

  /** @param isUp whether the database takes calls */
  constructor(process: SimulatedProcess, timeline: Timeline, weather: Weather, isUp: () => boolean) {
    this.#process = process;
    this.#timeline = timeline;
    this.#weather = weather;
    this.#isUp = isUp;
    this.retry = {
      deadlineMs: RETRY_DEADLINE_MS,
      signal: new AbortController().signal,
      clock: process,
      logger: SILENT,
    };
  }

  /**
   * One call.
   * @param name what it is
   * @param of whose, for the trace
   * @throws as a connection that breaks, and what the transaction throws
   */
  call<T>(name: string, transaction: () => T, of = ''): Promise<T> {
    const fate = this.#weather.fateOf(this.#process, name);
    const label = `${this.#process.name} ${name} ${of}`;
    return new Promise((resolve, reject) => {
      let settle: () => void = () => reject(broken(name));
      if (fate.servedAfterMs !== undefined)
        this.#timeline.after(fate.servedAfterMs, `${label} is served`, () => {
          if (fate.death === 'before') this.#process.kill();
          if (fate.death === 'before' || !this.#isUp() || !this.#arrives()) return;
          const served = attempt(transaction);
          this.#timeline.note(`${label} = ${brief(served)}`);
          if (fate.death === 'after') this.#process.kill();
          if (fate.isAnswered)
            settle = () => ('error' in served ? reject(served.error) : resolve(served.value));
        });
      this.#timeline.after(fate.heardAfterMs, `${label} is heard of`, () =>
        this.#process.enter(() => settle()),
      );
    });
  }

  /** As the store does what it may repeat. */
  retried<T>(name: string, transaction: () => T, of = ''): Promise<T> {
    return retrying(this.retry, () => this.call(name, transaction, of));
  }

  /** As the store reads. */
  retriedRead<T>(name: string, transaction: () => T): Promise<T> {
    return retrying({ ...this.retry, deadlineMs: READ_DEADLINE_MS }, () => this.call(name, transaction));
  }

  #arrives(): boolean {
    return !this.#process.isDead || this.#weather.arrives();
  }
}

function attempt<T>(transaction: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: transaction() };
  } catch (error) {
    return { error };
  }
}

/** What came of it, for the trace: of rows, only that there are some. */
function brief(served: ReturnType<typeof attempt>): string {
  if ('error' in served) return String(served.error);
  return typeof served.value === 'object' ? typeof served.value : String(served.value);
}

function broken(name: string): Error {
  return Object.assign(new Error(`the connection broke: ${name}`), { code: 'ECONNRESET' });
}

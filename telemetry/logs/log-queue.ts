import { type Clock, pause, within } from '../clock.ts';
import type { Logger } from '../log.ts';
import { type LogDestination, type LogEntry, PartlyWritten } from './log-destination.ts';

export interface LogQueueOptions {
  /** Of the destination, for warnings and metrics. */
  readonly name: string;
  readonly destination: LogDestination;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bounds?: Partial<LogQueueBounds>;
}

export interface LogQueueBounds {
  /** Entries that wait or are being written, and the characters of their texts. */
  readonly entriesMax: number;
  readonly sizeMax: number;
  /** Likewise, of one write. */
  readonly batchEntriesMax: number;
  readonly batchSizeMax: number;
  /** How long an entry waits for others to be written with. */
  readonly lingerMs: number;
  /** How long a batch that cannot be written is tried again. */
  readonly retryMs: number;
  /** How long closing may take. */
  readonly closeMs: number;
}

const BOUNDS: LogQueueBounds = {
  entriesMax: 20_000,
  sizeMax: 32 * 1024 * 1024,
  batchEntriesMax: 1000,
  batchSizeMax: 1024 * 1024,
  lingerMs: 200,
  retryMs: 60_000,
  closeMs: 5000,
};

const FIRST_DELAY_MS = 200;
const DELAY_MS_MAX = 10_000;
/** Between warnings about entries that were dropped. */
const WARNING_MS = 10_000;

/**
 * Entries on their way to a destination, in their order. Executions never wait for it: what there is no room for, or
 * what cannot be written for too long, is dropped and counted.
 */
export class LogQueue {
  readonly name: string;
  readonly #options: LogQueueOptions;
  readonly #bounds: LogQueueBounds;
  readonly #entries: LogEntry[] = [];
  readonly #abandoned = new AbortController();
  #buffered = 0;
  #size = 0;
  #written = 0;
  #dropped = 0;
  #closed = false;
  #writing: Promise<void> | undefined;
  #cancelLinger: (() => void) | undefined;
  #droppedWarned = 0;
  #nextWarning = Number.NEGATIVE_INFINITY;

  constructor(options: LogQueueOptions) {
    this.name = options.name;
    this.#options = options;
    this.#bounds = { ...BOUNDS, ...options.bounds };
  }

  /** Entries that wait or are being written. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Entries written since the start. */
  get written(): number {
    return this.#written;
  }

  /** Entries lost since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  add(entry: LogEntry): void {
    const { entriesMax, sizeMax } = this.#bounds;
    if (this.#closed || this.#buffered >= entriesMax || this.#size + entry.size > sizeMax) {
      this.#drop(1, this.#closed ? 'the process is stopping' : 'the buffer is full');
      return;
    }
    this.#entries.push(entry);
    this.#buffered++;
    this.#size += entry.size;
    this.#writeSoon();
  }

  /** Writes what is left, for a bounded time, and closes the destination. Never throws. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#writeNow();
    if (!(await this.#settled())) {
      this.#abandoned.abort();
      this.#lose(this.#entries.splice(0), 'the process is stopping');
    }
    await this.#options.destination.close().catch((error: unknown) => this.#warn(error));
    await this.#settled();
    if (this.#dropped > this.#droppedWarned) this.#warn('the process is stopping');
  }

  /** False: what is being written takes too long. */
  async #settled(): Promise<boolean> {
    const { clock } = this.#options;
    return within(clock, this.#bounds.closeMs, this.#writing ?? Promise.resolve()).then(
      () => true,
      () => false,
    );
  }

  #writeSoon(): void {
    if (this.#writing !== undefined) return;
    if (this.#isDue()) this.#writeNow();
    else this.#cancelLinger ??= this.#options.clock.after(this.#bounds.lingerMs, () => this.#writeNow());
  }

  #isDue(): boolean {
    const { batchEntriesMax, batchSizeMax } = this.#bounds;
    return this.#closed || this.#buffered >= batchEntriesMax || this.#size >= batchSizeMax;
  }

  #writeNow(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    if (this.#writing !== undefined || this.#entries.length === 0) return;
    this.#writing = this.#writeBatches().finally(() => {
      this.#writing = undefined;
      if (this.#entries.length > 0) this.#writeSoon();
    });
  }

  async #writeBatches(): Promise<void> {
    do await this.#write(this.#nextBatch());
    while (this.#entries.length > 0 && this.#isDue());
  }

  #nextBatch(): LogEntry[] {
    const { batchEntriesMax, batchSizeMax } = this.#bounds;
    let count = 0;
    let size = 0;
    for (const entry of this.#entries) {
      size += entry.size;
      if (count === batchEntriesMax || (count > 0 && size > batchSizeMax)) break;
      count++;
    }
    return this.#entries.splice(0, count);
  }

  /** Tries until everything is written, or the time is over. */
  async #write(batch: readonly LogEntry[]): Promise<void> {
    const { clock } = this.#options;
    const giveUpAt = clock.monotonic() + this.#bounds.retryMs;
    const isHopeless = () => clock.monotonic() >= giveUpAt || this.#abandoned.signal.aborted;
    let { left, fault } = await this.#attempt(batch);
    for (let delay = FIRST_DELAY_MS; left.length > 0; delay = Math.min(2 * delay, DELAY_MS_MAX)) {
      // Processes that met the same outage do not all come back at the same moment.
      if (!isHopeless()) await pause(clock, delay * (0.5 + Math.random() / 2), this.#abandoned.signal);
      if (isHopeless()) return this.#lose(left, fault);
      ({ left, fault } = await this.#attempt(left));
    }
  }

  async #attempt(batch: readonly LogEntry[]): Promise<{ left: readonly LogEntry[]; fault: unknown }> {
    let refused = 0;
    let left: readonly LogEntry[] = [];
    let fault: unknown;
    try {
      await this.#options.destination.write(batch, (count, reason) => {
        refused += count;
        this.#drop(count, reason);
      });
    } catch (error) {
      fault = error;
      left = error instanceof PartlyWritten ? error.left : batch;
    }
    this.#written += batch.length - left.length - refused;
    this.#buffered -= batch.length - left.length;
    this.#size -= sizeOf(batch) - sizeOf(left);
    return { left, fault };
  }

  #lose(entries: readonly LogEntry[], reason: unknown): void {
    if (entries.length === 0) return;
    this.#buffered -= entries.length;
    this.#size -= sizeOf(entries);
    this.#drop(entries.length, reason);
  }

  #drop(count: number, reason: unknown): void {
    this.#dropped += count;
    if (this.#options.clock.monotonic() >= this.#nextWarning) this.#warn(reason);
  }

  #warn(reason: unknown): void {
    const { clock, logger } = this.#options;
    const dropped = this.#dropped - this.#droppedWarned;
    this.#droppedWarned = this.#dropped;
    this.#nextWarning = clock.monotonic() + WARNING_MS;
    const why = reason instanceof Error ? { err: reason } : { reason };
    logger.warn({ destination: this.name, dropped, ...why }, 'records of executions were not logged');
  }
}

function sizeOf(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0);
}

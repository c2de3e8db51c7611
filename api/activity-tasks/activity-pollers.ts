/**
 * Workers that wait for tasks of activities (GetActivityTask): one connection brings news to all that wait in this
 * process, one query a second makes up for news that were lost, and one timer ends the waits.
 */
import type { ActivityStore, WaitingWorker } from '../../store/activity.ts';
import { isWithoutEffect } from '../../store/retryable-errors.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Logger } from '../../telemetry/log.ts';
import { awsError } from '../errors.ts';
import { type Polled, type Poller, PollerQueues } from './poller-queues.ts';

const POLL_MS = 60_000;
/** Of one activity, at a time: AWS's quota. */
const POLLERS_MAX = 1000;
const LOOK_EVERY_MS = 1000;
/** The inputs of so many tasks come back in one answer. */
const WORKERS_PER_TAKE_MAX = 100;

export interface ActivityPollersOptions {
  readonly activities: Pick<ActivityStore, 'take' | 'haveNews' | 'listen'>;
  readonly clock: Clock;
  /** Aborted when the server begins to close: nobody waits any longer. */
  readonly closing: AbortSignal;
  readonly logger: Logger;
}

export class ActivityPollers {
  readonly #options: ActivityPollersOptions;
  readonly #queues = new PollerQueues();
  /** Activities of which there may be tasks to take. */
  readonly #promising = new Set<string>();
  /** Those to whom the take under way may bring a task: they wait for its outcome, whatever comes meanwhile. */
  #offered: ReadonlySet<Poller> = NOBODY;
  #taking: Promise<void> | undefined;
  #listening: Promise<() => Promise<void>> | undefined;
  #isLooking = false;
  #cancelLook: (() => void) | undefined;
  #cancelExpiry: (() => void) | undefined;

  constructor(options: ActivityPollersOptions) {
    this.#options = options;
    options.closing.addEventListener('abort', () => this.#settle(this.#queues.all()));
  }

  /**
   * Waits for a task, for a minute at most.
   * @param gone aborted when nobody is there any more to take it
   * @throws AwsError ActivityWorkerLimitExceeded
   */
  async poll(worker: WaitingWorker, gone: AbortSignal): Promise<Polled> {
    if (gone.aborted || this.#options.closing.aborted) return 'none';
    if (this.#queues.of(worker.activityId).size >= POLLERS_MAX) throw awsError('ActivityWorkerLimitExceeded');
    return new Promise((answer) => {
      const deadline = this.#options.clock.monotonic() + POLL_MS;
      const poller: Poller = { ...worker, deadline, gone, hangUp: () => this.#settle([poller]), answer };
      gone.addEventListener('abort', poller.hangUp);
      this.#queues.add(poller);
      this.#armExpiry();
      this.#armLook();
      this.#listen();
      // Where others wait already there is nothing to take, or they are taking.
      if (this.#queues.of(worker.activityId).size === 1) this.#takeFrom([worker.activityId]);
    });
  }

  /** After the server's `closing`. Resolves when nothing is under way and the connection is closed. */
  async close(): Promise<void> {
    await this.#taking;
    const stopListening = await this.#listening?.catch(() => undefined);
    await stopListening?.();
  }

  #dismiss(poller: Poller, polled: Polled): void {
    if (!this.#queues.remove(poller)) return;
    poller.gone.removeEventListener('abort', poller.hangUp);
    if (this.#queues.size === 0) this.#disarm();
    poller.answer(polled);
  }

  /** Lets go of those among them that have waited long enough, or need not wait any longer. */
  #settle(pollers: Iterable<Poller>): void {
    const now = this.#options.clock.monotonic();
    for (const poller of pollers) {
      const isOver = poller.deadline <= now || poller.gone.aborted || this.#options.closing.aborted;
      if (isOver && !this.#offered.has(poller)) this.#dismiss(poller, 'none');
    }
  }

  /** One take at a time: those who come meanwhile go into the next one together. */
  #takeFrom(activityIds: Iterable<string>): void {
    for (const id of activityIds) if (this.#queues.of(id).size > 0) this.#promising.add(id);
    if (this.#promising.size > 0) this.#taking ??= this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    while (this.#promising.size > 0) {
      const batch = this.#nextBatch();
      this.#offered = new Set(batch);
      try {
        await this.#take(batch);
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'tasks of activities could not be taken');
        // Otherwise the next look finds what there still is to take. Who waited on could be given a second task.
        if (!isWithoutEffect(error)) for (const poller of batch) this.#dismiss(poller, 'lost');
      }
      this.#offered = NOBODY;
      this.#settle(batch);
    }
    this.#taking = undefined;
  }

  #nextBatch(): Poller[] {
    const batch: Poller[] = [];
    for (const id of this.#promising) {
      if (batch.length === WORKERS_PER_TAKE_MAX) break;
      this.#promising.delete(id);
      for (const poller of this.#queues.of(id)) {
        if (batch.length === WORKERS_PER_TAKE_MAX) break;
        batch.push(poller);
      }
    }
    return batch;
  }

  async #take(batch: readonly Poller[]): Promise<void> {
    if (batch.length === 0) return;
    const { tasks, unexhausted, missing } = await this.#options.activities.take(batch);
    for (const [index, poller] of batch.entries()) {
      const task = tasks[index];
      if (task !== undefined) this.#dismiss(poller, task);
    }
    for (const id of missing) for (const poller of this.#queues.of(id)) this.#dismiss(poller, 'missing');
    for (const id of unexhausted) if (this.#queues.of(id).size > 0) this.#promising.add(id);
  }

  #listen(): void {
    if (this.#listening !== undefined) return;
    this.#listening = this.#options.activities.listen((news) =>
      this.#takeFrom(news === 'all' ? this.#queues.activityIds : [news]),
    );
    this.#listening.then(
      // What came until now was not heard.
      () => this.#takeFrom(this.#queues.activityIds),
      (error: unknown) => {
        this.#listening = undefined;
        this.#options.logger.warn({ err: error }, 'cannot listen for tasks of activities, trying again');
      },
    );
  }

  #armLook(): void {
    if (!this.#isLooking)
      this.#cancelLook ??= this.#options.clock.after(LOOK_EVERY_MS, () => void this.#look());
  }

  /** Makes up for news that were lost. */
  async #look(): Promise<void> {
    this.#cancelLook = undefined;
    this.#isLooking = true;
    this.#listen();
    try {
      this.#takeFrom(await this.#options.activities.haveNews([...this.#queues.activityIds]));
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'tasks of activities could not be looked for');
    }
    this.#isLooking = false;
    if (this.#queues.size > 0) this.#armLook();
  }

  #armExpiry(): void {
    const { first } = this.#queues;
    if (first === undefined || this.#cancelExpiry !== undefined) return;
    const leftMs = Math.max(0, first.deadline - this.#options.clock.monotonic());
    // One that is due and waits for the outcome of a take will be settled with it.
    this.#cancelExpiry = this.#options.clock.after(this.#offered.has(first) ? LOOK_EVERY_MS : leftMs, () => {
      this.#cancelExpiry = undefined;
      this.#settle(this.#queues.due(this.#options.clock.monotonic()));
      this.#armExpiry();
    });
  }

  #disarm(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
  }
}

const NOBODY: ReadonlySet<Poller> = new Set();

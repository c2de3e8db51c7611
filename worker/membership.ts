import { hostname } from 'node:os';
import type { SuspectPolicy } from '../store/suspects.ts';
import type { WorkerRegistration, WorkerStore } from '../store/worker.ts';
import { type Clock, within } from '../telemetry/clock.ts';
import type { DatabaseTime } from '../telemetry/database-time.ts';
import type { Logger } from '../telemetry/log.ts';

/** Part of the timeout that is kept in reserve: between a check and what follows it, time passes. */
const MARGIN = 1 / 5;

interface Registered extends Pick<WorkerRegistration, 'workerId' | 'incarnation'> {
  walPosition: string;
  readonly stopListening: () => Promise<void>;
}

/** What a worker does about the news of its membership. */
export interface MembershipEvents {
  /** Registered, with its id. Resolves to how to stop what was begun under that id. */
  joined(workerId: string): Promise<() => Promise<void>>;
  /**
   * Others took this worker for dead, the database has been replaced by another one, or the worker leaves: drop
   * everything that is alive, at once.
   */
  left(): void;
  /** The database has confirmed the membership. */
  confirmed(): void;
}

/**
 * This process among the workers: its row, its heartbeat, and with every answer the database's time. A worker
 * whose heartbeat is late must expect that its leases are somebody else's by now, so it takes no work and sends
 * nothing until the database has confirmed it; one that was taken for dead begins anew under another id.
 */
export class Membership {
  readonly timeoutMs: number;
  readonly #workers: WorkerStore;
  readonly #clock: Clock;
  readonly #time: DatabaseTime;
  readonly #version: string;
  readonly #suspects: SuspectPolicy;
  readonly #logger: Logger;
  readonly #events: MembershipEvents;
  #registered: Registered | undefined;
  /** Ids that this process had, and whose leases the database has not taken back yet. */
  readonly #departed = new Set<string>();
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #beating: Promise<void> | undefined;

  constructor(options: {
    readonly workers: WorkerStore;
    readonly clock: Clock;
    readonly time: DatabaseTime;
    readonly timeoutMs: number;
    readonly version: string;
    readonly suspects: SuspectPolicy;
    readonly logger: Logger;
    readonly events: MembershipEvents;
  }) {
    this.#workers = options.workers;
    this.#clock = options.clock;
    this.#time = options.time;
    this.timeoutMs = options.timeoutMs;
    this.#version = options.version;
    this.#suspects = options.suspects;
    this.#logger = options.logger;
    this.#events = options.events;
  }

  /** @throws Error before {@link join} */
  get workerId(): string {
    if (this.#registered === undefined) throw new Error('This worker is not registered');
    return this.#registered.workerId;
  }

  async join(): Promise<void> {
    const askedAt = this.#clock.monotonic();
    const info = {
      hostname: hostname(),
      pid: process.pid,
      version: this.#version,
      suspects: this.#suspects,
    };
    const { workerId, incarnation, walPosition, time } = await this.#workers.register(info);
    this.#time.calibrate(time, askedAt);
    const stopListening = await this.#events.joined(workerId);
    this.#registered = { workerId, incarnation, walPosition, stopListening };
    this.#confirm(askedAt);
    this.#logger.info({ workerId }, 'worker registered');
  }

  /** Drops what is left; the leases go back, and the row goes. */
  async leave(): Promise<void> {
    const registered = this.#registered;
    if (registered === undefined) return;
    this.#registered = undefined;
    this.#confirmedAt = Number.NEGATIVE_INFINITY;
    this.#departed.add(registered.workerId);
    this.#events.left();
    await within(this.#clock, this.timeoutMs, registered.stopListening());
    await this.#unregisterDeparted();
  }

  /** What fails here is tried again with the next heartbeat: else those leases would wait for the reconciler. */
  async #unregisterDeparted(): Promise<void> {
    for (const workerId of this.#departed) {
      await this.#workers.unregister(workerId);
      this.#departed.delete(workerId);
    }
  }

  /** True while nobody can have taken this worker for dead. */
  isCurrent(): boolean {
    return this.#clock.monotonic() - this.#confirmedAt < this.timeoutMs * (1 - MARGIN);
  }

  /** As {@link isCurrent}, but asks the database before it says no. */
  async confirm(): Promise<boolean> {
    if (this.isCurrent()) return true;
    try {
      await this.heartbeat();
    } catch (error) {
      this.#logger.warn({ err: error }, 'heartbeat failed');
    }
    return this.isCurrent();
  }

  /** One at a time; who asks while one is under way gets its outcome. @throws what the database throws */
  heartbeat(): Promise<void> {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async #beat(): Promise<void> {
    if (this.#departed.size > 0) await within(this.#clock, this.timeoutMs, this.#unregisterDeparted());
    const registered = this.#registered;
    if (registered === undefined) return this.join();
    const askedAt = this.#clock.monotonic();
    const beat = this.#workers.heartbeat(registered);
    const { alive, walPosition, time } = await within(this.#clock, this.timeoutMs, beat);
    if (alive) registered.walPosition = walPosition;
    this.#time.calibrate(time, askedAt);
    if (alive) return this.#confirm(askedAt);
    this.#logger.error(
      { workerId: registered.workerId },
      'all executions are dropped; the worker registers anew',
    );
    await this.leave();
    await this.join();
  }

  #confirm(askedAt: number): void {
    this.#confirmedAt = askedAt;
    this.#events.confirmed();
  }
}

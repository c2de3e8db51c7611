import type { Machines } from '../integrations/states/machines.ts';
import { isBeginning, snapshot } from '../runtime/index.ts';
import type { ActivityStore } from '../store/activity.ts';
import type { ExecutionStore } from '../store/execution.ts';
import type { Claim, LeaseStore, Mail, OwnedLease } from '../store/lease.ts';
import { isRetryable } from '../store/retryable-errors.ts';
import { type Clock, pause } from '../telemetry/clock.ts';
import type { ExecutionWatcher } from '../telemetry/execution-watch.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { Activation } from './activation.ts';
import type { ActivationContext, AfterAppend } from './activation-context.ts';
import { Admission } from './admission.ts';
import { Alarms } from './alarms.ts';
import { FAULT_REST_MS, type Faults } from './faults.ts';
import { Lease } from './lease.ts';
import type { Membership } from './membership.ts';
import { toPending } from './pending.ts';
import { LongJournals, type Recollection, recollect } from './recollection.ts';
import { type Integrations, lostAttempts } from './recovery.ts';
import type { Tuning } from './tuning.ts';

export interface EngineOptions {
  readonly leases: LeaseStore;
  readonly executions: Pick<ExecutionStore, 'journal'>;
  readonly machines: Machines;
  readonly integrations: Integrations;
  readonly activities: Pick<ActivityStore, 'idOf'>;
  readonly membership: Membership;
  readonly watcher: ExecutionWatcher;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** The database's time, ms since 1970. */
  readonly now: () => number;
  readonly checkMail: () => Promise<void>;
  readonly afterAppend: AfterAppend;
  /** An execution that was claimed is not alive here any more. */
  readonly left: (executionId: string) => void;
  readonly faults: Faults;
  readonly tuning: Tuning;
  readonly logger: Logger;
}

/** How long the last appends and parks of a drain may take. */
const SETTLE_MS = 5000;

/** The executions that are alive in this process, bounded by their number and by the size of their journals. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #context: ActivationContext;
  readonly #admission: Admission;
  readonly #longJournals: LongJournals;
  readonly #live = new Map<string, Activation>();
  /** Leases that this process has, and claims under way. */
  readonly #held = new Set<{ readonly executionId: string }>();
  #journalSize = 0;
  #draining = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { clock, now, membership, tuning } = options;
    this.#admission = new Admission(
      tuning.executionsMax,
      (taken) => membership.isCurrent() && (taken === 0 || this.#hasMemory()),
    );
    this.#longJournals = new LongJournals({
      leases: options.leases,
      pageBytes: tuning.journalPageBytes,
      hasMemory: () => this.#hasMemory(),
      isClosing: () => this.#draining,
    });
    this.#context = {
      ...options,
      hotMs: tuning.hotMs,
      snapshotAfter: tuning.snapshotAfter,
      mailBytesMax: tuning.mailBytesMax,
      maxEventsPerTransition: tuning.maxEventsPerTransition,
      alarms: new Alarms<Activation>(clock, now, (activation) => activation.wake()),
      resting: new Set(),
      isCrowded: () => this.#admission.isCrowded,
      grown: (characters) => {
        this.#journalSize += characters;
      },
      release: (lease) => this.#release(lease, 0),
      releaseAfter: (error, lease) => this.#releaseAfter(error, lease),
      left: (activation) => this.#left(activation),
    };
  }

  #hasMemory(): boolean {
    return this.#journalSize < this.#options.tuning.journalCharactersMax;
  }

  /** Executions alive. */
  get size(): number {
    return this.#live.size;
  }

  /**
   * Claims an execution and sets it going; resolves as soon as the claim is decided. Waits while there is no
   * place. Never throws: what cannot be claimed now gets another job.
   * @returns whether it was claimed; then `left` will be called for it
   */
  async advance(executionId: string): Promise<boolean> {
    const entering = this.#admission.enter();
    if (this.#admission.isCrowded) for (const resting of this.#context.resting) resting.wake();
    if (!(await entering)) return false;
    const { leases, membership, tuning, logger, faults } = this.#options;
    const claiming = { executionId };
    this.#held.add(claiming);
    try {
      const claim = await leases.claim(executionId, membership.workerId, {
        bytesMax: tuning.claimBytesMax,
        mailBytesMax: tuning.mailBytesMax,
      });
      this.#claimed(claim === undefined ? 'lost' : 'won');
      if (claim === undefined) this.#admission.leave();
      else void this.#begin(claim);
      return claim !== undefined;
    } catch (error) {
      this.#admission.leave();
      this.#claimed('failed');
      logger.warn({ err: error, executionId }, 'a claim failed');
      await faults.count(executionId, error);
      return false;
    } finally {
      this.#held.delete(claiming);
    }
  }

  /**
   * Gives back what the database takes for this worker's without its knowing: else nobody would go on with it as long as
   * this worker lives. There is none, unless what was to be given back was not, or a claim came through that nobody waits
   * for any more.
   * @returns whose leases were given back
   * @throws what the database throws
   */
  async returnStrays(): Promise<string[]> {
    const { leases, now } = this.#options;
    const unknown = await this.#unknownLeases();
    if (unknown.length === 0) return [];
    // What left while the answer was on its way is not in the next one.
    const epochs = new Map(
      (await this.#unknownLeases()).map(({ executionId, epoch }) => [executionId, epoch]),
    );
    const strays = unknown.filter(({ executionId, epoch }) => epochs.get(executionId) === epoch);
    await Promise.all(strays.map((stray) => leases.park({ ...stray, wakeAt: now(), snapshot: undefined })));
    return strays.map(({ executionId }) => executionId);
  }

  async #unknownLeases(): Promise<OwnedLease[]> {
    const { leases, membership } = this.#options;
    const owned = await leases.owned(membership.workerId);
    // Now, not before: a claim that has been answered meanwhile is known.
    const held = new Set(Array.from(this.#held, ({ executionId }) => executionId));
    return owned.filter(({ executionId }) => !held.has(executionId));
  }

  deliver(mail: Mail): void {
    this.#live.get(mail.executionId)?.deliver(mail);
  }

  /**
   * The execution is said to have been ended from outside: then its effects are aborted. It may be here again already,
   * redriven. Whoever may connect to the database can say so, also SQL of definitions: the row is asked.
   * @param epoch that the end was written under
   * @throws what the database throws
   */
  async ended(executionId: string, epoch: number): Promise<void> {
    const activation = this.#live.get(executionId);
    if (activation === undefined || activation.lease.epoch >= epoch) return;
    if (await activation.lease.isLost()) activation.drop();
  }

  /** Every lease is gone. */
  dropAll(): void {
    for (const activation of [...this.#live.values()]) activation.drop();
  }

  /** Something that claims wait for may have come true. */
  admit(): void {
    this.#admission.changed();
  }

  /** Claims that wait are called off, and no more are made. */
  close(): void {
    this.#admission.close();
  }

  /**
   * Parks what is alive. Calls under way may end within `graceMs`; then their attempts fail as those of a worker
   * that died. Resolves when nothing is alive, at the latest a few seconds after the grace time.
   */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    this.close();
    for (const activation of this.#live.values()) activation.drain();
    await this.#emptied(graceMs);
    for (const activation of this.#live.values()) activation.giveUpCalls();
    await this.#emptied(SETTLE_MS);
    this.dropAll();
  }

  #emptied(timeoutMs: number): Promise<void> {
    const empty = new AbortController();
    void this.#admission.whenEmpty().then(() => empty.abort());
    return pause(this.#options.clock, timeoutMs, empty.signal);
  }

  async #begin(claim: Claim): Promise<void> {
    const lease = new Lease(this.#options.leases, claim);
    this.#held.add(lease);
    this.#journalSize += lease.size;
    try {
      const activation = await this.#load(lease, claim);
      if (activation !== undefined) return this.#enliven(activation, claim);
      await this.#release(lease, 0);
    } catch (error) {
      await this.#releaseAfter(error, lease);
    }
    this.#leave(lease);
  }

  /** Undefined: there is no room for it now. */
  async #load(lease: Lease, claim: Claim): Promise<Activation | undefined> {
    const revision = await this.#options.machines.get(claim.revisionRowId);
    const { machine } = revision;
    const recollection = recollect(claim) ?? (await this.#recollectLong(lease, claim));
    if (recollection === undefined) return undefined;
    const { execution, lastEvent } = recollection;
    const watch = this.#options.watcher.watch(execution, revision);
    // Written by whoever started or redrove it, and seen here first.
    if (lastEvent !== undefined && isBeginning(lastEvent)) watch.record([lastEvent]);
    // Mail first: an answer that has come counts, even if the call that asked for it was lost.
    const lost = lostAttempts(machine, execution, this.#options.integrations);
    const pending = [...claim.mail.map(toPending), ...lost.map((trigger) => ({ trigger }))];
    return new Activation(this.#context, lease, { machine, execution, watch }, pending);
  }

  async #recollectLong(lease: Lease, claim: Claim): Promise<Recollection | undefined> {
    const recollection = await this.#longJournals.recollect(claim, lease);
    if (recollection === undefined) return undefined;
    // Most of what was read may be over.
    const size = lease.size;
    lease.hasComeTo(snapshot(recollection.execution).length);
    this.#context.grown(lease.size - size);
    return recollection;
  }

  #enliven(activation: Activation, claim: Claim): void {
    // One that is still here has lost its lease, or else there would have been nothing to claim.
    this.#live.get(claim.executionId)?.drop();
    this.#live.set(claim.executionId, activation);
    if (this.#draining) activation.drain();
    else activation.wake();
  }

  #left(activation: Activation): void {
    if (this.#live.get(activation.executionId) === activation) this.#live.delete(activation.executionId);
    this.#leave(activation.lease);
  }

  #leave(lease: Lease): void {
    this.#held.delete(lease);
    this.#longJournals.left(lease);
    this.#journalSize -= lease.size;
    this.#admission.leave();
    this.#options.left(lease.executionId);
  }

  async #releaseAfter(error: unknown, lease: Lease): Promise<void> {
    const { executionId } = lease;
    const isOutage = isRetryable(error);
    if (isOutage) this.#options.logger.warn({ err: error, executionId }, 'an execution met an outage');
    else
      this.#options.logger.error({ err: error, executionId }, 'an execution met a fault; it is left to rest');
    await this.#options.faults.count(executionId, error);
    await this.#release(lease, isOutage ? 0 : FAULT_REST_MS);
  }

  async #release(lease: Lease, restMs: number): Promise<void> {
    const { now, logger } = this.#options;
    try {
      await lease.release(now() + restMs);
    } catch (error) {
      // Then it is a stray, and goes back as one.
      logger.warn({ err: error, executionId: lease.executionId }, 'a lease could not be given back');
    }
  }

  #claimed(outcome: 'won' | 'lost' | 'failed'): void {
    this.#options.metrics.add('statehouse.claims', 1, { 'statehouse.claim.outcome': outcome });
  }
}

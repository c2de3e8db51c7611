/**
 * A live execution: the only writer of its journal while its lease lasts.
 *
 *     driving ──► resting ──► driving     a call is under way, or a deadline is near: stays in memory
 *        │
 *        ├──────► parked                  only far deadlines or tokens are left: the row is all that remains
 *        ├──────► closed                  the execution has ended
 *        └──────► released                a fault, or an append that was lost: others go on from the journal
 *
 * Driving is one loop: take the triggers that have come, decide, append, run the effects. One append is in flight
 * at a time; what comes meanwhile waits, and goes into the next one together. An effect runs only after the
 * append that announced it has won (docs/architecture.md §3).
 */
import {
  type Effect,
  type Execution,
  type JournalEvent,
  type Machine,
  nextDeadline,
  type TransitionLimits,
  type Trigger,
} from '../runtime/index.ts';
import type { Mail, TokenClosing } from '../store/lease.ts';
import type { UncommittedEffect } from '../store/sql-task.ts';
import type { ExecutionWatch } from '../telemetry/execution-watch.ts';
import type { ActivationContext } from './activation-context.ts';
import { Attempts } from './attempts.ts';
import { AwaitedChildren } from './awaited-children.ts';
import { decideOn } from './decision.ts';
import { attemptsGivenUp } from './given-up.ts';
import { lookUpActivities } from './known-activities.ts';
import { type Consequences, endOf, type Lease } from './lease.ts';
import { OpenTokens } from './open-tokens.ts';
import { snapshotIfDue, wakeTime } from './parking.ts';
import { effectOf, type Pending, takeForAppend, toPending } from './pending.ts';
import { type Announcement, TransactionalTasks } from './transactional-tasks.ts';

/** An execution in memory. */
export interface Enlivened {
  readonly machine: Machine;
  readonly execution: Execution;
  readonly watch: ExecutionWatch;
}

export class Activation {
  readonly lease: Lease;
  readonly #context: ActivationContext;
  readonly #machine: Machine;
  readonly #execution: Execution;
  readonly #watch: ExecutionWatch;
  readonly #attempts: Attempts;
  readonly #pending: Pending[];
  readonly #tokens: OpenTokens;
  readonly #transactional: TransactionalTasks;
  readonly #children: AwaitedChildren;
  #driving = false;
  #left = false;
  /** Nothing new is begun: what is under way comes to its end, then the execution is parked. */
  #draining = false;
  /** The next owner is to go on from the journal. */
  #handingOver = false;

  /** @param pending what has come before it began; {@link wake} sets it going */
  constructor(
    context: ActivationContext,
    lease: Lease,
    { machine, execution, watch }: Enlivened,
    pending: readonly Pending[],
  ) {
    this.#pending = [...pending];
    this.#context = context;
    this.lease = lease;
    this.#machine = machine;
    this.#execution = execution;
    this.#watch = watch;
    this.#attempts = new Attempts(context, lease, { machine, execution }, (outcome) => this.#notify(outcome));
    this.#tokens = new OpenTokens(machine, execution);
    this.#transactional = new TransactionalTasks(context, lease.executionId, machine, execution);
    this.#children = new AwaitedChildren(machine, execution);
  }

  get executionId(): string {
    return this.lease.executionId;
  }

  /** Mail has come; the same piece may come many times. */
  deliver(mail: Mail): void {
    const { size } = this.lease;
    if (this.#left || !this.lease.accept(mail, this.#context.mailBytesMax)) return;
    this.#context.grown(this.lease.size - size);
    this.#notify(toPending(mail));
  }

  /** Looks again at what there is to do. */
  wake(): void {
    if (this.#driving || this.#left) return;
    this.#driving = true;
    this.#context.resting.delete(this);
    void this.#drive();
  }

  /** The lease is known to be gone: nothing may be written or sent any more. */
  drop(): void {
    this.#leave();
  }

  drain(): void {
    this.#draining = true;
    this.wake();
  }

  /** Gives up on calls under way: their attempts fail as those of a worker that died, or are made again elsewhere. */
  giveUpCalls(): void {
    this.#attempts.giveUp();
    this.wake();
  }

  #notify(pending: Pending): void {
    if (this.#left) return void pending.effect?.rollback();
    this.#pending.push(pending);
    this.wake();
  }

  async #drive(): Promise<void> {
    try {
      while (!this.#left && (await this.#step())) {}
    } catch (error) {
      this.#stopWork();
      await this.#context.releaseAfter(error, this.lease);
      this.#leave();
    }
  }

  /** Does one thing. False: nothing is left to do for now. */
  #step(): boolean | Promise<boolean> {
    const now = this.#context.now();
    if (this.#transactional.isInterrupted) return this.#resume(now);
    const deadline = nextDeadline(this.#execution);
    if (this.#mayRepeat(deadline, now)) return this.#repeat();
    if (this.#mayReadOn) return this.#readOn();
    const triggers = this.#takeTriggers(deadline, now);
    if (triggers.length > 0) return this.#advance(triggers, now);
    if (!this.#staysAlive(deadline, now)) return this.#park(deadline, now);
    if (deadline !== undefined && !this.#draining) this.#context.alarms.set(this, deadline);
    if (this.#attempts.size === 0) this.#context.resting.add(this);
    this.#driving = false;
    return false;
  }

  /** Before time passes: the answer to a task may be in what is still to be read. */
  get #mayReadOn(): boolean {
    if (this.#draining || this.#handingOver || this.#pending.length > 0) return false;
    return this.lease.hasUnreadMail;
  }

  /** Mail that was more than could be read at a time, now that what came before is in the journal. */
  async #readOn(): Promise<boolean> {
    for (const mail of await this.lease.nextMail(this.#context.mailBytesMax)) this.deliver(mail);
    if (this.#left || this.#pending.length > 0) return !this.#left;
    if (await this.lease.isLost()) return this.#release();
    throw new Error('Signals have come, but no mail');
  }

  #takeTriggers(deadline: number | undefined, now: number): Pending[] {
    if (this.#pending.length > 0) return takeForAppend(this.#pending);
    if (this.#draining || (this.#handingOver && this.#attempts.size === 0)) return [];
    if (deadline !== undefined && deadline <= now)
      return [{ trigger: { kind: 'ClockTicked' }, dueAt: deadline }];
    return this.#execution.ready.length > 0 ? [{ trigger: { kind: 'Proceed' } }] : [];
  }

  /** Decides, appends, runs effects. */
  #advance(taken: readonly Pending[], now: number): Promise<boolean> {
    const advanced = this.#advanceBy(taken, now);
    const effect = taken.find((pending) => pending.effect !== undefined)?.effect;
    return effect === undefined ? advanced : advanced.finally(() => void effect.rollback());
  }

  async #advanceBy(taken: readonly Pending[], now: number): Promise<boolean> {
    const givenUp = attemptsGivenUp(this.#machine, this.#execution, taken, now);
    const news = givenUp.length === 0 ? taken : await this.#newsFirst(taken, givenUp);
    if (this.#left || news.length === 0) return !this.#left;
    const triggers = news.map(({ trigger }) => trigger);
    const activities = await lookUpActivities(
      this.#context.activities,
      this.#machine.activityArns,
      this.#execution,
      triggers,
    );
    if (this.#left) return false;
    const { events, effects } = await decideOn(this.#machine, this.#execution, triggers, {
      time: now,
      missingActivities: activities.missing,
      limits: this.#draining ? ONE_STEP : this.#context,
    });
    const mail = news.flatMap(({ mailId }) => mailId ?? []);
    if (events.length === 0 && mail.length === 0) return requireLate(triggers);
    const announced = await this.#transactional.prepare(effects, now);
    const consequences = {
      mail,
      ...this.#tokens.changes(effects, activities.ids),
      children: announced?.children ?? [],
      leftChildren: this.#children.left(triggers, effects),
      end: endOf(this.#execution),
    };
    const won = await this.#append(events, consequences, effectOf(news, events));
    if (won) this.#measureLateness(news);
    if (won && this.#execution.status !== 'RUNNING') this.#leave();
    return won && !this.#left && (await this.#perform(effects)) && this.#tell(announced);
  }

  #measureLateness(news: readonly Pending[]): void {
    const { metrics, now } = this.#context;
    for (const { dueAt } of news)
      if (dueAt !== undefined) metrics.record('statehouse.timers.lateness', (now() - dueAt) / 1000, {});
  }

  /** What may be decided on now: an attempt is given up only once no news of it can come any more. */
  async #newsFirst(
    taken: readonly Pending[],
    givenUp: TokenClosing['attempts'],
  ): Promise<readonly Pending[]> {
    const mail = taken.filter(({ mailId }) => mailId !== undefined);
    if (mail.length > 0) {
      this.#pending.unshift(...taken.filter(({ mailId }) => mailId === undefined));
      return mail;
    }
    const outcome = await this.lease.closeTokens(givenUp);
    if (this.#left || outcome === 'closed') return taken;
    if (outcome === 'lost') {
      await this.#release();
      return [];
    }
    await this.#context.checkMail();
    this.#pending.push(...taken.filter(({ trigger }) => trigger.kind !== 'ClockTicked'));
    return [];
  }

  /** Attempts that a previous owner has announced, and whose effect was part of its append or is part of this one. */
  async #resume(now: number): Promise<boolean> {
    const { outcomes, again } = await this.#transactional.resume(now);
    this.#pending.unshift(...outcomes.map((trigger) => ({ trigger })));
    if (again === undefined) return !this.#left;
    const nothing = { mail: [], openTokens: [], closedTokens: [], leftChildren: [], end: undefined };
    return (await this.#append([], { ...nothing, children: again.children })) && this.#tell(again);
  }

  /** News first, and what is overdue: that may end the attempts. */
  #mayRepeat(deadline: number | undefined, now: number): boolean {
    if (!this.#attempts.areInterrupted || this.#draining || this.#pending.length > 0) return false;
    if (this.lease.hasUnreadMail) return false;
    return deadline === undefined || deadline > now;
  }

  async #repeat(): Promise<boolean> {
    const tasks = await this.#attempts.repeat();
    return !this.#left && this.#perform(tasks.map((task) => ({ kind: 'InvokeTask', task })));
  }

  /** False: the execution is not ours any more. */
  async #append(
    events: readonly JournalEvent[],
    consequences: Omit<Consequences, 'nextEventId'>,
    effect?: UncommittedEffect,
  ): Promise<boolean> {
    if (this.#left) return false;
    const { size } = this.lease;
    const nextEventId = this.#execution.lastEventId + 1;
    const startTime = this.#context.now();
    const outcome = await this.lease.append(events, { nextEventId, ...consequences }, effect);
    if (outcome === 'won') this.#watch.record(events, { startTime, endTime: this.#context.now() });
    if (this.#left) return false;
    if (outcome === 'lost') {
      const { executionArn } = this.#execution.identity;
      this.#context.logger.info(
        { executionArn },
        'an append was lost: the execution was stopped, or is somebody else’s',
      );
      return this.#release();
    }
    this.#context.grown(this.lease.size - size);
    if (this.#context.afterAppend(this.executionId, this.lease.seq) === 'end-activation')
      this.#handingOver = true;
    return true;
  }

  /** Goes on with what has come of attempts that the append has made. */
  async #tell(announced: Announcement | undefined): Promise<boolean> {
    if (announced === undefined) return true;
    const outcomes = await announced.outcomes();
    if (!this.#left) this.#pending.push(...outcomes.map((trigger) => ({ trigger })));
    return !this.#left;
  }

  /** False: the execution is not ours any more. */
  #perform(effects: readonly Effect[]): boolean | Promise<boolean> {
    // A process that was paused here may have lost its lease; a pause after this check remains possible.
    if (!this.#context.membership.isCurrent()) return this.#performIfConfirmed(effects);
    this.#attempts.perform(effects);
    return true;
  }

  async #performIfConfirmed(effects: readonly Effect[]): Promise<boolean> {
    const sends = effects.some(({ kind }) => kind === 'InvokeTask');
    const confirmed = !sends || (await this.#context.membership.confirm());
    if (this.#left) return false;
    if (!confirmed) return this.#release();
    this.#attempts.perform(effects);
    return true;
  }

  #staysAlive(deadline: number | undefined, now: number): boolean {
    if (this.#attempts.size > 0) return true;
    if (this.#draining || this.#handingOver || this.#context.isCrowded()) return false;
    return deadline !== undefined && deadline - now <= this.#context.hotMs;
  }

  async #park(deadline: number | undefined, now: number): Promise<boolean> {
    this.#context.alarms.clear(this);
    const parked = await this.lease.park(
      this.#attempts.outliveOwner || this.lease.hasUnreadMail
        ? now
        : wakeTime(this.#execution, deadline, now, this.#context.hotMs),
      snapshotIfDue(this.#execution, this.lease, this.#context.snapshotAfter),
    );
    if (parked) this.#leave();
    if (this.#left || this.#pending.length > 0) return !this.#left;
    await this.#context.checkMail();
    if (!this.#left && this.#pending.length === 0) throw new Error('Signals have come, but no mail');
    return !this.#left;
  }

  /** Others go on from the journal. */
  async #release(): Promise<false> {
    this.#stopWork();
    await this.#context.release(this.lease);
    this.#leave();
    return false;
  }

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    for (const { effect } of this.#pending.splice(0)) void effect?.rollback();
    this.#stopWork();
    this.#context.left(this);
  }

  #stopWork(): void {
    this.#attempts.cancelAll();
    this.#context.alarms.clear(this);
    this.#context.resting.delete(this);
  }
}

/** Where every step has its own append. */
const ONE_STEP: TransitionLimits = { maxEventsPerTransition: 0 };

/** What has come late moves nothing. @throws Error where it was the execution's own turn */
function requireLate([trigger]: readonly Trigger[]): true {
  if (trigger?.kind === 'Proceed' || trigger?.kind === 'ClockTicked')
    throw new Error(`${trigger.kind} was due, but moved nothing`);
  return true;
}

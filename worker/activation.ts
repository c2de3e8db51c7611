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
import { drawMoment } from '../express/moment.ts';
import { isTransactional } from '../integrations/integration.ts';
import { unservedFailure } from '../integrations/registry.ts';
import { TaskCalls } from '../integrations/task-calls.ts';
import {
  type Effect,
  type Execution,
  type JournalEvent,
  type Machine,
  nextDeadline,
  type OpenTask,
  openTasks,
  type TaskInvocation,
  type Trigger,
  transition,
} from '../runtime/index.ts';
import type { Mail } from '../store/lease.ts';
import type { UncommittedEffect } from '../store/sql-task.ts';
import type { ExecutionWatch } from '../telemetry/execution-watch.ts';
import type { ActivationContext } from './activation-context.ts';
import { announcedTask } from './announced-task.ts';
import { AwaitedChildren } from './awaited-children.ts';
import { attemptsGivenUp } from './given-up.ts';
import { type KnownActivities, lookUpActivities } from './known-activities.ts';
import { type Consequences, endOf, type Lease } from './lease.ts';
import { toTrigger } from './mailbox.ts';
import { OpenTokens } from './open-tokens.ts';
import { snapshotIfDue, wakeTime } from './parking.ts';
import { lostFailure, openRepeatableTasks } from './recovery.ts';
import { type Announcement, TransactionalTasks } from './transactional-tasks.ts';

/** Triggers that go into one append, so that its row stays of a moderate size. */
const TRIGGERS_PER_APPEND_MAX = 50;

/** Something to react to. */
export interface Pending {
  readonly trigger: Trigger;
  /** Mail that brought the trigger: deleted with the append that folds it. */
  readonly mailId?: string;
  /** Of the attempt whose result the trigger brings: committed with the append that records it, or rolled back. */
  readonly effect?: UncommittedEffect | undefined;
  /** Of what the passing of time has triggered: when it was due, ms since 1970. */
  readonly dueAt?: number;
}

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
  readonly #calls: TaskCalls;
  readonly #pending: Pending[];
  readonly #tokens: OpenTokens;
  readonly #transactional: TransactionalTasks;
  readonly #children: AwaitedChildren;
  /** Attempts of a previous owner, to be made again. */
  #repeated: readonly OpenTask[];
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
    this.#calls = new TaskCalls(
      (trigger, effect) => this.#notify({ trigger, effect }),
      (task, error) => this.#log(task).error({ err: error }, 'an integration threw'),
      lease,
    );
    this.#tokens = new OpenTokens(machine, execution);
    this.#transactional = new TransactionalTasks(context, lease.executionId, machine, execution);
    this.#repeated = openRepeatableTasks(machine, execution, context.integrations);
    this.#children = new AwaitedChildren(machine, execution);
  }

  get executionId(): string {
    return this.lease.executionId;
  }

  /** Mail has come; the same piece may come many times. */
  deliver(mail: Mail): void {
    if (this.lease.accept(mail)) this.#notify(toPending(mail));
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
    const repeated = openRepeatableTasks(this.#machine, this.#execution, this.#context.integrations);
    const repeatedIds = new Set(repeated.map(({ scheduledEventId }) => scheduledEventId));
    for (const { scheduledEventId, resource } of openTasks(this.#machine, this.#execution)) {
      if (!this.#calls.cancel(scheduledEventId) || repeatedIds.has(scheduledEventId)) continue;
      const failure = lostFailure(resource, this.#context.integrations);
      this.#notify({ trigger: { kind: 'TaskFailed', scheduledEventId, failure } });
    }
    this.#calls.cancelAll();
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
    const triggers = this.#takeTriggers(deadline, now);
    if (triggers.length > 0) return this.#advance(triggers, now);
    if (!this.#staysAlive(deadline, now)) return this.#park(deadline, now);
    if (deadline !== undefined && !this.#draining) this.#context.alarms.set(this, deadline);
    if (this.#calls.size === 0) this.#context.resting.add(this);
    this.#driving = false;
    return false;
  }

  #takeTriggers(deadline: number | undefined, now: number): Pending[] {
    if (this.#pending.length > 0) return takeForAppend(this.#pending);
    if (this.#draining || (this.#handingOver && this.#calls.size === 0)) return [];
    if (deadline !== undefined && deadline <= now)
      return [{ trigger: { kind: 'ClockTicked' }, dueAt: deadline }];
    return this.#execution.ready.length > 0 ? [{ trigger: { kind: 'Proceed' } }] : [];
  }

  /** Decides, appends, runs effects. */
  async #advance(taken: readonly Pending[], now: number): Promise<boolean> {
    try {
      return await this.#advanceBy(taken, now);
    } finally {
      for (const { effect } of taken) void effect?.rollback();
    }
  }

  async #advanceBy(taken: readonly Pending[], now: number): Promise<boolean> {
    const triggers = await this.#newsFirst(taken, now);
    if (this.#left || triggers.length === 0) return !this.#left;
    const activities = await lookUpActivities(
      this.#context.activities,
      this.#machine.activityArns,
      this.#execution,
      triggers.map(({ trigger }) => trigger),
    );
    if (this.#left) return false;
    const { events, effects } = await this.#decide(triggers, now, activities);
    const mail = triggers.flatMap(({ mailId }) => mailId ?? []);
    if (events.length === 0 && mail.length === 0) {
      const [{ trigger } = { trigger: undefined }] = triggers;
      if (trigger?.kind === 'Proceed' || trigger?.kind === 'ClockTicked')
        throw new Error(`${trigger.kind} was due, but moved nothing`);
      return true;
    }
    const announced = await this.#transactional.prepare(effects, now);
    const consequences = {
      mail,
      ...this.#tokens.changes(effects, activities.ids),
      children: announced?.children ?? [],
      leftChildren: this.#children.left(
        triggers.map(({ trigger }) => trigger),
        effects,
      ),
      end: endOf(this.#execution),
    };
    const won = await this.#append(events, consequences, effectOf(triggers, events));
    if (won) this.#measureLateness(triggers);
    if (won && this.#execution.status !== 'RUNNING') this.#leave();
    return won && !this.#left && (await this.#perform(effects)) && this.#tell(announced);
  }

  #measureLateness(triggers: readonly Pending[]): void {
    const { metrics, now } = this.#context;
    for (const { dueAt } of triggers)
      if (dueAt !== undefined) metrics.record('statehouse.timers.lateness', (now() - dueAt) / 1000, {});
  }

  /** What may be decided on now: an attempt is given up only once no news of it can come any more. */
  async #newsFirst(triggers: readonly Pending[], now: number): Promise<readonly Pending[]> {
    const kinds = triggers.map(({ trigger }) => trigger);
    const givenUp = attemptsGivenUp(this.#machine, this.#execution, kinds, now);
    if (givenUp.length === 0) return triggers;
    const mail = triggers.filter(({ mailId }) => mailId !== undefined);
    if (mail.length > 0) {
      this.#pending.unshift(...triggers.filter(({ mailId }) => mailId === undefined));
      return mail;
    }
    const outcome = await this.lease.closeTokens(givenUp);
    if (this.#left || outcome === 'closed') return triggers;
    if (outcome === 'lost') {
      await this.#release();
      return [];
    }
    await this.#context.checkMail();
    this.#pending.push(...triggers.filter(({ trigger }) => trigger.kind !== 'ClockTicked'));
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
    if (this.#repeated.length === 0 || this.#draining || this.#pending.length > 0) return false;
    return deadline === undefined || deadline > now;
  }

  /** Attempts that a previous owner has announced, and that have had no effect or may have it once more. */
  async #repeat(): Promise<boolean> {
    const open = new Set(
      openTasks(this.#machine, this.#execution).map(({ scheduledEventId }) => scheduledEventId),
    );
    const repeated = this.#repeated.filter(({ scheduledEventId }) => open.has(scheduledEventId));
    this.#repeated = [];
    const { executions } = this.#context;
    const tasks = await Promise.all(
      repeated.map((task) => announcedTask(executions, this.executionId, this.#execution, task)),
    );
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
      this.#log().info('an append was lost: the execution was stopped, or is somebody else’s');
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

  async #decide(
    triggers: readonly Pending[],
    now: number,
    { missing: missingActivities }: KnownActivities,
  ): Promise<{ events: JournalEvent[]; effects: Effect[] }> {
    const limits = { maxEventsPerTransition: this.#draining ? 0 : this.#context.maxEventsPerTransition };
    const events: JournalEvent[] = [];
    const effects: Effect[] = [];
    for (const { trigger } of triggers) {
      const moment = drawMoment(now, missingActivities);
      const made = transition(this.#machine, this.#execution, trigger, moment, limits);
      const { events: more, effects: then } = made instanceof Promise ? await made : made;
      events.push(...more);
      effects.push(...then);
    }
    return { events, effects };
  }

  async #perform(effects: readonly Effect[]): Promise<boolean> {
    const cancelled = new Set<number>();
    const invocations: TaskInvocation[] = [];
    for (const effect of effects) {
      if (effect.kind === 'InvokeTask') invocations.push(effect.task);
      else if (effect.kind === 'CancelTask') {
        cancelled.add(effect.scheduledEventId);
        this.#calls.cancel(effect.scheduledEventId);
      }
    }
    // A process that was paused here may have lost its lease; a pause after this check remains possible.
    if (invocations.length > 0 && !this.#context.membership.isCurrent()) {
      const confirmed = await this.#context.membership.confirm();
      if (this.#left) return false;
      if (!confirmed) return this.#release();
    }
    for (const task of invocations) if (!cancelled.has(task.scheduledEventId)) this.#send(task);
    return true;
  }

  #send(task: TaskInvocation): void {
    const integration = this.#context.integrations.find(task.resource);
    const { scheduledEventId, resource } = task;
    if (integration !== undefined) {
      if (!isTransactional(integration)) this.#calls.send(task, integration);
    } else
      this.#pending.push({
        trigger: { kind: 'TaskFailed', scheduledEventId, failure: unservedFailure(resource) },
      });
  }

  #staysAlive(deadline: number | undefined, now: number): boolean {
    if (this.#calls.size > 0) return true;
    if (this.#draining || this.#handingOver || this.#context.isCrowded()) return false;
    return deadline !== undefined && deadline - now <= this.#context.hotMs;
  }

  async #park(deadline: number | undefined, now: number): Promise<boolean> {
    this.#context.alarms.clear(this);
    const isInterrupted =
      openRepeatableTasks(this.#machine, this.#execution, this.#context.integrations).length > 0;
    const parked = await this.lease.park(
      isInterrupted ? now : wakeTime(this.#execution, deadline, now, this.#context.hotMs),
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
    this.#calls.cancelAll();
    this.#context.alarms.clear(this);
    this.#context.resting.delete(this);
  }

  #log(task?: TaskInvocation): ActivationContext['logger'] {
    return this.#context.logger.child({
      executionArn: this.#execution.identity.executionArn,
      ...(task && { state: task.stateName, resource: task.resource.arn }),
    });
  }
}

/** A result with an effect has an append for itself. */
function takeForAppend(pending: Pending[]): Pending[] {
  const alone = pending.findIndex(({ effect }) => effect !== undefined);
  const count = alone < 0 ? TRIGGERS_PER_APPEND_MAX : Math.max(alone, 1);
  return pending.splice(0, Math.min(count, TRIGGERS_PER_APPEND_MAX));
}

/** What the append of the events commits: nothing, where the result was of no use, or too large. */
function effectOf(
  triggers: readonly Pending[],
  events: readonly JournalEvent[],
): UncommittedEffect | undefined {
  const effect = triggers.find((pending) => pending.effect !== undefined)?.effect;
  return events.some(({ type }) => type === 'TaskSucceeded') ? effect : undefined;
}

export function toPending(mail: Mail): Pending {
  return { trigger: toTrigger(mail), mailId: mail.id };
}

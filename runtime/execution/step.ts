/**
 * A step: what one trigger, or one ready branch, makes of an execution. It reads the execution and collects
 * events and effects; nothing is applied until it is complete, so that it can simply be run again. When it has been
 * applied, the next step may go on in the same object, behind what is there.
 */

import type { Json } from '../data/json.ts';
import type { Environment, JsonataEvaluator, JsonataStates } from '../expressions/environment.ts';
import { type Random, randomFrom } from '../expressions/random.ts';
import { type Failure, States } from '../failures/failure.ts';
import type { Machine } from '../machine/machine.ts';
import { branchOf } from './branches.ts';
import type { Effect } from './effect.ts';
import type { Details, EventType, JournalEvent, Private } from './event.ts';
import { evolve } from './evolve.ts';
import type { Branch, BranchId, Execution } from './execution.ts';
import type { Inspection, Stages } from './inspection.ts';
import type { ExecutionLimits } from './limits.ts';
import type { Moment } from './trigger.ts';
import { TurnEnvironment } from './turn-environment.ts';

const NONE: ReadonlySet<string> = new Set();

/** Thrown when an event would be one too many; the execution then ends with the last id it may have. */
export class HistoryFull {}

export class Step {
  readonly machine: Machine;
  readonly execution: Execution;
  readonly jsonata: JsonataEvaluator;
  readonly inspection: Inspection | undefined;
  readonly missingActivities: ReadonlySet<string>;
  /** ms since 1970; never before the last event's. */
  time: number;
  readonly events: JournalEvent[] = [];
  readonly effects: Effect[] = [];
  readonly #seed: Moment['seed'];
  #random: Random | undefined;
  #nextEventId: number;
  /** Events that have been applied. */
  #applied = 0;

  constructor(
    machine: Machine,
    execution: Execution,
    moment: Moment,
    jsonata: JsonataEvaluator,
    inspection?: Inspection,
  ) {
    this.machine = machine;
    this.execution = execution;
    this.jsonata = jsonata;
    this.inspection = inspection;
    this.missingActivities = moment.missingActivities ?? NONE;
    this.time = Math.max(moment.time, execution.lastEventTime);
    this.#seed = moment.seed;
    this.#nextEventId = execution.lastEventId + 1;
  }

  get limits(): ExecutionLimits {
    return this.execution.limits;
  }

  get nextEventId(): number {
    return this.#nextEventId;
  }

  /** Whether this step has closed the execution. */
  get hasEnded(): boolean {
    const last = this.events.at(-1);
    return last !== undefined && ENDS.has(last.type);
  }

  /** Evolves the execution by the step's events, in place. What is decided from now on is another step. */
  apply(): void {
    for (; this.#applied < this.events.length; this.#applied++)
      evolve(this.execution, this.events[this.#applied] as JournalEvent);
    this.#random = undefined;
  }

  /** Every step has numbers of its own, though one seed may serve many steps. */
  get random(): Random {
    const [a, b, c, d] = this.#seed;
    this.#random ??= randomFrom([a, b, c, d ^ this.execution.lastEventId]);
    return this.#random;
  }

  /** Appends an event of AWS's history. Answers its id. @throws HistoryFull */
  append<T extends EventType>(
    type: T,
    branch: BranchId,
    previousEventId: number,
    details: Details<T>,
    own: Private<T>,
  ): number {
    const id = this.#nextEventId;
    if (id >= this.limits.maxHistoryEvents && !ENDS.has(type)) throw new HistoryFull();
    this.#nextEventId++;
    this.events.push({
      type,
      id,
      previousEventId,
      timestamp: this.time,
      branch,
      details,
      private: own,
    } as JournalEvent);
    return id;
  }

  /** Appends a record that AWS has no event for. */
  note<T extends EventType>(type: T, branch: BranchId, previousEventId: number, own: Private<T>): void {
    this.events.push({
      type,
      id: 0,
      previousEventId,
      timestamp: this.time,
      branch,
      details: {},
      private: own,
    } as JournalEvent);
  }

  /** Ends the execution as FAILED. As recorded, the end chains to nothing that was before a redrive. */
  failExecution({ error, cause }: Failure, previousEventId: number): void {
    const failure = { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    const earliest = this.execution.redrive?.eventId ?? 0;
    this.append('ExecutionFailed', 0, Math.max(previousEventId, earliest), failure, {});
  }

  /** Ends the execution because its history is full: the last possible event is this one. */
  endFullHistory(): void {
    const { maxHistoryEvents } = this.limits;
    const cause = `The execution reached the maximum number of history events (${maxHistoryEvents}).`;
    this.failExecution({ error: States.Runtime, cause }, this.#nextEventId - 1);
  }
}

const ENDS: ReadonlySet<EventType> = new Set<EventType>([
  'ExecutionSucceeded',
  'ExecutionFailed',
  'ExecutionAborted',
  'ExecutionTimedOut',
]);

const NO_VARIABLES: ReadonlyMap<string, Json> = new Map();

/** One branch's part in a step: the state it is in, and the chain of events it writes. */
export class Turn {
  readonly step: Step;
  readonly branch: Branch;
  /** Where the next event chains to. */
  lastEventId: number;
  enteredEventId: number;
  enteredTime: number;
  /** Token of the task attempt that is being scheduled. */
  taskToken: string | undefined;
  #variables: ReadonlyMap<string, Json> | undefined;

  constructor(step: Step, branch: Branch) {
    this.step = step;
    this.branch = branch;
    this.lastEventId = branch.lastEventId;
    this.enteredEventId = branch.enteredEventId;
    this.enteredTime = branch.enteredTime;
  }

  /** Retries of the state so far, over all retriers. */
  get retryCount(): number {
    return this.branch.retries.reduce((sum, used) => sum + (used ?? 0), 0);
  }

  /** Shows what a stage of the state has made of its data to whoever looks, and gives it back. */
  observe<S extends keyof Stages>(stage: S, data: Stages[S]): Stages[S] {
    this.step.inspection?.observe(stage, data);
    return data;
  }

  emit<T extends EventType>(type: T, details: Details<T>, own: Private<T>): number {
    this.lastEventId = this.emitAside(type, details, own);
    return this.lastEventId;
  }

  /** An event that the branch's next event does not chain to (`MapStateSucceeded`, `TaskStateAborted`). */
  emitAside<T extends EventType>(type: T, details: Details<T>, own: Private<T>): number {
    return this.step.append(type, this.branch.id, this.lastEventId, details, own);
  }

  /** The branch's own variables and those of the scopes around it. */
  get variables(): ReadonlyMap<string, Json> {
    this.#variables ??= visibleVariables(this.step.execution, this.branch);
    return this.#variables;
  }

  /** What expressions see with `input` as `$`. */
  environment(input: Json, extra?: { states?: JsonataStates; item?: MapItem }): Environment {
    return new TurnEnvironment(this, input, extra?.states, extra?.item);
  }
}

export interface MapItem {
  readonly index: number;
  readonly value: Json;
}

function visibleVariables(execution: Execution, branch: Branch): ReadonlyMap<string, Json> {
  const outer =
    branch.parent === undefined
      ? NO_VARIABLES
      : visibleVariables(execution, branchOf(execution, branch.parent));
  if (branch.variables.size === 0) return outer;
  const visible = new Map(outer);
  for (const [name, value] of branch.variables) visible.set(name, value.value);
  return visible;
}

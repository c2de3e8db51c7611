/** Drives the pure core in memory, with tasks that answer as told and a clock that jumps to the next deadline. */

import { evolve } from '../../runtime/execution/evolve.ts';
import {
  abortedEvent,
  DEFAULT_LIMITS,
  decodeEvents,
  type Effect,
  type Execution,
  type ExecutionLimits,
  encodeEvents,
  fold,
  type HistoryEvent,
  type JournalEvent,
  type Machine,
  type Moment,
  nextDeadline,
  Payload,
  parseDefinition,
  redrivenEvent,
  startedEvent,
  type TaskInvocation,
  type TransitionLimits,
  type Trigger,
  toHistoryEvent,
  transition,
} from '../../runtime/index.ts';

/** How a task answers: JSON to succeed with, a failure, or never. */
export type TaskAnswer =
  | { readonly output: unknown }
  | { readonly error: string; readonly cause?: string }
  | 'never';
export type Tasks = (task: TaskInvocation, attempt: number) => TaskAnswer;

export interface InMemoryOptions {
  readonly input?: string;
  readonly tasks?: Tasks;
  readonly limits?: Partial<ExecutionLimits & TransitionLimits>;
  /** Folds the encoded journal anew before each trigger, as after a crash. */
  readonly resumeEveryAppend?: boolean;
  readonly random?: number;
}

export interface InMemoryRun {
  readonly execution: Execution;
  readonly journal: readonly JournalEvent[];
  readonly history: readonly HistoryEvent[];
}

export const START_TIME = Date.UTC(2026, 0, 1);

/** @throws Error when the definition does not parse */
export function compile(definition: object | string): Machine {
  const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
  const parsed = parseDefinition(text, 'STANDARD');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.machine;
}

/** Runs a machine to its end. */
export async function runInMemory(
  definition: object | string,
  options: InMemoryOptions = {},
): Promise<InMemoryRun> {
  const run = new Run(definition, options);
  await run.toEnd();
  return run;
}

/** A run that can be stopped, and redriven after its end. */
export class Run implements InMemoryRun {
  readonly machine: Machine;
  readonly journal: JournalEvent[];
  execution: Execution;
  readonly #limits: TransitionLimits;
  readonly #options: InMemoryOptions;
  readonly #triggers: Trigger[] = [{ kind: 'Proceed' }];
  readonly #attempts = new Map<string, number>();
  #time = START_TIME;

  /** @throws Error when the definition does not parse */
  constructor(definition: object | string, options: InMemoryOptions = {}) {
    const machine = compile(definition);
    this.machine = machine;
    this.#options = options;
    const { maxHistoryEvents, maxPayloadBytes, ...limits } = { ...DEFAULT_LIMITS, ...options.limits };
    this.#limits = limits;
    const first = startedEvent({
      identity: {
        executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run',
        executionName: 'run',
        stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
        stateMachineName: 'machine',
        region: 'us-east-1',
        secret: 'secret',
      },
      roleArn: 'arn:aws:iam::000000000000:role/test',
      input: options.input ?? '{}',
      time: START_TIME,
      startAt: machine.startAt,
      timeoutSeconds: machine.timeoutSeconds,
      limits: options.limits && { maxHistoryEvents, maxPayloadBytes },
    });
    this.journal = [first];
    this.execution = fold(this.journal);
  }

  get history(): HistoryEvent[] {
    return this.journal.flatMap((event) => toHistoryEvent(event, { includeExecutionData: true }) ?? []);
  }

  /** Goes on to its end, or for so many triggers. */
  async toEnd(triggers = Number.POSITIVE_INFINITY): Promise<void> {
    for (let n = 0; this.execution.status === 'RUNNING' && n < triggers; n++) {
      if (n > 100_000) throw new Error('The run does not end');
      await this.#react(this.#triggers.shift() ?? this.#nextTick());
      if (this.execution.ready.length > 0) this.#triggers.unshift({ kind: 'Proceed' });
    }
  }

  /** StopExecution. Calls that are under way return later, as news that moves nothing. */
  stop(): void {
    this.#appendFromOutside(abortedEvent(this.execution.lastEventId + 1, this.#time, {}));
  }

  /** RedriveExecution, some seconds later. */
  redrive(seconds = 60): void {
    this.#time += seconds * 1000;
    this.#appendFromOutside(
      redrivenEvent({
        id: this.execution.lastEventId + 1,
        time: this.#time,
        redriveCount: (this.execution.redrive?.count ?? 0) + 1,
        timeoutSeconds: this.machine.timeoutSeconds,
      }),
    );
    this.#triggers.push({ kind: 'Proceed' });
  }

  #appendFromOutside(event: JournalEvent): void {
    this.journal.push(event);
    evolve(this.execution, event);
  }

  #nextTick(): Trigger {
    const deadline = nextDeadline(this.execution);
    if (deadline === undefined) throw new Error('The run waits for something that never comes');
    this.#time = Math.max(this.#time, deadline);
    return { kind: 'ClockTicked' };
  }

  async #react(trigger: Trigger): Promise<void> {
    if (this.#options.resumeEveryAppend) this.execution = fold(decodeAll(this.journal));
    const seed = this.#options.random ?? 1;
    const moment: Moment = { time: this.#time, seed: [seed, 2, 3, 4] };
    const made = await transition(this.machine, this.execution, trigger, moment, this.#limits);
    this.journal.push(...made.events);
    for (const effect of made.effects) this.#run(effect);
  }

  #run(effect: Effect): void {
    if (effect.kind !== 'InvokeTask') return;
    const { task } = effect;
    const attempt = this.#attempts.get(task.stateName) ?? 0;
    this.#attempts.set(task.stateName, attempt + 1);
    const answer = this.#options.tasks?.(task, attempt) ?? { output: task.input.value };
    if (answer === 'never') return;
    const { scheduledEventId } = task;
    if ('output' in answer)
      this.#triggers.push({
        kind: 'TaskSucceeded',
        scheduledEventId,
        output: Payload.fromText(JSON.stringify(answer.output)),
      });
    else this.#triggers.push({ kind: 'TaskFailed', scheduledEventId, failure: answer });
  }
}

/** The journal as it would come back from the database. */
export function decodeAll(journal: readonly JournalEvent[]): JournalEvent[] {
  return decodeEvents(encodeEvents(journal), 1);
}

/** A history as lines `id<-previous Type`, for comparing at a glance. */
export function outline(history: readonly HistoryEvent[]): string[] {
  return history.map(({ id, previousEventId, type }) => `${id}<-${previousEventId} ${type}`);
}

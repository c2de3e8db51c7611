/**
 * The Express driver: an execution that lives in the memory of one process. Its journal is not kept, and its effects
 * run at once (docs/architecture.md §1).
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Integrations, unservedFailure } from '../integrations/registry.ts';
import { TaskCalls } from '../integrations/task-calls.ts';
import {
  abortedEvent,
  type Effect,
  type Execution,
  evolve,
  type Failure,
  fold,
  type JournalEvent,
  type JournalEventOf,
  type Machine,
  type Moment,
  nextDeadline,
  PORTABLE_LIMITS,
  type Transition,
  type Trigger,
  transition,
} from '../runtime/index.ts';
import type { ExecutionWatch, ExecutionWatcher, WatchedSettings } from '../telemetry/execution-watch.ts';
import type { Logger } from '../telemetry/log.ts';

/** AWS ends an Express execution after five minutes, whatever its definition says. */
const EXPRESS_SECONDS_MAX = 300;

/** Events of a run of pure states after which others in the process get their turn. */
const EVENTS_PER_TURN = 200;

export interface ExpressWorld {
  readonly integrations: Pick<Integrations, 'find'>;
  readonly logger: Logger;
  readonly watcher: ExecutionWatcher;
  /** ms since 1970. */
  now(): number;
  /** Runs `run` once, `delayMs` from now. The answer takes it back. */
  after(delayMs: number, run: () => void): () => void;
  /** The time of a step, with randomness of its own. */
  moment(time: number): Moment;
}

export interface ExpressStart {
  readonly revision: WatchedSettings;
  /** Its time is the execution's start; the time limits run from the moment it is run, each time. */
  readonly started: JournalEventOf<'ExecutionStarted'>;
}

export interface ExpressOutcome {
  readonly status: Exclude<Execution['status'], 'RUNNING'>;
  /** JSON text, of an execution that succeeded. */
  readonly output: string | undefined;
  readonly failure: Failure | undefined;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly stoppedAt: number;
}

export interface ExpressOptions {
  /** Stops the run: whoever wanted its result is gone, or it is somebody else's now. */
  readonly signal?: AbortSignal;
  /** A run that is stopped is over for good: it ends as ABORTED. Absent: it will run again elsewhere. */
  readonly isOverWhenStopped?: boolean;
}

/** Runs an execution to its end. Never throws for a failure of the execution, whatever its tasks do. */
export function runExpress(
  start: ExpressStart,
  world: ExpressWorld,
  options: ExpressOptions = {},
): Promise<ExpressOutcome> {
  return new ExpressExecution(start, world, options).run();
}

class ExpressExecution {
  readonly #machine: Machine;
  readonly #world: ExpressWorld;
  readonly #options: ExpressOptions;
  readonly #execution: Execution;
  readonly #watch: ExecutionWatch;
  readonly #calls: TaskCalls;
  readonly #news: Trigger[] = [];
  /** Ends the wait for news, while there is one. */
  #awaken = (): void => {};

  constructor({ revision, started }: ExpressStart, world: ExpressWorld, options: ExpressOptions) {
    this.#machine = revision.machine;
    this.#world = world;
    this.#options = options;
    this.#execution = fold([withExpressLimits(started, world.now(), revision.machine.timeoutSeconds)]);
    this.#calls = new TaskCalls(
      (trigger) => this.#tell(trigger),
      ({ executionArn, stateName, resource }, error) =>
        world.logger.error(
          { err: error, executionArn, state: stateName, resource: resource.arn },
          'an integration threw',
        ),
    );
    this.#watch = world.watcher.watch(this.#execution, revision);
    this.#watch.record([started]);
  }

  async run(): Promise<ExpressOutcome> {
    const { signal } = this.#options;
    try {
      while (this.#execution.status === 'RUNNING' && !signal?.aborted) {
        const trigger = this.#nextTrigger();
        if (trigger === undefined) {
          await this.#waitForNews();
          continue;
        }
        const made = this.#transition(trigger);
        // Only some expressions take their time: what need not be waited for costs no promise.
        this.#take(made instanceof Promise ? await made : made);
        if (this.#execution.ready.length > 0) await turn();
      }
    } finally {
      this.#calls.cancelAll();
    }
    if (this.#execution.status === 'RUNNING' && this.#options.isOverWhenStopped) this.#abort();
    return this.#outcome();
  }

  #nextTrigger(): Trigger | undefined {
    const deadline = nextDeadline(this.#execution);
    if (deadline !== undefined && deadline <= this.#world.now()) return { kind: 'ClockTicked' };
    if (this.#news.length > 0) return this.#news.shift();
    return this.#execution.ready.length > 0 ? { kind: 'Proceed' } : undefined;
  }

  #transition(trigger: Trigger): Transition | Promise<Transition> {
    const moment = this.#world.moment(this.#world.now());
    return transition(this.#machine, this.#execution, trigger, moment, {
      maxEventsPerTransition: EVENTS_PER_TURN,
    });
  }

  #take({ events, effects }: Transition): void {
    this.#watch.record(events);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'CancelTask') {
      this.#calls.cancel(effect.scheduledEventId);
      return;
    }
    const { task } = effect;
    const integration = this.#world.integrations.find(task.resource);
    if (integration !== undefined) this.#calls.send(task, integration);
    else
      this.#tell({
        kind: 'TaskFailed',
        scheduledEventId: task.scheduledEventId,
        failure: unservedFailure(task.resource),
      });
  }

  #tell(news: Trigger): void {
    this.#news.push(news);
    this.#awaken();
  }

  /** Until a call returns, a deadline comes, or the signal aborts. */
  #waitForNews(): Promise<void> {
    const { signal } = this.#options;
    const deadline = nextDeadline(this.#execution) ?? Number.POSITIVE_INFINITY;
    return new Promise((resolve) => {
      const awaken = (): void => {
        cancel();
        signal?.removeEventListener('abort', awaken);
        this.#awaken = () => {};
        resolve();
      };
      const cancel = this.#world.after(deadline - this.#world.now(), awaken);
      signal?.addEventListener('abort', awaken);
      this.#awaken = awaken;
    });
  }

  #abort(): void {
    const event = abortedEvent(this.#execution.lastEventId + 1, this.#world.now(), {});
    evolve(this.#execution, event);
    this.#watch.record([event]);
  }

  #outcome(): ExpressOutcome {
    const { status, output, failure, startTime, lastEventTime } = this.#execution;
    if (status === 'RUNNING')
      return {
        status: 'ABORTED',
        output: undefined,
        failure: undefined,
        startedAt: startTime,
        stoppedAt: this.#world.now(),
      };
    return { status, output: output?.text, failure, startedAt: startTime, stoppedAt: lastEventTime };
  }
}

/** What AWS calls the history of an Express execution are its logs, which have no cap. */
function withExpressLimits(
  started: JournalEventOf<'ExecutionStarted'>,
  now: number,
  timeoutSeconds = EXPRESS_SECONDS_MAX,
): JournalEvent {
  const { maxPayloadBytes } = started.private.limits ?? PORTABLE_LIMITS;
  return {
    ...started,
    private: {
      ...started.private,
      deadline: now + Math.min(timeoutSeconds, EXPRESS_SECONDS_MAX) * 1000,
      limits: { maxHistoryEvents: Number.MAX_SAFE_INTEGER, maxPayloadBytes },
    },
  };
}

/** The AWS/States metrics of the tasks of an execution, made of their events. */
import { parseArn } from '../../runtime/execution/arn.ts';
import type { Execution, JournalEvent, JournalEventOf } from '../../runtime/index.ts';
import type { TaskResource } from '../../runtime/machine/resource.ts';
import type { WatchedSettings } from '../execution-watch.ts';
import type { BoundedSeries } from './bounded-series.ts';
import type { AttributesOf, CounterName, HistogramName } from './catalogue.ts';
import type { Labels, Metrics } from './metrics.ts';

type OfTask = AttributesOf<'statehouse.task.time'>;
export type TaskSeries = BoundedSeries<OfTask>;

type TaskTime = Extract<HistogramName, `statehouse.task.${string}`>;
type Scheduled = JournalEventOf<'LambdaFunctionScheduled' | 'ActivityScheduled' | 'TaskScheduled'>;
type Ending = Extract<CounterName, `statehouse.tasks.${string}`>;

const ENDINGS: Readonly<Partial<Record<JournalEvent['type'], Ending>>> = {
  LambdaFunctionSucceeded: 'statehouse.tasks.succeeded',
  ActivitySucceeded: 'statehouse.tasks.succeeded',
  TaskSucceeded: 'statehouse.tasks.succeeded',
  LambdaFunctionFailed: 'statehouse.tasks.failed',
  LambdaFunctionScheduleFailed: 'statehouse.tasks.failed',
  LambdaFunctionStartFailed: 'statehouse.tasks.failed',
  ActivityFailed: 'statehouse.tasks.failed',
  ActivityScheduleFailed: 'statehouse.tasks.failed',
  TaskFailed: 'statehouse.tasks.failed',
  TaskStartFailed: 'statehouse.tasks.failed',
  TaskSubmitFailed: 'statehouse.tasks.failed',
};

/** An attempt without a result. Times are ms since 1970. */
interface OpenAttempt {
  readonly labels: Labels<'statehouse.task.time'>;
  readonly scheduledAt: number;
  /** Undefined: it has not begun. */
  startedAt: number | undefined;
  /** When TimeoutSeconds is over. A timeout before that is one of the heartbeat. */
  deadline: number | undefined;
}

export class OpenAttempts {
  readonly #metrics: Metrics;
  readonly #series: TaskSeries;
  /** By branch, which makes one attempt at a time. */
  readonly #byBranch = new Map<number, OpenAttempt>();

  /** @param execution may have been running somewhere else before */
  constructor(metrics: Metrics, series: TaskSeries, execution: Execution, { machine }: WatchedSettings) {
    this.#metrics = metrics;
    this.#series = series;
    for (const { id, state: name, activity } of execution.branches.values()) {
      if (activity.kind !== 'task') continue;
      const state = machine.allStates.get(name);
      if (state?.type !== 'Task') continue;
      const labels = this.#ofResource(state.resource);
      const { scheduledTime: scheduledAt, startedTime: startedAt, deadline } = activity;
      this.#byBranch.set(id, { labels, scheduledAt, startedAt, deadline });
    }
  }

  record(event: JournalEvent): void {
    switch (event.type) {
      case 'LambdaFunctionScheduled':
        this.#schedule(event, this.#ofFunction(event.details.resource));
        break;
      case 'ActivityScheduled':
        this.#schedule(event, this.#ofActivity(event.details.resource));
        break;
      case 'TaskScheduled':
        this.#schedule(event, this.#ofService(event.details));
        break;
      case 'LambdaFunctionStarted':
      case 'TaskStarted':
        this.#start(event);
        break;
      case 'ActivityStarted':
        this.#start(event, event.private.deadline);
        break;
      case 'LambdaFunctionTimedOut':
      case 'ActivityTimedOut':
      case 'TaskTimedOut':
        this.#timeOut(event);
        break;
      case 'TaskStateAborted':
        this.#byBranch.delete(event.branch);
        break;
      default: {
        const ending = ENDINGS[event.type];
        if (ending !== undefined) this.#end(event, ending);
      }
    }
  }

  #schedule(event: Scheduled, labels: OpenAttempt['labels']): void {
    const { timestamp: scheduledAt, branch } = event;
    this.#metrics.add('statehouse.tasks.scheduled', 1, labels);
    this.#byBranch.set(branch, {
      labels,
      scheduledAt,
      startedAt: undefined,
      deadline: event.private.deadline,
    });
  }

  /** @param deadline if it has become another one */
  #start({ branch, timestamp }: JournalEvent, deadline?: number): void {
    const attempt = this.#byBranch.get(branch);
    if (attempt === undefined) return;
    attempt.startedAt = timestamp;
    if (deadline !== undefined) attempt.deadline = deadline;
    this.#metrics.add('statehouse.tasks.started', 1, attempt.labels);
    this.#time('statehouse.task.schedule_time', attempt.scheduledAt, timestamp, attempt);
  }

  /** The history does not tell which of the two clocks has run out. */
  #timeOut(event: JournalEvent): void {
    const { deadline = Number.POSITIVE_INFINITY } = this.#byBranch.get(event.branch) ?? {};
    const isHeartbeat = event.timestamp < deadline;
    this.#end(event, isHeartbeat ? 'statehouse.tasks.heartbeat_timed_out' : 'statehouse.tasks.timed_out');
  }

  #end({ branch, timestamp }: JournalEvent, ending: Ending): void {
    const attempt = this.#byBranch.get(branch);
    if (attempt === undefined) return;
    this.#byBranch.delete(branch);
    this.#metrics.add(ending, 1, attempt.labels);
    this.#time('statehouse.task.run_time', attempt.startedAt, timestamp, attempt);
    this.#time('statehouse.task.time', attempt.scheduledAt, timestamp, attempt);
  }

  #time(name: TaskTime, from: number | undefined, to: number, { labels }: OpenAttempt): void {
    if (from !== undefined) this.#metrics.record<TaskTime>(name, Math.max(0, to - from) / 1000, labels);
  }

  #ofResource(resource: TaskResource): OpenAttempt['labels'] {
    switch (resource.kind) {
      case 'lambda':
        return this.#ofFunction(resource.arn);
      case 'activity':
        return this.#ofActivity(resource.arn);
      case 'service':
        return this.#ofService(resource);
    }
  }

  #ofFunction(arn: string): OpenAttempt['labels'] {
    return this.#series.of(arn, () => ofTask('lambda', arn.split(':')[FUNCTION_NAME] ?? arn));
  }

  #ofActivity(arn: string): OpenAttempt['labels'] {
    return this.#series.of(arn, () => ofTask('activity', parseArn(arn)?.resource ?? arn));
  }

  #ofService({ resourceType, resource }: { resourceType: string; resource: string }): OpenAttempt['labels'] {
    const name = `${resourceType}:${resource}`;
    return this.#series.of(name, () => ofTask('service', name));
  }
}

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]` */
const FUNCTION_NAME = 6;

function ofTask(kind: TaskResource['kind'], resource: string): OfTask {
  return { 'statehouse.task.kind': kind, 'statehouse.task.resource': resource };
}

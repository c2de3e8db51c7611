/** The AWS/States metrics of executions, made of their events. */
import { parseArn } from '../../runtime/execution/arn.ts';
import type { Execution, ExecutionIdentity, JournalEvent, MachineType } from '../../runtime/index.ts';
import type { ExecutionWatch, ExecutionWatcher } from '../execution-watch.ts';
import { BoundedSeries } from './bounded-series.ts';
import type { AttributesOf } from './catalogue.ts';
import type { Labels, Metrics } from './metrics.ts';
import { OpenAttempts, type TaskSeries } from './open-attempts.ts';

type OfMachine = AttributesOf<'statehouse.execution.time'>;

/** State machines, and resources of tasks, that have series of their own. */
const SERIES_MAX = 1000;

/** @param seriesMax state machines, and resources of tasks, beyond which all others share a series */
export function executionMetrics(metrics: Metrics, seriesMax = SERIES_MAX): ExecutionWatcher {
  const machines = new BoundedSeries<OfMachine>(seriesMax);
  const tasks: TaskSeries = new BoundedSeries(seriesMax);
  return {
    watch(execution, settings) {
      const { identity } = execution;
      const labels = machines.of(identity.stateMachineArn, () => ofMachine(identity, settings.type));
      return new MeasuredExecution(
        metrics,
        labels,
        execution,
        new OpenAttempts(metrics, tasks, execution, settings),
      );
    },
  };
}

function ofMachine({ stateMachineArn, stateMachineName }: ExecutionIdentity, type: MachineType): OfMachine {
  const { accountId, region } = parseArn(stateMachineArn) ?? {};
  return {
    'statehouse.state_machine.name': stateMachineName,
    'statehouse.state_machine.type': type,
    ...(accountId !== undefined && { 'cloud.account.id': accountId }),
    ...(region !== undefined && { 'cloud.region': region }),
  };
}

type Outcome = 'succeeded' | 'failed' | 'timed_out' | 'aborted';

class MeasuredExecution implements ExecutionWatch {
  readonly #metrics: Metrics;
  readonly #labels: Labels<'statehouse.execution.time'>;
  readonly #startTime: number;
  readonly #attempts: OpenAttempts;
  #isRedriven: boolean;

  constructor(
    metrics: Metrics,
    labels: Labels<'statehouse.execution.time'>,
    { startTime, redrive }: Execution,
    attempts: OpenAttempts,
  ) {
    this.#metrics = metrics;
    this.#labels = labels;
    this.#startTime = startTime;
    this.#attempts = attempts;
    this.#isRedriven = redrive !== undefined;
  }

  record(events: readonly JournalEvent[]): void {
    for (const event of events) this.#record(event);
  }

  #record(event: JournalEvent): void {
    switch (event.type) {
      case 'ExecutionStarted':
        this.#metrics.add('statehouse.executions.started', 1, this.#labels);
        break;
      case 'ExecutionRedriven':
        this.#isRedriven = true;
        this.#metrics.add('statehouse.executions.redriven', 1, this.#labels);
        break;
      case 'ExecutionSucceeded':
        this.#end('succeeded', event.timestamp);
        break;
      case 'ExecutionFailed':
        this.#end('failed', event.timestamp);
        break;
      case 'ExecutionTimedOut':
        this.#end('timed_out', event.timestamp);
        break;
      case 'ExecutionAborted':
        this.#end('aborted', event.timestamp);
        break;
      default:
        this.#attempts.record(event);
    }
  }

  #end(outcome: Outcome, time: number): void {
    this.#metrics.add(`statehouse.executions.${outcome}`, 1, this.#labels);
    if (this.#isRedriven) this.#metrics.add(`statehouse.redriven_executions.${outcome}`, 1, this.#labels);
    const seconds = Math.max(0, time - this.#startTime) / 1000;
    this.#metrics.record('statehouse.execution.time', seconds, this.#labels);
  }
}

/**
 * `arn:aws:states:::states:startExecution[.sync|.sync:2|.waitForTaskToken]`. The child is started by the append that
 * announces the attempt (docs/decisions/0013-child-executions.md).
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
 */
import { type ArnPlace, executionArn } from '../../runtime/execution/arn.ts';
import { type Failure, States } from '../../runtime/failures/failure.ts';
import type { ExecutionLimits, TaskInvocation } from '../../runtime/index.ts';
import type { TaskResource } from '../../runtime/machine/resource.ts';
import type { StartOutcome } from '../../store/execution.ts';
import type { ChildStart } from '../../store/lease.ts';
import type { StartRecord } from '../../store/state-machine.ts';
import type { Store } from '../../store/store.ts';
import type { TraceSampler } from '../../telemetry/traces/trace-sampler.ts';
import type {
  AnnouncingExecution,
  PreparedTasks,
  TaskCall,
  TaskOutcomes,
  TaskResult,
  TransactionalIntegration,
} from '../integration.ts';
import { type ChildLookup, placeOf } from './asked-start.ts';
import { type Child, type ExpressChild, isAwaited, newChild } from './child-execution.ts';
import { optimizedFailure, startFault } from './start-failure.ts';
import { createStartPoints, type StartPoints } from './start-points.ts';
import { startResult } from './start-result.ts';

export interface StatesOptions {
  /** Asked for when first needed. */
  readonly store: () => Pick<Store, 'executions' | 'express' | 'stateMachines'>;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
  /** Undefined: this process records no traces. */
  readonly traceSampler: TraceSampler | undefined;
}

export class StatesIntegration implements TransactionalIntegration {
  readonly name = 'states';
  readonly recovery = 'transactional';
  readonly #store: StatesOptions['store'];
  readonly #ceilings: ExecutionLimits;
  readonly #traceSampler: StatesOptions['traceSampler'];
  readonly #startPoints: StartPoints;

  constructor({ store, ceilings, traceSampler }: StatesOptions) {
    this.#store = store;
    this.#ceilings = ceilings;
    this.#traceSampler = traceSampler;
    this.#startPoints = createStartPoints({ revision: (id) => store().stateMachines.revision(id) });
  }

  serves(resource: TaskResource): boolean {
    return (
      resource.kind === 'service' &&
      resource.resourceType === 'states' &&
      resource.action === 'startExecution'
    );
  }

  lost(): Failure {
    return { error: States.TaskFailed, cause: 'The start of the execution was given up.' };
  }

  async prepare(
    { executionId, executionArn, time }: AnnouncingExecution,
    tasks: readonly TaskInvocation[],
  ): Promise<PreparedTasks> {
    const lookup = this.#lookup(executionArn);
    const children = new Map<number, Child>();
    const expressChildren = new Map<number, ExpressChild>();
    const starts: ChildStart[] = [];
    const refused = new Map<number, TaskResult>();
    const prepareTask = async (task: TaskInvocation) => {
      const { scheduledEventId, resource } = task;
      const child = await newChild(task, time, lookup);
      if ('failure' in child) return refused.set(scheduledEventId, { kind: 'failed', ...child });
      if ('express' in child) return expressChildren.set(scheduledEventId, child);
      starts.push({ scheduledEventId, isAwaited: isAwaited(resource), execution: child.execution });
      return children.set(scheduledEventId, child);
    };
    await Promise.all(tasks.map(prepareTask));
    return {
      children: starts,
      outcomes: async () =>
        new Map([
          ...refused,
          ...(await this.#outcomesOf(children, executionId, lookup.place)),
          ...(await this.#startExpress(expressChildren)),
        ]),
    };
  }

  async recall(
    { executionId, executionArn }: AnnouncingExecution,
    scheduledEventIds: readonly number[],
  ): Promise<TaskOutcomes> {
    return this.#started(executionId, scheduledEventIds, placeOf(executionArn));
  }

  /** Without an append that it could be part of, the start is an ordinary one. */
  async invoke(task: TaskCall): Promise<TaskResult> {
    for (;;) {
      const lookup = this.#lookup(task.executionArn);
      const child = await newChild(task, Date.now(), lookup);
      if ('failure' in child) return { kind: 'failed', ...child };
      if ('express' in child) return this.#expressResult(child);
      const outcome = await this.#store().executions.start(child.execution);
      // Otherwise the state machine was changed since it was looked up.
      if (outcome.kind !== 'outdated') return resultOf(outcome, child, lookup.place);
    }
  }

  async close(): Promise<void> {}

  /** Once the append has won. Those of an owner that dies here are started by the next one, some of them again. */
  async #startExpress(children: ReadonlyMap<number, ExpressChild>): Promise<[number, TaskResult][]> {
    return Promise.all(
      [...children].map(async ([scheduledEventId, child]): Promise<[number, TaskResult]> => {
        return [scheduledEventId, await this.#expressResult(child)];
      }),
    );
  }

  async #expressResult({ targetArn, arn, startedAt, express }: ExpressChild): Promise<TaskResult> {
    const outcome = await this.#store().express.start(express);
    return outcome === 'started'
      ? { kind: 'succeeded', output: startResult(arn, startedAt) }
      : { kind: 'failed', failure: optimizedFailure(startFault('StateMachineDeleting', targetArn)) };
  }

  async #outcomesOf(
    children: ReadonlyMap<number, Child>,
    executionId: string,
    place: ArnPlace,
  ): Promise<Map<number, TaskResult>> {
    if (children.size === 0) return new Map();
    const outcomes = await this.#started(executionId, [...children.keys()], place);
    for (const [scheduledEventId, child] of children)
      if (!outcomes.has(scheduledEventId))
        outcomes.set(scheduledEventId, { kind: 'failed', failure: await this.#notStarted(child, place) });
    return outcomes;
  }

  /** Of tasks that have their child. */
  async #started(
    executionId: string,
    scheduledEventIds: readonly number[],
    place: ArnPlace,
  ): Promise<Map<number, TaskResult>> {
    const children = await this.#store().executions.children(executionId, scheduledEventIds);
    return new Map(
      children.map(({ scheduledEventId, stateMachineName, name, startedAt }) => {
        const output = startResult(executionArn(place, stateMachineName, name), startedAt);
        return [scheduledEventId, { kind: 'succeeded', output }];
      }),
    );
  }

  /** Its state machine was there when the append was prepared. */
  async #notStarted({ targetArn, stateMachineName, execution }: Child, place: ArnPlace): Promise<Failure> {
    const machine = await this.#store().stateMachines.startRecord(place, stateMachineName, {});
    const arn = executionArn(place, stateMachineName, execution.name);
    return optimizedFailure(
      machine?.status === 'ACTIVE'
        ? startFault('ExecutionAlreadyExists', arn)
        : startFault('StateMachineDeleting', targetArn),
    );
  }

  #lookup(executionArn: string): ChildLookup {
    const place = placeOf(executionArn);
    const records = new Map<string, Promise<StartRecord | undefined>>();
    const startRecord: ChildLookup['stateMachines']['startRecord'] = (_place, name, qualifier) => {
      const key = JSON.stringify([name, qualifier]);
      const record = records.get(key) ?? this.#store().stateMachines.startRecord(place, name, qualifier);
      records.set(key, record);
      return record;
    };
    // The same record for all starts of one append; each draws its own version of an alias.
    return {
      stateMachines: { startRecord },
      startPoints: this.#startPoints,
      place,
      ceilings: this.#ceilings,
      traceSampler: this.#traceSampler,
    };
  }
}

function resultOf(
  outcome: Exclude<StartOutcome, { kind: 'outdated' }>,
  { targetArn, stateMachineName, execution }: Child,
  place: ArnPlace,
): TaskResult {
  const arn = executionArn(place, stateMachineName, execution.name);
  if (outcome.kind === 'started') return { kind: 'succeeded', output: startResult(arn, execution.startedAt) };
  if (outcome.kind === 'deleting')
    return { kind: 'failed', failure: optimizedFailure(startFault('StateMachineDeleting', targetArn)) };
  return outcome.status === 'RUNNING' && outcome.sameInput
    ? { kind: 'succeeded', output: startResult(arn, outcome.startedAt) }
    : { kind: 'failed', failure: optimizedFailure(startFault('ExecutionAlreadyExists', arn)) };
}

/**
 * TestState: one state, run alone by the code that runs it in executions.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
 */
import type { JsonObject } from '../data/json.ts';
import { Payload } from '../data/payload.ts';
import { branchOf } from '../execution/branches.ts';
import type { TaskInvocation } from '../execution/effect.ts';
import type { Activity, Branch, Execution, ExecutionIdentity } from '../execution/execution.ts';
import { fold } from '../execution/fold.ts';
import { startedEvent } from '../execution/lifecycle.ts';
import { Step, Turn } from '../execution/step.ts';
import { evaluated } from '../execution/transition.ts';
import type { Moment } from '../execution/trigger.ts';
import type { Failure } from '../failures/failure.ts';
import type { MapState, ParallelState, State, TaskState, WaitState } from '../machine/machine.ts';
import { enterState } from '../states/table.ts';
import * as task from '../states/task.ts';
import { endWait } from '../states/wait.ts';
import { defaultContext } from './default-context.ts';
import { type InspectionData, Recorder } from './inspection-data.ts';
import { readItems } from './item-reader-data.ts';
import type { Mock } from './mock.ts';
import { endMap, endParallel } from './mocked-scope.ts';
import type { StateUnderTest } from './state-under-test.ts';

export interface StateTest {
  readonly subject: StateUnderTest;
  /** Of the execution that the state is said to run in. */
  readonly identity: ExecutionIdentity;
  readonly roleArn: string | undefined;
  /** JSON text. */
  readonly input: string;
  readonly variables: JsonObject;
  /** Map and Parallel cannot do without. */
  readonly mock: Mock | undefined;
  /** Taken as the whole Context Object. */
  readonly context: JsonObject | undefined;
  /** Retries used of the retrier that will match. */
  readonly retrierRetryCount: number;
  readonly mapIterationFailureCount: number;
  readonly mapItemReaderData: string | undefined;
}

/** What a test needs of the world. What these throw, {@link testState} throws. */
export interface TestWorld {
  moment(): Moment;
  /** Makes the call of a Task that has no mock. */
  call(task: TaskInvocation): Promise<TaskOutcome>;
  /** @param time ms since 1970 */
  waitUntil(time: number): Promise<void>;
}

export type TaskOutcome =
  | { readonly kind: 'succeeded'; readonly output: Payload }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** TimeoutSeconds are over. */
  | { readonly kind: 'timedOut' };

export interface TestStateResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output: Payload | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly nextState: string | undefined;
  readonly inspectionData: InspectionData;
}

/** @throws InvalidTest when the test makes no sense for its state */
export async function testState(test: StateTest, world: TestWorld): Promise<TestStateResult> {
  const run = new TestRun(test, world);
  await run.toEnd();
  return run.result();
}

type Finish<K extends Activity['kind']> = (activity: Extract<Activity, { kind: K }>) => Promise<void>;

const NOTHING = Payload.fromValue({});

class TestRun {
  readonly #test: StateTest;
  readonly #world: TestWorld;
  readonly #state: State;
  readonly #execution: Execution;
  /** Outlives the execution's end. */
  readonly #branch: Branch;
  readonly #input: Payload;
  readonly #recorder: Recorder;
  /** What to do about whatever the state waits for once it is entered. */
  readonly #finish: { readonly [K in Activity['kind']]?: Finish<K> } = {
    task: () => this.#finishTask(this.#state as TaskState),
    waiting: async ({ until }) => {
      await this.#world.waitUntil(until);
      await this.#step((turn) => endWait(turn, this.#state as WaitState));
    },
    parallel: () => this.#step((turn) => endParallel(turn, this.#state as ParallelState, this.#mock())),
    map: () => {
      const failures = this.#test.mapIterationFailureCount;
      return this.#step((turn) => endMap(turn, this.#state as MapState, this.#mock(), failures));
    },
  };
  #task: TaskInvocation | undefined;
  #now = 0;

  constructor(test: StateTest, world: TestWorld) {
    this.#test = test;
    this.#world = world;
    this.#execution = started(test, world.moment().time);
    this.#branch = branchOf(this.#execution, 0);
    this.#input = this.#branch.input;
    const { roleArn, retrierRetryCount: retryCount } = test;
    this.#recorder = new Recorder(
      test.context ?? defaultContext(test.subject, { execution: this.#execution, roleArn, retryCount }),
    );
    this.#state = withItems(test, this.#recorder);
  }

  /** Runs the state until it has been left, has failed, or is to be retried. */
  async toEnd(): Promise<void> {
    await this.#step((turn) => {
      turn.enteredEventId = turn.step.nextEventId;
      turn.enteredTime = turn.step.time;
      enterState(turn, this.#state);
    });
    const { activity } = this.#branch;
    if (this.#execution.status === 'RUNNING')
      await (this.#finish[activity.kind] as Finish<Activity['kind']> | undefined)?.(activity);
  }

  result(): TestStateResult {
    const { handled } = this.#recorder;
    const { activity, state: nextState, input } = this.#branch;
    const inspectionData = this.#recorder.data(this.#state, this.#branch, this.#input, this.#now);
    // What has ended the execution comes first: a Catcher may have failed over the state's own failure.
    const failed = this.#execution.failure ?? (activity.kind === 'failed' ? activity.failure : undefined);
    const { error, cause } = failed ?? handled?.fault ?? {};
    const ended = { error, cause, inspectionData, output: undefined, nextState: undefined };
    if (failed !== undefined) return { ...ended, status: 'FAILED' };
    if (activity.kind === 'retrying') return { ...ended, status: 'RETRIABLE' };
    return {
      ...ended,
      status: handled === undefined ? 'SUCCEEDED' : 'CAUGHT_ERROR',
      ...(activity.kind === 'ended' ? { output: activity.output } : { output: input, nextState }),
    };
  }

  async #finishTask(state: TaskState): Promise<void> {
    const outcome = await this.#outcome();
    if (outcome.kind === 'timedOut') await this.#step((turn) => task.taskTimedOut(turn, state, false));
    else if (outcome.kind === 'failed')
      await this.#step((turn) => task.taskFailed(turn, state, outcome.failure));
    else if (!task.waitsForAnswer(state))
      await this.#step((turn) => task.taskSucceeded(turn, state, outcome.output));
    else {
      await this.#step((turn) => task.callbackSucceeded(turn, state, outcome.output));
      // The answer has come before the call has returned.
      if (this.#branch.activity.kind === 'task')
        await this.#step((turn) => task.taskSucceeded(turn, state, NOTHING));
    }
  }

  async #outcome(): Promise<TaskOutcome> {
    const { mock } = this.#test;
    if (mock?.kind === 'result') return { kind: 'succeeded', output: mock.result };
    if (mock?.kind === 'error') return { kind: 'failed', failure: mock.failure };
    return this.#world.call(this.#task as TaskInvocation);
  }

  #mock(): Mock {
    const { mock } = this.#test;
    if (mock === undefined) throw new Error(`A ${this.#state.type} state is tested with a mock only`);
    return mock;
  }

  async #step(act: (turn: Turn) => void): Promise<void> {
    const moment = this.#world.moment();
    const step = await evaluated((jsonata) => {
      const { machine } = this.#test.subject;
      const attempt = new Step(machine, this.#execution, moment, jsonata, this.#recorder);
      act(new Turn(attempt, this.#branch));
      return attempt;
    });
    step.apply();
    for (const effect of step.effects) if (effect.kind === 'InvokeTask') this.#task = effect.task;
    this.#now = step.time;
  }
}

/** An execution that is about to enter the state. */
function started({ subject, ...test }: StateTest, time: number): Execution {
  const { identity, input, roleArn = '', variables, retrierRetryCount } = test;
  const { state } = subject;
  const execution = fold([
    startedEvent({ identity, roleArn, input, time, startAt: state.name, timeoutSeconds: undefined }),
  ]);
  const branch = branchOf(execution, 0);
  for (const [name, value] of Object.entries(variables)) branch.variables.set(name, Payload.fromValue(value));
  if ('retry' in state) branch.retries = state.retry.map(() => retrierRetryCount);
  return execution;
}

/** A Map with an ItemReader takes its items from the data that the test brings along, as if they had been read. */
function withItems({ subject: { state }, mapItemReaderData }: StateTest, recorder: Recorder): State {
  if (state.type !== 'Map' || state.itemReader === undefined) return state;
  const reader = state.itemReader;
  const evaluate = () => {
    const { items, pointed } = readItems(mapItemReaderData ?? '[]', reader);
    if (pointed !== undefined) recorder.observe('afterItemsPointer', Payload.fromValue(pointed));
    return items;
  };
  const template = { variables: [], evaluate };
  return { ...state, items: { kind: 'template', field: 'Items', source: '', template } };
}

/** The history events of a Task, by the kind of its Resource. */
import type { Payload } from '../data/payload.ts';
import type { Private } from '../execution/event.ts';
import type { Handling } from '../execution/execution.ts';
import type { Turn } from '../execution/step.ts';
import { type Failure, runtimeFailure } from '../failures/failure.ts';
import type { TaskResource } from '../machine/resource.ts';

export interface ScheduledTask {
  readonly input: Payload;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  readonly roleArn: string | undefined;
  readonly attempt: Private<'TaskScheduled'>;
}

interface TaskEvents<R extends TaskResource> {
  /** Scheduled and, where the call is made at once, Started. @throws StateFailure when it cannot be scheduled */
  schedule(turn: Turn, resource: R, task: ScheduledTask): void;
  submitted(turn: Turn, resource: R, output: Payload): void;
  succeeded(turn: Turn, resource: R, output: Payload): void;
  failed(turn: Turn, resource: R, failure: Failure, handling: Handling): void;
  timedOut(turn: Turn, resource: R, failure: Failure, handling: Handling): void;
}

type Resource<K extends TaskResource['kind']> = Extract<TaskResource, { kind: K }>;

const lambda: TaskEvents<Resource<'lambda'>> = {
  schedule(turn, { arn }, { input, timeoutSeconds, roleArn, attempt }) {
    const details = { resource: arn, input, ...timeout(timeoutSeconds), ...taskCredentials(roleArn) };
    turn.emit('LambdaFunctionScheduled', details, attempt);
    turn.emit('LambdaFunctionStarted', {}, {});
  },
  submitted: neverSubmitted,
  succeeded: (turn, _resource, output) => void turn.emit('LambdaFunctionSucceeded', { output }, {}),
  failed: (turn, _resource, failure, handling) =>
    void turn.emit('LambdaFunctionFailed', shown(failure), { handling }),
  timedOut: (turn, _resource, failure, handling) =>
    void turn.emit('LambdaFunctionTimedOut', failure, { handling }),
};

/** An activity starts when a worker takes it, not when it is scheduled. */
const activity: TaskEvents<Resource<'activity'>> = {
  schedule(turn, { arn }, { input, timeoutSeconds, heartbeatSeconds, attempt }) {
    if (turn.step.missingActivities.has(arn)) throw runtimeFailure(`The activity ${arn} does not exist.`);
    const details = { resource: arn, input, ...timeout(timeoutSeconds), ...heartbeat(heartbeatSeconds) };
    turn.emit('ActivityScheduled', details, attempt);
  },
  submitted: neverSubmitted,
  succeeded: (turn, _resource, output) => void turn.emit('ActivitySucceeded', { output }, {}),
  failed: (turn, _resource, failure, handling) =>
    void turn.emit('ActivityFailed', shown(failure), { handling }),
  timedOut: (turn, _resource, failure, handling) => void turn.emit('ActivityTimedOut', failure, { handling }),
};

const service: TaskEvents<Resource<'service'>> = {
  schedule(turn, resource, { input, timeoutSeconds, heartbeatSeconds, roleArn, attempt }) {
    const { region } = turn.step.execution.identity;
    const times = { ...timeout(timeoutSeconds), ...heartbeat(heartbeatSeconds) };
    const details = { ...named(resource), region, parameters: input, ...times, ...taskCredentials(roleArn) };
    turn.emit('TaskScheduled', details, attempt);
    turn.emit('TaskStarted', named(resource), {});
  },
  submitted: (turn, resource, output) => void turn.emit('TaskSubmitted', { ...named(resource), output }, {}),
  succeeded: (turn, resource, output) => void turn.emit('TaskSucceeded', { ...named(resource), output }, {}),
  failed: (turn, resource, failure, handling) =>
    void turn.emit('TaskFailed', { ...named(resource), ...shown(failure) }, { handling }),
  timedOut: (turn, resource, failure, handling) =>
    void turn.emit('TaskTimedOut', { ...named(resource), ...failure }, { handling }),
};

export const TASK_EVENTS: { readonly [K in TaskResource['kind']]: TaskEvents<Resource<K>> } = {
  lambda,
  activity,
  service,
};

function neverSubmitted(_turn: Turn, { kind, arn }: TaskResource): never {
  throw new Error(`A ${kind} task is never submitted: ${arn}`);
}

function named({ resourceType, resource }: Resource<'service'>): { resourceType: string; resource: string } {
  return { resourceType, resource };
}

function shown({ error, cause }: Failure): Failure {
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

function timeout(seconds: number | undefined) {
  return seconds === undefined ? {} : { timeoutInSeconds: seconds };
}

function heartbeat(seconds: number | undefined) {
  return seconds === undefined ? {} : { heartbeatInSeconds: seconds };
}

function taskCredentials(roleArn: string | undefined) {
  return roleArn === undefined ? {} : { taskCredentials: { roleArn } };
}

import { contextTime } from '../data/context-object.ts';
import type { JsonObject } from '../data/json.ts';
import type { Execution } from '../execution/execution.ts';
import { taskToken } from '../execution/task-token.ts';
import type { State } from '../machine/machine.ts';
import { waitsForAnswer } from '../states/task.ts';
import { STATE_NAME, type StateUnderTest } from './state-under-test.ts';

interface Circumstances {
  readonly execution: Execution;
  /** AWS shows null where the request names none. */
  readonly roleArn: string | undefined;
  readonly retryCount: number;
}

/** The Context Object of a test that brings none along, as recorded. */
export function defaultContext(
  { state, isInMap }: StateUnderTest,
  { execution, roleArn, retryCount }: Circumstances,
): JsonObject {
  const { identity, startTime, input } = execution;
  const time = contextTime(startTime);
  return {
    Execution: {
      Id: identity.executionArn,
      Input: input.value,
      StartTime: time,
      Name: identity.executionName,
      RoleArn: roleArn ?? null,
    },
    StateMachine: { Id: identity.stateMachineArn, Name: identity.stateMachineName },
    State: {
      Name: STATE_NAME,
      EnteredTime: time,
      ...('retry' in state && { RetryCount: retryCount }),
    },
    ...(hasToken(state) && { Task: { Token: taskToken(identity, execution.lastEventId) } }),
    ...(isInMap && { Map: { Item: { Index: 0, Value: input.value } } }),
  };
}

function hasToken(state: State): boolean {
  return state.type === 'Task' && waitsForAnswer(state);
}

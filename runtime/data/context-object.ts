import { branchOf } from '../execution/branches.ts';
import type { Branch, Execution } from '../execution/execution.ts';
import type { MapItem, Turn } from '../execution/step.ts';
import { isArray, type Json, type JsonObject } from './json.ts';

/**
 * The Context Object, `$$` and `$states.context`, members in AWS's order.
 * TestState brings one of its own.
 * @param item the item for which an ItemSelector is evaluated; inside an iteration it is found by itself
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export function contextObject(turn: Turn, item?: MapItem): JsonObject {
  const { execution, machine, inspection } = turn.step;
  const { identity, redrive } = execution;
  if (inspection !== undefined) return { ...inspection.context, ...mapMember(item) };
  const retriable = machine.allStates.get(turn.branch.state)?.type === 'Task';
  return {
    Execution: {
      Id: identity.executionArn,
      Input: execution.input.value,
      StartTime: contextTime(execution.startTime),
      Name: identity.executionName,
      RoleArn: execution.roleArn,
      RedriveCount: redrive?.count ?? 0,
      ...(redrive !== undefined && { RedriveTime: contextTime(redrive.time) }),
    },
    StateMachine: { Id: identity.stateMachineArn, Name: identity.stateMachineName },
    State: {
      Name: turn.branch.state,
      EnteredTime: contextTime(turn.enteredTime),
      ...(retriable && { RetryCount: turn.retryCount }),
    },
    ...(turn.taskToken !== undefined && { Task: { Token: turn.taskToken } }),
    ...mapMember(item ?? itemOf(execution, turn.branch)),
  };
}

function mapMember(item: MapItem | undefined): JsonObject {
  return item === undefined ? {} : { Map: { Item: { Index: item.index, Value: item.value } } };
}

/** ISO 8601 in UTC without trailing zeros in the fraction, as AWS writes it. @param ms since 1970 */
export function contextTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0+Z$/, 'Z');
}

/** The item of the innermost Map iteration around a branch. */
function itemOf(execution: Execution, branch: Branch): MapItem | undefined {
  if (branch.parent === undefined) return undefined;
  const parent = branchOf(execution, branch.parent);
  if (parent.activity.kind !== 'map') return itemOf(execution, parent);
  const items: Json = parent.activity.items.value;
  return { index: branch.index, value: isArray(items) ? (items[branch.index] ?? null) : null };
}

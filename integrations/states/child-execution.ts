/** From a task's parameters to the execution that it starts, or to why there can be none. */
import type { ArnPlace } from '../../runtime/execution/arn.ts';
import { encodeEvents, type TaskInvocation } from '../../runtime/index.ts';
import type { TaskResource } from '../../runtime/machine/resource.ts';
import type { NewExecution } from '../../store/execution.ts';
import type { NewExpressExecution } from '../../store/express-execution.ts';
import { type AskedStart, askedStart, type ChildLookup, type Refused } from './asked-start.ts';
import { newExecution, newExpressExecution } from './execution-start.ts';
import { optimizedFailure, startFault } from './start-failure.ts';

/** An execution that a task starts. */
export interface Child {
  /** As the task names what it starts. */
  readonly targetArn: string;
  readonly stateMachineName: string;
  readonly execution: NewExecution;
}
/** An Express execution that a task starts: at least once, since no append can carry it. */
export interface ExpressChild {
  readonly targetArn: string;
  readonly arn: string;
  /** ms since 1970. */
  readonly startedAt: number;
  readonly express: NewExpressExecution;
}

/** @param time ms since 1970 */
export async function newChild(
  task: TaskInvocation,
  time: number,
  lookup: ChildLookup,
): Promise<Child | ExpressChild | Refused> {
  const asked = await askedStart(task, time, lookup, optimizedFailure);
  if ('failure' in asked) return asked;
  const { targetArn, target, request } = asked;
  if (target.type === 'EXPRESS') {
    if (isAwaited(task.resource))
      return { failure: optimizedFailure(startFault('StateMachineTypeNotSupported')) };
    return expressChild(asked, lookup.place);
  }
  const execution = newExecution(target, request, lookup.place);
  return { targetArn, stateMachineName: target.stateMachineName, execution };
}

function expressChild({ targetArn, target, request }: AskedStart, place: ArnPlace): ExpressChild {
  const { stateMachineId, revisionRowId } = target;
  const { id, arn, started } = newExpressExecution(target, request, place);
  const express = { id, stateMachineId, revisionRowId, body: encodeEvents([started]) };
  return { targetArn, arn, startedAt: request.time, express };
}

/** `.sync` and `.sync:2` go on when the child has ended. */
export function isAwaited(resource: TaskResource): boolean {
  return resource.kind === 'service' && resource.pattern === 'RUN_A_JOB';
}

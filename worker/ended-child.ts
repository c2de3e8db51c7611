import { executionArn, qualifiedArn, stateMachineArn } from '../runtime/execution/arn.ts';
import type { EndedExecution } from '../runtime/index.ts';
import type { EndedChild } from '../store/lease.ts';
import { readPlace } from '../store/place.ts';

/** The child as its parent's task knows it. */
export function readEndedChild(child: EndedChild): EndedExecution {
  const { stateMachineName, name, version, alias } = child;
  const place = readPlace(child.place);
  return {
    executionArn: executionArn(place, stateMachineName, name),
    name,
    stateMachineArn: stateMachineArn(place, stateMachineName),
    stateMachineVersionArn: version === null ? undefined : qualifiedArn(place, stateMachineName, version),
    stateMachineAliasArn: alias === null ? undefined : qualifiedArn(place, stateMachineName, alias),
    status: child.status,
    startTime: child.startedAt,
    stopTime: child.stoppedAt,
    input: child.input,
    output: child.output ?? undefined,
    error: child.error ?? undefined,
    cause: child.cause ?? undefined,
    traceHeader: child.traceHeader ?? undefined,
  };
}

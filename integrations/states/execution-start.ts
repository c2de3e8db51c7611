/**
 * Starting executions: what StartExecution of the API and `states:startExecution` of a state have in common. Whatever
 * stands in the way is a value here; the API makes errors of it, the worker failures of a task.
 */
import {
  type ArnPlace,
  executionArn,
  expressArn,
  isSamePlace,
  parseArn,
  parseStateMachineResource,
  qualifiedArn,
  stateMachineArn,
} from '../../runtime/execution/arn.ts';
import {
  type ExecutionIdentity,
  type ExecutionLimits,
  type ExecutionTrace,
  encodeEvents,
  type JournalEventOf,
  type MachineType,
  startedEvent,
} from '../../runtime/index.ts';
import type { NewExecution } from '../../store/execution.ts';
import { drawBytes } from '../../store/random-bytes.ts';
import type { StartRoute, StateMachineStore } from '../../store/state-machine.ts';
import { uuidOf } from '../../store/uuid.ts';
import { extendedLimits } from './limit-tags.ts';
import type { StartPoint, StartPoints } from './start-points.ts';

/** Where targets are looked for. */
export interface StartLookup {
  readonly stateMachines: Pick<StateMachineStore, 'startRecord'>;
  readonly startPoints: StartPoints;
  /** Of who starts: what belongs to another place does not exist. */
  readonly place: ArnPlace;
  /** What state machines may raise their own limits to. */
  readonly ceilings: ExecutionLimits;
}

/** What a start means: a state machine as it is now, or one of its versions. */
export interface StartTarget {
  readonly stateMachineId: string;
  readonly stateMachineName: string;
  readonly type: MachineType;
  readonly status: 'ACTIVE' | 'DELETING';
  /** Of an extended state machine. */
  readonly limits: ExecutionLimits | undefined;
  readonly revisionRowId: string;
  readonly roleArn: string;
  readonly startPoint: StartPoint;
  /** What the start names, or what the alias that it names has come to. */
  readonly version: number | undefined;
  readonly alias: string | undefined;
}

export type FoundTarget =
  | { readonly kind: 'found'; readonly target: StartTarget }
  | { readonly kind: 'notAnArn' }
  /** An ARN of something else. */
  | { readonly kind: 'otherResource'; readonly resourceType: string }
  /** The ARN of a Distributed Map state's executions. */
  | { readonly kind: 'labelled' }
  | { readonly kind: 'missing' };

/**
 * Reads one small row; definitions are read once for each revision.
 * @param arn of a state machine, a version or an alias
 * @param random from 0 to less than 1: which version an alias comes to
 */
export async function findStartTarget(
  { stateMachines, startPoints, place, ceilings }: StartLookup,
  arn: string,
  random: number,
): Promise<FoundTarget> {
  const parsed = parseArn(arn);
  if (parsed === undefined) return { kind: 'notAnArn' };
  if (parsed.resourceType !== 'stateMachine')
    return { kind: 'otherResource', resourceType: parsed.resourceType };
  const { name, label, version, alias } = parseStateMachineResource(parsed.resource);
  if (label !== undefined) return { kind: 'labelled' };
  const record = isSamePlace(parsed, place)
    ? await stateMachines.startRecord(place, name, { version, alias })
    : undefined;
  if (record === undefined) return { kind: 'missing' };
  const route = drawRoute(record.routes, random);
  const target = {
    stateMachineId: record.stateMachineId,
    stateMachineName: name,
    type: record.type,
    status: record.status,
    limits: extendedLimits(record.tags, ceilings),
    revisionRowId: route.revisionRowId,
    roleArn: route.roleArn,
    startPoint: await startPoints.of(route.revisionRowId),
    version: route.version,
    alias,
  };
  return { kind: 'found', target };
}

/**
 * Each route gets its weight's share of the random numbers from 0 to less than 1.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html
 */
export function drawRoute(routes: readonly StartRoute[], random: number): StartRoute {
  const total = routes.reduce((sum, { weight }) => sum + weight, 0);
  let rest = random * total;
  for (const route of routes) {
    if (rest < route.weight) return route;
    rest -= route.weight;
  }
  throw new RangeError(`${random} draws none of ${routes.length} routes`);
}

export interface StartRequest {
  readonly name: string;
  /** JSON text. */
  readonly input: string;
  readonly traceHeader: string | undefined;
  /** ms since 1970. */
  readonly time: number;
  /** How many executions have led to it by starting each other; absent: none. */
  readonly depth?: number;
  /** Undefined: it is in no trace. */
  readonly trace: ExecutionTrace | undefined;
}

/** A Standard execution as the store takes it, with its first event. */
export function newExecution(target: StartTarget, request: StartRequest, place: ArnPlace): NewExecution {
  const { name, input, traceHeader, time } = request;
  const arn = executionArn(place, target.stateMachineName, name);
  return {
    stateMachineId: target.stateMachineId,
    revisionRowId: target.revisionRowId,
    version: target.version,
    alias: target.alias,
    name,
    input,
    startedAt: time,
    body: encodeEvents([started(target, request, arn, place)]),
    traceHeader,
  };
}

/** An Express execution before it runs. */
export interface ExpressExecution {
  /** UUID, version 7: each start has its own, whatever its name. */
  readonly id: string;
  readonly arn: string;
  readonly started: JournalEventOf<'ExecutionStarted'>;
}

export function newExpressExecution(
  target: StartTarget,
  request: StartRequest,
  place: ArnPlace,
): ExpressExecution {
  const id = uuidOf(request.time);
  const arn = expressArn(place, target.stateMachineName, request.name, id);
  return { id, arn, started: started(target, request, arn, place) };
}

/** Event 1. */
function started(
  target: StartTarget,
  { name, input, time, depth, trace }: StartRequest,
  arn: string,
  place: ArnPlace,
): JournalEventOf<'ExecutionStarted'> {
  const { stateMachineName, roleArn, limits, version, alias } = target;
  const { startAt, timeoutSeconds } = target.startPoint;
  const identity: ExecutionIdentity = {
    executionArn: arn,
    executionName: name,
    stateMachineArn: stateMachineArn(place, stateMachineName),
    stateMachineName,
    region: place.region,
    ...(depth !== undefined && { depth }),
    ...(trace !== undefined && { trace }),
    secret: drawBytes(32).toString('base64url'),
  };
  return startedEvent({
    identity,
    roleArn,
    input,
    time,
    limits,
    startAt,
    timeoutSeconds,
    ...(version !== undefined && {
      stateMachineVersionArn: qualifiedArn(place, stateMachineName, version),
    }),
    ...(alias !== undefined && { stateMachineAliasArn: qualifiedArn(place, stateMachineName, alias) }),
  });
}

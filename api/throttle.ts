/**
 * AWS's request quotas, as token buckets: an operation may be called in bursts up to its bucket's size, and in the
 * long run at its refill rate.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
 */
import type { Caller } from './auth/caller.ts';
import { awsError } from './errors.ts';
import type { OperationName } from './model/shapes.ts';
import { RecentlyUsed } from './recently-used.ts';

interface Quota {
  readonly size: number;
  readonly refillPerSecond: number;
}

/** In the regions where AWS allows more. */
const LARGE_REGIONS: ReadonlySet<string> = new Set(['us-east-1', 'us-west-2', 'eu-west-1']);

function everywhere(size: number, refillPerSecond: number): readonly [Quota, Quota] {
  const quota = { size, refillPerSecond };
  return [quota, quota];
}

function byRegion(
  large: readonly [number, number],
  others: readonly [number, number],
): readonly [Quota, Quota] {
  return [
    { size: large[0], refillPerSecond: large[1] },
    { size: others[0], refillPerSecond: others[1] },
  ];
}

const ADMINISTRATION = everywhere(100, 1);
const DESCRIPTION = everywhere(200, 1);
const TASKS = byRegion([3000, 500], [1500, 300]);
const STARTS = byRegion([1300, 300], [800, 150]);

/** Of each operation: in large regions, and in the others. */
const QUOTAS: Readonly<Record<OperationName, readonly [Quota, Quota]>> = {
  CreateActivity: ADMINISTRATION,
  CreateStateMachine: ADMINISTRATION,
  CreateStateMachineAlias: ADMINISTRATION,
  DeleteActivity: ADMINISTRATION,
  DeleteStateMachine: ADMINISTRATION,
  DeleteStateMachineAlias: ADMINISTRATION,
  DeleteStateMachineVersion: ADMINISTRATION,
  DescribeActivity: DESCRIPTION,
  DescribeExecution: byRegion([300, 15], [250, 10]),
  DescribeMapRun: DESCRIPTION,
  DescribeStateMachine: everywhere(200, 20),
  DescribeStateMachineAlias: DESCRIPTION,
  DescribeStateMachineForExecution: DESCRIPTION,
  GetActivityTask: TASKS,
  GetExecutionHistory: everywhere(400, 20),
  ListActivities: byRegion([100, 10], [100, 5]),
  ListExecutions: byRegion([200, 5], [100, 2]),
  ListMapRuns: ADMINISTRATION,
  ListStateMachineAliases: ADMINISTRATION,
  ListStateMachines: everywhere(100, 5),
  ListStateMachineVersions: ADMINISTRATION,
  ListTagsForResource: ADMINISTRATION,
  PublishStateMachineVersion: ADMINISTRATION,
  RedriveExecution: STARTS,
  SendTaskFailure: TASKS,
  SendTaskHeartbeat: TASKS,
  SendTaskSuccess: TASKS,
  StartExecution: STARTS,
  StartSyncExecution: everywhere(6000, 6000),
  StopExecution: byRegion([1000, 200], [500, 25]),
  TagResource: DESCRIPTION,
  TestState: everywhere(50, 10),
  UntagResource: DESCRIPTION,
  UpdateMapRun: ADMINISTRATION,
  UpdateStateMachine: ADMINISTRATION,
  UpdateStateMachineAlias: ADMINISTRATION,
  ValidateStateMachineDefinition: ADMINISTRATION,
};

export interface Throttle {
  /** Takes one call's token. @throws AwsError ThrottlingException when the caller's bucket for it is empty */
  admit(caller: Caller, operation: OperationName): void;
}

/** A bucket that is forgotten is full again: it takes as many callers to come by one. */
const BUCKETS_MAX = 100_000;

/**
 * A bucket for each API key and operation, full at first. They are this process's own: two API processes admit twice
 * as much.
 */
export function createThrottle(now: () => number): Throttle {
  const buckets = new RecentlyUsed<{ readonly tokens: number; readonly at: number }>(BUCKETS_MAX);
  return {
    admit({ accessKeyId = '', place }, operation) {
      const { size, refillPerSecond } = QUOTAS[operation][LARGE_REGIONS.has(place.region) ? 0 : 1];
      const at = now();
      const name = `${operation} ${accessKeyId}`;
      const bucket = buckets.get(name) ?? { tokens: size, at };
      // A clock that was set back refills nothing; it must not empty the bucket either.
      const refilled = (Math.max(0, at - bucket.at) / 1000) * refillPerSecond;
      const tokens = Math.min(size, bucket.tokens + refilled);
      if (tokens < 1) throw awsError('ThrottlingException');
      buckets.set(name, { tokens: tokens - 1, at });
    },
  };
}

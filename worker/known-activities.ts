import { isSamePlace, parseArn } from '../runtime/execution/arn.ts';
import type { Execution, Trigger } from '../runtime/index.ts';
import type { ActivityStore } from '../store/activity.ts';

/** What a transition must know of the activities that its machine names. */
export interface KnownActivities {
  /** By ARN: what tasks are offered under. */
  readonly ids: ReadonlyMap<string, string>;
  /** ARNs of those that do not exist where the execution is. */
  readonly missing: ReadonlySet<string>;
}

const NONE: KnownActivities = { ids: new Map(), missing: new Set() };

/** News that an execution takes note of where it is: no task is scheduled for them. */
const NOTED: ReadonlySet<Trigger['kind']> = new Set<Trigger['kind']>([
  'ActivityStarted',
  'HeartbeatReceived',
]);

/**
 * Looks the activities up, anew each time: one that was deleted and made again under its name is another one, and a
 * task that is offered under the old one would wait for ever. Executions that ask at the same moment share a query.
 * @param triggers that the execution reacts to next
 * @throws what the database throws
 */
export function lookUpActivities(
  activities: Pick<ActivityStore, 'idOf'>,
  arns: readonly string[],
  { identity, ready }: Execution,
  triggers: readonly Trigger[],
): KnownActivities | Promise<KnownActivities> {
  if (arns.length === 0) return NONE;
  if (ready.length === 0 && triggers.every(({ kind }) => NOTED.has(kind))) return NONE;
  return lookUp(activities, arns, identity.executionArn);
}

async function lookUp(
  activities: Pick<ActivityStore, 'idOf'>,
  arns: readonly string[],
  executionArn: string,
): Promise<KnownActivities> {
  const ids = new Map<string, string>();
  await Promise.all(
    arns.map(async (arn) => {
      const id = await idOf(activities, arn, executionArn);
      if (id !== undefined) ids.set(arn, id);
    }),
  );
  return { ids, missing: new Set(arns.filter((arn) => !ids.has(arn))) };
}

/** An activity of another place does not exist for the execution, whoever can see it. */
async function idOf(
  activities: Pick<ActivityStore, 'idOf'>,
  arn: string,
  executionArn: string,
): Promise<string | undefined> {
  const place = parseArn(executionArn);
  const activity = parseArn(arn);
  if (place === undefined || activity === undefined) return undefined;
  return isSamePlace(activity, place) ? activities.idOf(activity, activity.resource) : undefined;
}

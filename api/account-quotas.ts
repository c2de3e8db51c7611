/**
 * How much of something an account may have in a region. The numbers are counted every now and then, not with each
 * call, so they may be passed by what other processes add meanwhile.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
import type { ArnPlace } from '../runtime/execution/arn.ts';
import { placeText } from '../store/place.ts';
import type { Store } from '../store/store.ts';
import { awsError, type ErrorName } from './errors.ts';

export interface AccountLimits {
  readonly stateMachines: number;
  readonly activities: number;
  readonly openExecutions: number;
}

export const AWS_ACCOUNT_LIMITS: AccountLimits = {
  stateMachines: 100_000,
  activities: 100_000,
  openExecutions: 1_000_000,
};

export interface AccountQuotas {
  /** @throws AwsError StateMachineLimitExceeded */
  admitStateMachine(place: ArnPlace): Promise<void>;
  /** @throws AwsError ActivityLimitExceeded */
  admitActivity(place: ArnPlace): Promise<void>;
  /** @throws AwsError ExecutionLimitExceeded */
  admitExecution(place: ArnPlace): Promise<void>;
}

/** A count is that old at least before it is made again, and 20 times as old as it took to make. */
const COUNT_AGE_MS = 5_000;
const COUNT_AGE_FACTOR = 20;

export function createAccountQuotas(
  { stateMachines, activities, executions }: Pick<Store, 'stateMachines' | 'activities' | 'executions'>,
  now: () => number,
  limits = AWS_ACCOUNT_LIMITS,
): AccountQuotas {
  const ofMachines = new Quota(limits.stateMachines, stateMachines.count, now);
  const ofActivities = new Quota(limits.activities, activities.count, now);
  const ofExecutions = new Quota(limits.openExecutions, executions.countOpen, now);
  const admit = async (quota: Quota, place: ArnPlace, refusal: Refusal): Promise<void> => {
    if (!(await quota.take(place))) throw awsError(refusal);
  };
  return {
    admitStateMachine: (place) => admit(ofMachines, place, 'StateMachineLimitExceeded'),
    admitActivity: (place) => admit(ofActivities, place, 'ActivityLimitExceeded'),
    admitExecution: (place) => admit(ofExecutions, place, 'ExecutionLimitExceeded'),
  };
}

type Refusal = Extract<
  ErrorName,
  'StateMachineLimitExceeded' | 'ActivityLimitExceeded' | 'ExecutionLimitExceeded'
>;

interface Count {
  number: number;
  /** How many of the number have been admitted since it was counted. */
  taken: number;
  readonly staleAt: number;
}

class Quota {
  readonly #limit: number;
  readonly #count: (place: ArnPlace, maximum: number) => Promise<number>;
  readonly #now: () => number;
  readonly #counts = new Map<string, Count>();
  readonly #counting = new Map<string, Promise<Count>>();

  constructor(
    limit: number,
    count: (place: ArnPlace, maximum: number) => Promise<number>,
    now: () => number,
  ) {
    this.#limit = limit;
    this.#count = count;
    this.#now = now;
  }

  /** False: the account has as many as it may have. */
  async take(place: ArnPlace): Promise<boolean> {
    const known = this.#counts.get(placeText(place));
    const isStale = known === undefined || this.#now() >= known.staleAt;
    const isWaitedFor = known === undefined || known.number >= this.#limit;
    const recount = isStale ? this.#recount(place) : undefined;
    // Who is not near the limit does not wait; a count that fails is made again by the next call.
    if (!isWaitedFor) recount?.catch(() => {});
    const count = isWaitedFor && recount !== undefined ? await recount : (known as Count);
    if (count.number >= this.#limit) return false;
    count.number++;
    count.taken++;
    return true;
  }

  #recount(place: ArnPlace): Promise<Count> {
    const key = placeText(place);
    const counting =
      this.#counting.get(key) ??
      this.#make(place).finally(() => {
        this.#counting.delete(key);
      });
    this.#counting.set(key, counting);
    return counting;
  }

  async #make(place: ArnPlace): Promise<Count> {
    const key = placeText(place);
    const begin = this.#now();
    const taken = this.#counts.get(key)?.taken ?? 0;
    const present = await this.#count(place, this.#limit);
    const end = this.#now();
    // Those who were admitted meanwhile may not have been there to be counted.
    const number = present + (this.#counts.get(key)?.taken ?? 0) - taken;
    const staleAt = end + Math.max(COUNT_AGE_MS, COUNT_AGE_FACTOR * (end - begin));
    const count = { number, staleAt, taken: 0 };
    this.#counts.set(key, count);
    return count;
  }
}

import type { Handling } from '../execution/execution.ts';
import type { Random } from '../expressions/random.ts';
import type { Catcher, Retrier } from '../machine/machine.ts';
import { type Failure, States } from './failure.ts';

/** What Retry and Catch of a state are asked about. */
export interface Fault extends Failure {
  /** A missed heartbeat: AWS reports it as States.Timeout, and handlers may name either. */
  readonly missedHeartbeat?: boolean;
}

interface Handlers {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

/**
 * Retriers are scanned first; the first whose ErrorEquals matches decides, and when it has no attempts left
 * the catchers are scanned.
 * @param used retries so far, per retrier
 * @param now ms since 1970
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function handlingOf(
  { retry, catch: catchers }: Handlers,
  fault: Fault,
  used: readonly (number | undefined)[],
  now: number,
  random: () => Random,
): Handling {
  const retrier = matchingRetrier(retry, fault);
  const attempts = used[retrier] ?? 0;
  const policy = retry[retrier];
  if (policy !== undefined && attempts < policy.maxAttempts)
    return { kind: 'retry', retrier, until: now + retryDelayMs(policy, attempts, random) };
  const catcher = catchers.findIndex(({ errorEquals }) => matches(errorEquals, fault));
  return catcher < 0 ? { kind: 'fail' } : { kind: 'catch', catcher };
}

/** The index of the retrier that decides, whether or not it has attempts left; -1: none matches. */
export function matchingRetrier(retry: readonly Retrier[], fault: Fault): number {
  return retry.findIndex(({ errorEquals }) => matches(errorEquals, fault));
}

/**
 * States.Runtime cannot be handled. States.ALL does catch States.DataLimitExceeded: so it was recorded on AWS,
 * whatever the documentation says.
 */
function matches(errorEquals: readonly string[], { error = '', missedHeartbeat = false }: Fault): boolean {
  if (error === States.Runtime) return false;
  return errorEquals.some(
    (name) =>
      name === error ||
      name === States.ALL ||
      (name === States.TaskFailed && error !== States.Timeout) ||
      (name === States.HeartbeatTimeout && missedHeartbeat),
  );
}

/** The delay before retry number `attempts + 1`, in ms; jitter is drawn after the cap. */
function retryDelayMs(policy: Retrier, attempts: number, random: () => Random): number {
  const { intervalSeconds, backoffRate, maxDelaySeconds, jitterStrategy } = policy;
  const backedOff = intervalSeconds * backoffRate ** attempts;
  const seconds = Math.min(backedOff, maxDelaySeconds ?? Number.POSITIVE_INFINITY, DELAY_SECONDS_MAX);
  return Math.round(seconds * 1000 * (jitterStrategy === 'FULL' ? random().next() : 1));
}

/** No execution lasts longer than a year; a bound keeps timestamps finite. */
const DELAY_SECONDS_MAX = 31_622_400;

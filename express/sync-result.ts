import { States } from '../runtime/failures/failure.ts';
import type { ExpressOutcome } from './express-execution.ts';

/** What StartSyncExecution tells of an execution that has ended, in the API's spelling. */
export interface SyncResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly billingDetails: {
    readonly billedMemoryUsedInMB: number;
    readonly billedDurationInMilliseconds: number;
  };
}

/** Undefined: it was given up, and nobody waits for a result. */
export function syncResult(outcome: ExpressOutcome, input: string): SyncResult | undefined {
  const { status, output, failure } = outcome;
  if (status === 'ABORTED') return undefined;
  const isLate = status === 'TIMED_OUT';
  return {
    status,
    output: isLate ? undefined : output,
    error: isLate ? States.Timeout : failure?.error,
    cause: isLate ? undefined : failure?.cause,
    billingDetails: bill(outcome, input),
  };
}

const MEMORY_STEP_MB = 64;
const DURATION_STEP_MS = 100;

/**
 * Nobody is billed here; the figures are in AWS's steps.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_BillingDetails.html
 */
function bill({ startedAt, stoppedAt, output = '' }: ExpressOutcome, input: string) {
  const megabytes = (input.length + output.length) / 2 ** 20;
  return {
    billedMemoryUsedInMB: inSteps(megabytes, MEMORY_STEP_MB),
    billedDurationInMilliseconds: inSteps(stoppedAt - startedAt, DURATION_STEP_MS),
  };
}

/** At least one step. */
function inSteps(amount: number, step: number): number {
  return Math.max(1, Math.ceil(amount / step)) * step;
}

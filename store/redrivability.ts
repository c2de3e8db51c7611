import type { ExecutionStatus } from '../runtime/execution/execution.ts';
import { PORTABLE_LIMITS } from '../runtime/execution/limits.ts';
import type { RedriveRefusal } from './execution.ts';
import { startOf } from './start.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const CLOSED_MS_MAX = 14 * DAY_MS;
const OPEN_MS_MAX = 365 * DAY_MS;

/** What the tables know of an execution that somebody would redrive. */
export interface RedriveFacts {
  readonly status: ExecutionStatus;
  readonly machine_status: 'ACTIVE' | 'DELETING';
  readonly next_event_id: number;
  /** Journal row 1. */
  readonly first_body: string;
  readonly open_ms: number;
  readonly closed_ms: number | null;
}

/**
 * Why an execution cannot be redriven; undefined: it can.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html#redrive-eligibility
 */
export function redriveRefusal(facts: RedriveFacts): RedriveRefusal | undefined {
  const { status, machine_status, next_event_id, first_body, open_ms, closed_ms } = facts;
  if (machine_status === 'DELETING') return 'DELETING';
  if (status === 'RUNNING' || status === 'SUCCEEDED') return status;
  const { maxHistoryEvents } = startOf(first_body).private.limits ?? PORTABLE_LIMITS;
  // Room for the redrive itself and for one more event.
  if (next_event_id - 1 >= maxHistoryEvents - 1) return 'HISTORY_FULL';
  if (open_ms >= OPEN_MS_MAX) return 'OPEN_TOO_LONG';
  if (closed_ms !== null && closed_ms > CLOSED_MS_MAX) return 'CLOSED_TOO_LONG';
  return undefined;
}

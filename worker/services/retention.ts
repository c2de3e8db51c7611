import type { RetentionStore } from '../../store/retention.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Service } from './service.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What one transaction removes: some tens of milliseconds of work, whatever an execution holds. */
const LIMITS = { executions: 100, journalRows: 1000, journalBytes: 4 * 1024 * 1024 };
/** Machines, and revisions, that one transaction removes. */
const MACHINES_MAX = 100;

/** When nothing is due. Retention counts days. */
const IDLE_PACE_MS = 60_000;
/** After a batch, this many times as long as it took: the slower the database, the less it is asked. */
const REST_SHARE = 3;

export interface RetentionOptions {
  readonly store: RetentionStore;
  readonly days: number | 'forever';
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Removes what has been closed for so many days, as AWS does after 90: executions, the oldest first, and state machines
 * that are deleted. Every worker runs one; SKIP LOCKED keeps them apart.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export function retention({ store, days, clock, logger }: RetentionOptions): Service {
  let paceMs = IDLE_PACE_MS;
  let after: number | undefined;
  let removed = 0;

  async function removeSome(retentionMs: number): Promise<'more' | 'done'> {
    const { executions, next } = await store.removeExecutions({ retentionMs, after, limits: LIMITS });
    after = next;
    removed += executions;
    if (next !== undefined) return 'more';
    if (removed > 0) logger.info({ executions: removed }, 'closed executions removed');
    removed = 0;
    return (await store.removeMachines(retentionMs, MACHINES_MAX)) > 0 ? 'more' : 'done';
  }

  return {
    name: 'retention',
    get paceMs() {
      return paceMs;
    },
    runOnce: async () => {
      paceMs = IDLE_PACE_MS;
      if (days === 'forever') return 'rest';
      const began = clock.monotonic();
      if ((await removeSome(days * DAY_MS)) === 'more') paceMs = (clock.monotonic() - began) * REST_SHARE;
      return 'rest';
    },
  };
}

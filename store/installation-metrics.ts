import { type Clock, within } from '../telemetry/clock.ts';
import type { ObservedName } from '../telemetry/metrics/catalogue.ts';
import type { Metrics, Observe } from '../telemetry/metrics/metrics.ts';
import type { Census } from './census.ts';

/** Who collects more often sees the same again. */
const FRESH_MS = 15_000;

/** Also for a connection to be free: a collection must not wait for long. */
const PATIENCE_MS = 3000;

const NAMES = [
  'statehouse.installation.jobs',
  'statehouse.installation.jobs.age',
  'statehouse.installation.executions',
  'statehouse.installation.executions.age',
  'statehouse.installation.slot_wait',
  'statehouse.installation.activity_tasks',
  'statehouse.installation.workers',
  'statehouse.installation.workers.heartbeat_age',
] as const satisfies readonly ObservedName[];

/**
 * What the database knows of all processes together: read only when somebody collects, and the same in each process.
 * @param closing from then on the database is not asked any more
 */
export function observeInstallation(
  metrics: Metrics,
  takeCensus: () => Promise<Census>,
  clock: Clock,
  closing: AbortSignal,
): void {
  let takenAt = Number.NEGATIVE_INFINITY;
  let census: Promise<Census> | undefined;
  metrics.observe(NAMES, async (observe) => {
    if (closing.aborted) return;
    const now = clock.monotonic();
    if (census === undefined || now - takenAt >= FRESH_MS) {
      takenAt = now;
      census = takeCensus();
    }
    try {
      show(await within(clock, PATIENCE_MS, census), observe);
    } catch (error) {
      show(UNKNOWN, observe);
      throw error;
    }
  });
}

/** Values that are not known must not look like the last ones that were, which is what the SDK goes on to show. */
const UNKNOWN: Census = {
  jobs: Number.NaN,
  nextJobAge: Number.NaN,
  due: Number.NaN,
  oldestDueAge: Number.NaN,
  parked: Number.NaN,
  waiting: Number.NaN,
  oldestWaitingAge: Number.NaN,
  owned: Number.NaN,
  setAside: Number.NaN,
  expressDue: Number.NaN,
  nextExpressAge: Number.NaN,
  expressOwned: Number.NaN,
  activityTasks: Number.NaN,
  workers: Number.NaN,
  oldestHeartbeatAge: Number.NaN,
};

function show(census: Census, observe: Observe): void {
  observe('statehouse.installation.jobs', census.jobs, {});
  observe('statehouse.installation.jobs.age', census.nextJobAge, {});
  const executions = (
    type: 'STANDARD' | 'EXPRESS',
    state: 'due' | 'parked' | 'waiting' | 'owned' | 'set_aside',
    count: number,
  ) =>
    observe('statehouse.installation.executions', count, {
      'statehouse.state_machine.type': type,
      'statehouse.execution.state': state,
    });
  executions('STANDARD', 'due', census.due);
  executions('STANDARD', 'parked', census.parked);
  executions('STANDARD', 'waiting', census.waiting);
  executions('STANDARD', 'owned', census.owned);
  executions('STANDARD', 'set_aside', census.setAside);
  executions('EXPRESS', 'due', census.expressDue);
  executions('EXPRESS', 'owned', census.expressOwned);
  const age = (type: 'STANDARD' | 'EXPRESS', seconds: number) =>
    observe('statehouse.installation.executions.age', seconds, { 'statehouse.state_machine.type': type });
  age('STANDARD', census.oldestDueAge);
  age('EXPRESS', census.nextExpressAge);
  observe('statehouse.installation.slot_wait', census.oldestWaitingAge, {});
  observe('statehouse.installation.activity_tasks', census.activityTasks, {});
  observe('statehouse.installation.workers', census.workers, {});
  observe('statehouse.installation.workers.heartbeat_age', census.oldestHeartbeatAge, {});
}

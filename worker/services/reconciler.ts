import type { WorkerStore } from '../../store/worker.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics/metrics.ts';
import { logSetAside } from '../faults.ts';
import type { Membership } from '../membership.ts';
import type { Service } from './service.ts';

/**
 * Gives executions of dead workers, and executions whose job was lost, a fresh job; it works from the executions
 * alone, so that nothing depends on the job table.
 */
export function reconciler(
  workers: Pick<WorkerStore, 'reconcile'>,
  membership: Membership,
  timeoutMs: number,
  metrics: Metrics,
  logger: Logger,
): Service {
  return {
    name: 'reconciler',
    paceMs: timeoutMs / 2,
    runOnce: async () => {
      // After an outage of the database everybody's heartbeat is late. Whoever has not given its own yet would
      // take itself for dead, and the others too.
      if (!membership.isCurrent()) return 'rest';
      const { deadWorkers, rescued, setAside, dropped } = await workers.reconcile(timeoutMs);
      metrics.add('statehouse.reconciler.dead_workers', deadWorkers, {});
      metrics.add('statehouse.reconciler.rescued', rescued, {});
      for (const executionId of setAside) logSetAside(logger, executionId);
      for (const id of dropped)
        logger.error({ id }, 'an Express execution is dropped: it could not even be ended');
      if (deadWorkers > 0 || rescued > 0) logger.info({ deadWorkers, rescued }, 'executions rescued');
      return 'rest';
    },
  };
}

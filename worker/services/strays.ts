import type { Logger } from '../../telemetry/log.ts';
import type { Engine } from '../engine.ts';
import type { Membership } from '../membership.ts';
import type { Service } from './service.ts';

/** Gives back leases that this worker has without knowing of them. */
export function strays(
  engine: Pick<Engine, 'returnStrays'>,
  membership: Pick<Membership, 'isCurrent'>,
  logger: Logger,
): Service {
  return {
    name: 'strays',
    paceMs: 10_000,
    runOnce: async () => {
      if (!membership.isCurrent()) return 'rest';
      const executionIds = await engine.returnStrays();
      if (executionIds.length > 0)
        logger.warn({ executionIds }, 'executions that this worker had without knowing were given back');
      return 'rest';
    },
  };
}

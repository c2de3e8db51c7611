import type { Membership } from '../membership.ts';
import type { Service } from './service.ts';

/** Tells the database that this worker lives, and keeps its time. */
export function heartbeat(membership: Membership): Service {
  return {
    name: 'heartbeat',
    paceMs: membership.timeoutMs / 5,
    runOnce: async () => {
      await membership.heartbeat();
      return 'rest';
    },
  };
}

import type { SlotStore } from '../../store/slot.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Service } from './service.ts';

/** How often the cap of machines without a tag is written down again. */
const DEFAULT_CAP_MS = 60_000;

/**
 * Whoever ends an execution passes its slot on, in the same transaction. What is left to do: executions that began before
 * their state machine had a cap are counted in, and free slots are given that nobody was there to take.
 * @param defaultCap of state machines whose tags name none; undefined: they have none
 */
export function slots(store: SlotStore, defaultCap: number | undefined, clock: Clock): Service {
  let writtenAt = Number.NEGATIVE_INFINITY;
  return {
    name: 'slots',
    paceMs: 1000,
    runOnce: async () => {
      const now = clock.monotonic();
      if (now - writtenAt >= DEFAULT_CAP_MS) {
        await store.setDefaultCap(defaultCap);
        writtenAt = now;
      }
      const counted = await store.count();
      const filled = await store.fill();
      return counted + filled > 0 ? 'again' : 'rest';
    },
  };
}

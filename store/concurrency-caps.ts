/** How many executions of a state machine may be under way at a time (docs/overload.md). */
import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { SlotStore } from './slot.ts';

/** Open executions that are entered at a time when a state machine with executions gets its first cap. */
const COUNT_MAX = 10_000;

export function slotStore(database: Database): SlotStore {
  return {
    setDefaultCap: async (maximum) => {
      await sql`select statehouse.set_default_cap(${maximum ?? null})`.execute(database);
    },
    count: async () => {
      const { rows } = await sql<{ counted: number }>`
        select statehouse.count_slots(${COUNT_MAX}) as counted`.execute(database);
      return rows[0]?.counted ?? 0;
    },
    fill: async () => {
      const { rows } = await sql<{ filled: number }>`
        select statehouse.fill_all_slots() as filled`.execute(database);
      return rows[0]?.filled ?? 0;
    },
  };
}

/** After a change of a state machine's tags, in the same transaction: its cap is what they say. */
export async function setCaps(transaction: Database, stateMachineId: string): Promise<void> {
  await sql`select statehouse.set_caps(array[${stateMachineId}::bigint])`.execute(transaction);
}

import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Database } from './database.ts';
import { escapeName } from './free-text.ts';
import { placeText } from './place.ts';

export interface LockedMachine {
  readonly id: string;
  readonly status: 'ACTIVE' | 'DELETING';
  /** Of the current revision; undefined for the first. */
  readonly revisionId: string | undefined;
}

/**
 * Whoever changes a state machine, its versions or its aliases holds this lock, so each sees what the one before has
 * done. Undefined: there is no such machine.
 */
export async function lockMachine(
  transaction: Database,
  place: ArnPlace,
  name: string,
): Promise<LockedMachine | undefined> {
  const locked = await transaction
    .selectFrom('state_machines')
    .select('id')
    .where('place', '=', placeText(place))
    .where('name', '=', escapeName(name))
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (locked === undefined) return undefined;
  // Read again: who waited for the lock has still seen the revision of before.
  const { status, uuid } = await transaction
    .selectFrom('state_machines as m')
    .innerJoin('state_machine_revisions as r', 'r.id', 'm.current_revision_id')
    .select(['m.status', 'r.uuid'])
    .where('m.id', '=', locked.id)
    .executeTakeFirstOrThrow();
  return { id: locked.id, status, revisionId: uuid ?? undefined };
}

/** State machines and their revisions. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import { setCaps } from './concurrency-caps.ts';
import type { Database } from './database.ts';
import { escapeName, unescapeName } from './free-text.ts';
import { lockMachine } from './lock-machine.ts';
import { placeText, readPlace } from './place.ts';
import { addRevision, findRevision, REVISION, type RevisionRow, toRevision } from './revisions.ts';
import { startRecord } from './start-record.ts';
import type {
  NewStateMachine,
  StateMachineChange,
  StateMachineRecord,
  StateMachineStore,
  UpdatedStateMachine,
} from './state-machine.ts';
import type { Tag } from './tag.ts';
import { readTags, STATE_MACHINE_TAGS, writeTags } from './tags.ts';
import type { Publication } from './versioning.ts';
import { publishCurrent } from './versions.ts';

export function stateMachineStore(database: Database): StateMachineStore {
  return {
    create: (machine) => create(database, machine),
    update: (place, name, change, publication) => update(database, place, name, change, publication),
    find: (place, name) => find(database, place, name),
    startRecord: (place, name, qualifier) => startRecord(database, place, name, qualifier),
    revision: (revisionRowId) => findRevision(database, revisionRowId),
    count: (place, maximum) => count(database, place, maximum),
    list: (page) => list(database, page),
    delete: (place, name) => remove(database, place, name),
  };
}

async function create(
  database: Database,
  machine: NewStateMachine,
): Promise<{ created: boolean; machine: StateMachineRecord }> {
  const created = await database.transaction().execute(async (transaction) => {
    const inserted = await transaction
      .insertInto('state_machines')
      .values({
        place: placeText(machine.place),
        name: escapeName(machine.name),
        type: machine.type,
        created_publication: machine.publication === undefined ? null : JSON.stringify(machine.publication),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted === undefined) return false;
    await transaction.insertInto('machine_turns').values({ state_machine_id: inserted.id }).execute();
    await addRevision(transaction, inserted.id, machine, undefined);
    if (machine.publication !== undefined)
      await publishCurrent(transaction, inserted.id, machine.publication.description);
    await writeTags(transaction, { type: 'stateMachine', id: inserted.id }, machine.tags ?? []);
    await setCaps(transaction, inserted.id);
    return true;
  });
  const found = await find(database, machine.place, machine.name);
  // Deleted between the two statements: the name is free again.
  return found === undefined ? create(database, machine) : { created, machine: found };
}

async function update(
  database: Database,
  place: ArnPlace,
  name: string,
  change: StateMachineChange,
  publication: Publication | undefined,
): Promise<UpdatedStateMachine | undefined> {
  return database.transaction().execute(async (transaction) => {
    const locked = await lockMachine(transaction, place, name);
    if (locked === undefined) return undefined;
    if (locked.status === 'ACTIVE') await applyChange(transaction, place, name, change);
    const version =
      publication && locked.status === 'ACTIVE'
        ? await publishCurrent(transaction, locked.id, publication.description)
        : undefined;
    const machine = await find(transaction, place, name);
    return machine && { ...machine, publishedVersion: version?.number };
  });
}

async function applyChange(
  transaction: Database,
  place: ArnPlace,
  name: string,
  change: StateMachineChange,
): Promise<void> {
  const current = await find(transaction, place, name);
  if (current === undefined) return;
  const settings = { ...current, ...withoutUndefined(change) };
  const isNewRevision = settings.definition !== current.definition || settings.roleArn !== current.roleArn;
  if (!isNewRevision && isDeepStrictEqual(settings, current)) return;
  await addRevision(transaction, current.id, settings, isNewRevision ? randomUUID() : current.revisionId);
}

/** `undefined` leaves a setting as it is. */
function withoutUndefined(change: StateMachineChange): StateMachineChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/** Live machines with their current revision and their tags. */
function machines(database: Database) {
  return database
    .selectFrom('state_machines as m')
    .innerJoin('state_machine_revisions as r', 'r.id', 'm.current_revision_id')
    .select(['m.id', 'm.place', 'm.name', 'm.type', 'm.status', 'm.created_at', 'm.updated_at'])
    .select('m.created_publication')
    .select(REVISION)
    .select(STATE_MACHINE_TAGS.as('tags'))
    .where('m.deleted_at', 'is', null);
}

async function find(
  database: Database,
  place: ArnPlace,
  name: string,
): Promise<StateMachineRecord | undefined> {
  const row = await machines(database)
    .where('m.place', '=', placeText(place))
    .where('m.name', '=', escapeName(name))
    .executeTakeFirst();
  return row && toRecord(row);
}

async function count(database: Database, place: ArnPlace, maximum: number): Promise<number> {
  const some = database
    .selectFrom('state_machines as m')
    .select('m.id')
    .where('m.place', '=', placeText(place))
    .where('m.deleted_at', 'is', null)
    .limit(maximum);
  const { rows } = await database
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<string>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

async function list(
  database: Database,
  { place, limit, after }: Parameters<StateMachineStore['list']>[0],
): Promise<StateMachineRecord[]> {
  const rows = await machines(database)
    .where('m.place', '=', placeText(place))
    .where('m.id', '>', after ?? '0')
    .orderBy('m.id')
    .limit(limit)
    .execute();
  return rows.map(toRecord);
}

async function remove(database: Database, place: ArnPlace, name: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('state_machines')
      .set({ status: 'DELETING', updated_at: sql`statehouse.now()` })
      .where('place', '=', placeText(place))
      .where('name', '=', escapeName(name))
      .where('deleted_at', 'is', null)
      .where('status', '=', 'ACTIVE')
      .execute();
    await sql`select statehouse.remove_deleted_machines()`.execute(transaction);
  });
}

function toRecord(
  row: RevisionRow & {
    id: string;
    place: string;
    name: string;
    status: StateMachineRecord['status'];
    updated_at: Date;
    created_publication: Partial<Publication> | null;
    revision_row_id: string;
    tags: Tag[];
  },
): StateMachineRecord {
  return {
    ...toRevision(row),
    id: row.id,
    place: readPlace(row.place),
    name: unescapeName(row.name),
    publication: row.created_publication ? { description: row.created_publication.description } : undefined,
    tags: readTags(row.tags),
    status: row.status,
    updatedAt: row.updated_at.getTime(),
    revisionRowId: row.revision_row_id,
  };
}

/** State machines and their revisions. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { MachineType } from '../runtime/machine/machine.ts';
import type { Database } from './database.ts';
import { escapeName, quoteText, unescapeName, unquoteText } from './free-text.ts';
import { placeText, readPlace } from './place.ts';
import { startRecord } from './start-record.ts';
import type {
  NewStateMachine,
  RevisionRecord,
  StateMachineChange,
  StateMachineRecord,
  StateMachineSettings,
  StateMachineStore,
  Tag,
} from './store.ts';
import { readTags, STATE_MACHINE_TAGS, writeTags } from './tags.ts';

export function stateMachineStore(database: Database): StateMachineStore {
  return {
    create: (machine) => create(database, machine),
    update: (place, name, change) => update(database, place, name, change),
    find: (place, name) => find(database, place, name),
    startRecord: (place, name, qualifier) => startRecord(database, place, name, qualifier),
    revision: (revisionRowId) => revision(database, revisionRowId),
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
      .values({ place: placeText(machine.place), name: escapeName(machine.name), type: machine.type })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted === undefined) return false;
    await addRevision(transaction, inserted.id, machine, undefined);
    await writeTags(transaction, { type: 'stateMachine', id: inserted.id }, machine.tags ?? []);
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
): Promise<StateMachineRecord | undefined> {
  return database.transaction().execute(async (transaction) => {
    await transaction
      .selectFrom('state_machines')
      .select('id')
      .where('place', '=', placeText(place))
      .where('name', '=', escapeName(name))
      .where('deleted_at', 'is', null)
      .forUpdate()
      .execute();
    const current = await find(transaction, place, name);
    if (current === undefined || current.status === 'DELETING') return current;
    const settings = { ...current, ...withoutUndefined(change) };
    const isNewRevision = settings.definition !== current.definition || settings.roleArn !== current.roleArn;
    if (!isNewRevision && isDeepStrictEqual(settings, current)) return current;
    await addRevision(transaction, current.id, settings, isNewRevision ? randomUUID() : current.revisionId);
    return find(transaction, place, name);
  });
}

/** `undefined` leaves a setting as it is. */
function withoutUndefined(change: StateMachineChange): StateMachineChange {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/**
 * Each set of settings has a row of its own that never changes, also one that differs in configurations only and
 * keeps AWS's revisionId: so an execution points at exactly what it was started with.
 */
async function addRevision(
  database: Database,
  stateMachineId: string,
  settings: StateMachineSettings,
  revisionId: string | undefined,
): Promise<void> {
  const { id } = await database
    .insertInto('state_machine_revisions')
    .values({
      state_machine_id: stateMachineId,
      uuid: revisionId ?? null,
      definition: settings.definition,
      role_arn: quoteText(settings.roleArn),
      logging_configuration: jsonText(settings.loggingConfiguration),
      tracing_configuration: jsonText(settings.tracingConfiguration),
      encryption_configuration: jsonText(settings.encryptionConfiguration),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await database
    .updateTable('state_machines')
    .set({ current_revision_id: id, updated_at: sql`statehouse.now()` })
    .where('id', '=', stateMachineId)
    .execute();
}

function jsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Live machines with their current revision and their tags. */
function machines(database: Database) {
  return database
    .selectFrom('state_machines as m')
    .innerJoin('state_machine_revisions as r', 'r.id', 'm.current_revision_id')
    .select(['m.id', 'm.place', 'm.name', 'm.type', 'm.status', 'm.created_at', 'm.updated_at'])
    .select(REVISION)
    .select(STATE_MACHINE_TAGS.as('tags'))
    .where('m.deleted_at', 'is', null);
}

const REVISION = [
  'r.id as revision_row_id',
  'r.uuid',
  'r.definition',
  'r.role_arn',
  'r.logging_configuration',
  'r.tracing_configuration',
  'r.encryption_configuration',
] as const;

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

/** Also of machines that are deleted: their executions stay. */
async function revision(database: Database, revisionRowId: string): Promise<RevisionRecord | undefined> {
  const row = await database
    .selectFrom('state_machine_revisions as r')
    .innerJoin('state_machines as m', 'm.id', 'r.state_machine_id')
    .select(['m.name', 'm.type', 'r.created_at'])
    .select(REVISION)
    .where('r.id', '=', revisionRowId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return { ...toRevision(row), stateMachineName: unescapeName(row.name), rowId: row.revision_row_id };
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

interface RevisionRow {
  type: MachineType;
  created_at: Date;
  uuid: string | null;
  definition: string;
  role_arn: string;
  logging_configuration: unknown;
  tracing_configuration: unknown;
  encryption_configuration: unknown;
}

/** What a machine has in common with each of its revisions. */
function toRevision(row: RevisionRow) {
  return {
    type: row.type,
    createdAt: row.created_at.getTime(),
    revisionId: row.uuid ?? undefined,
    definition: row.definition,
    roleArn: unquoteText(row.role_arn),
    loggingConfiguration: row.logging_configuration ?? undefined,
    tracingConfiguration: row.tracing_configuration ?? undefined,
    encryptionConfiguration: row.encryption_configuration ?? undefined,
  };
}

function toRecord(
  row: RevisionRow & {
    id: string;
    place: string;
    name: string;
    status: StateMachineRecord['status'];
    updated_at: Date;
    revision_row_id: string;
    tags: Tag[];
  },
): StateMachineRecord {
  return {
    ...toRevision(row),
    id: row.id,
    place: readPlace(row.place),
    name: unescapeName(row.name),
    tags: readTags(row.tags),
    status: row.status,
    updatedAt: row.updated_at.getTime(),
    revisionRowId: row.revision_row_id,
  };
}

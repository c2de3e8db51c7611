import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Database } from './database.ts';
import { escapeName, quoteText, unquoteText } from './free-text.ts';
import { lockMachine } from './lock-machine.ts';
import { placeText } from './place.ts';
import {
  ALIASES_MAX,
  type AliasChange,
  type AliasRecord,
  type AliasRoute,
  type AliasStore,
  type AliasSummary,
  type CreateAliasOutcome,
  type NewAlias,
} from './versioning.ts';

export function aliasStore(database: Database): AliasStore {
  return {
    create: (place, stateMachineName, alias) => create(database, place, stateMachineName, alias),
    update: (place, stateMachineName, alias) => update(database, place, stateMachineName, alias),
    find: (place, stateMachineName, name) => find(database, place, stateMachineName, name),
    list: (page) => list(database, page),
    delete: (place, stateMachineName, name) => remove(database, place, stateMachineName, name),
  };
}

async function create(
  database: Database,
  place: ArnPlace,
  stateMachineName: string,
  wanted: NewAlias,
): Promise<CreateAliasOutcome> {
  const { name, description, routes } = wanted;
  return database.transaction().execute(async (transaction): Promise<CreateAliasOutcome> => {
    const machine = await lockMachine(transaction, place, stateMachineName);
    if (machine === undefined) return { kind: 'missing' };
    if (machine.status === 'DELETING') return { kind: 'deleting' };
    const present = await findOf(transaction, machine.id, name);
    if (present !== undefined)
      return isSame(present, wanted) ? { kind: 'done', alias: present } : { kind: 'conflict' };
    if (!(await areThere(transaction, machine.id, routes))) return { kind: 'missing' };
    if ((await count(transaction, machine.id)) >= ALIASES_MAX) return { kind: 'tooMany' };
    const { id } = await transaction
      .insertInto('aliases')
      .values({ state_machine_id: machine.id, name, description: quoteText(description) })
      .returning('id')
      .executeTakeFirstOrThrow();
    await writeRoutes(transaction, id, routes);
    return { kind: 'done', alias: await written(transaction, machine.id, name) };
  });
}

function isSame({ description, routes }: AliasRecord, wanted: NewAlias): boolean {
  return description === wanted.description && isDeepStrictEqual(routes, wanted.routes);
}

async function update(
  database: Database,
  place: ArnPlace,
  stateMachineName: string,
  { name, description, routes }: AliasChange,
): ReturnType<AliasStore['update']> {
  return database.transaction().execute(async (transaction) => {
    const machine = await lockMachine(transaction, place, stateMachineName);
    if (machine === undefined) return 'missing';
    if (machine.status === 'DELETING') return 'deleting';
    if (routes !== undefined && !(await areThere(transaction, machine.id, routes))) return 'missing';
    const updated = await transaction
      .updateTable('aliases')
      .set({
        updated_at: sql`statehouse.now()`,
        ...(description !== undefined && { description: quoteText(description) }),
      })
      .where('state_machine_id', '=', machine.id)
      .where('name', '=', name)
      .returning('id')
      .executeTakeFirst();
    if (updated === undefined) return 'missing';
    if (routes !== undefined) {
      await transaction.deleteFrom('alias_routes').where('alias_id', '=', updated.id).execute();
      await writeRoutes(transaction, updated.id, routes);
    }
    return written(transaction, machine.id, name);
  });
}

async function areThere(
  transaction: Database,
  stateMachineId: string,
  routes: readonly AliasRoute[],
): Promise<boolean> {
  const numbers = [...new Set(routes.map(({ version }) => version))];
  const found = await transaction
    .selectFrom('versions')
    .select('number')
    .where('state_machine_id', '=', stateMachineId)
    .where('number', 'in', numbers)
    .execute();
  return found.length === numbers.length;
}

async function count(transaction: Database, stateMachineId: string): Promise<number> {
  const { aliases } = await transaction
    .selectFrom('aliases')
    .select((eb) => eb.fn.countAll<string>().as('aliases'))
    .where('state_machine_id', '=', stateMachineId)
    .executeTakeFirstOrThrow();
  return Number(aliases);
}

async function writeRoutes(
  transaction: Database,
  aliasId: string,
  routes: readonly AliasRoute[],
): Promise<void> {
  await transaction
    .insertInto('alias_routes')
    .values(
      routes.map(({ version, weight }, position) => ({
        alias_id: aliasId,
        position,
        version_number: version,
        weight,
      })),
    )
    .execute();
}

async function written(transaction: Database, stateMachineId: string, name: string): Promise<AliasRecord> {
  const alias = await findOf(transaction, stateMachineId, name);
  if (alias === undefined) throw new Error(`Alias ${name} of machine ${stateMachineId} was not written`);
  return alias;
}

/** Aliases with their routes, in order: one row each. */
function routesOf(database: Database) {
  return database
    .selectFrom('aliases as a')
    .innerJoin('state_machines as m', 'm.id', 'a.state_machine_id')
    .innerJoin('alias_routes as route', 'route.alias_id', 'a.id')
    .select(['a.name', 'a.description', 'a.created_at', 'a.updated_at'])
    .select(['route.version_number', 'route.weight'])
    .orderBy('route.position');
}

async function find(
  database: Database,
  place: ArnPlace,
  stateMachineName: string,
  name: string,
): Promise<AliasRecord | undefined> {
  const rows = await routesOf(database)
    .where('m.place', '=', placeText(place))
    .where('m.name', '=', escapeName(stateMachineName))
    .where('m.deleted_at', 'is', null)
    .where('a.name', '=', name)
    .execute();
  return toRecord(rows);
}

async function findOf(
  transaction: Database,
  stateMachineId: string,
  name: string,
): Promise<AliasRecord | undefined> {
  const rows = await routesOf(transaction)
    .where('a.state_machine_id', '=', stateMachineId)
    .where('a.name', '=', name)
    .execute();
  return toRecord(rows);
}

function toRecord(
  rows: readonly {
    name: string;
    description: string | null;
    created_at: Date;
    updated_at: Date;
    version_number: number;
    weight: number;
  }[],
): AliasRecord | undefined {
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    name: row.name,
    description: unquoteText(row.description),
    routes: rows.map((route) => ({ version: route.version_number, weight: route.weight })),
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
  };
}

async function list(
  database: Database,
  { stateMachineId, version, limit, after }: Parameters<AliasStore['list']>[0],
): Promise<AliasSummary[]> {
  let select = database
    .selectFrom('aliases as a')
    .select(['a.name', 'a.created_at'])
    .where('a.state_machine_id', '=', stateMachineId);
  if (version !== undefined)
    select = select.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('alias_routes as route')
          .select('route.alias_id')
          .whereRef('route.alias_id', '=', 'a.id')
          .where('route.version_number', '=', version),
      ),
    );
  if (after !== undefined) select = select.where('a.name', '>', after);
  const rows = await select.orderBy('a.name').limit(limit).execute();
  return rows.map((row) => ({ name: row.name, createdAt: row.created_at.getTime() }));
}

async function remove(
  database: Database,
  place: ArnPlace,
  stateMachineName: string,
  name: string,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const machine = await lockMachine(transaction, place, stateMachineName);
    if (machine === undefined) return;
    await transaction
      .deleteFrom('aliases')
      .where('state_machine_id', '=', machine.id)
      .where('name', '=', name)
      .execute();
  });
}

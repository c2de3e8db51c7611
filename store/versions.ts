import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Database } from './database.ts';
import { escapeName, quoteText, unescapeName, unquoteText } from './free-text.ts';
import { lockMachine } from './lock-machine.ts';
import { placeText } from './place.ts';
import { REVISION, toRevision } from './revisions.ts';
import {
  INITIAL_REVISION,
  type PublishOutcome,
  type RevisionPublication,
  TooManyVersions,
  VERSIONS_MAX,
  type VersionRecord,
  type VersionStore,
  type VersionSummary,
} from './versioning.ts';

export function versionStore(database: Database): VersionStore {
  return {
    publish: (place, name, publication) => publish(database, place, name, publication),
    find: (place, name, number) => find(database, place, name, number),
    list: (page) => list(database, page),
    delete: (place, name, number) => remove(database, place, name, number),
  };
}

async function publish(
  database: Database,
  place: ArnPlace,
  name: string,
  { revisionId, description }: RevisionPublication,
): Promise<PublishOutcome> {
  return database.transaction().execute(async (transaction) => {
    const machine = await lockMachine(transaction, place, name);
    if (machine === undefined) return { kind: 'gone' };
    if (machine.status === 'DELETING') return { kind: 'deleting' };
    const current = machine.revisionId ?? INITIAL_REVISION;
    if (revisionId !== undefined && revisionId !== current) return { kind: 'otherRevision', current };
    return { kind: 'published', version: await publishCurrent(transaction, machine.id, description) };
  });
}

/**
 * Publishes the current revision of a machine that the transaction has locked, unless that is done already. Revisions
 * are the same that have the same revisionId, as AWS compares them: configurations do not count.
 * @throws TooManyVersions, which must end the transaction
 */
export async function publishCurrent(
  transaction: Database,
  stateMachineId: string,
  description: string | undefined,
): Promise<VersionSummary> {
  const current = await transaction
    .selectFrom('state_machines as m')
    .innerJoin('state_machine_revisions as r', 'r.id', 'm.current_revision_id')
    .select(['r.id', 'r.uuid', 'm.last_version'])
    .where('m.id', '=', stateMachineId)
    .executeTakeFirstOrThrow();
  const versions = await transaction
    .selectFrom('versions as v')
    .innerJoin('state_machine_revisions as r', 'r.id', 'v.revision_id')
    .select(['v.number', 'v.created_at', 'r.uuid'])
    .where('v.state_machine_id', '=', stateMachineId)
    .orderBy('v.number', 'desc')
    .execute();
  const published = versions.find(({ uuid }) => uuid === current.uuid);
  if (published !== undefined) return toSummary(published);
  if (versions.length >= VERSIONS_MAX) throw new TooManyVersions();

  const number = current.last_version + 1;
  await transaction
    .updateTable('state_machines')
    .set({ last_version: number })
    .where('id', '=', stateMachineId)
    .execute();
  const version = await transaction
    .insertInto('versions')
    .values({
      state_machine_id: stateMachineId,
      number,
      revision_id: current.id,
      description: quoteText(description),
    })
    .returning(['number', 'created_at'])
    .executeTakeFirstOrThrow();
  return toSummary(version);
}

function toSummary({ number, created_at }: { number: number; created_at: Date }): VersionSummary {
  return { number, createdAt: created_at.getTime() };
}

async function find(
  database: Database,
  place: ArnPlace,
  name: string,
  number: number,
): Promise<VersionRecord | undefined> {
  const row = await database
    .selectFrom('state_machines as m')
    .innerJoin('versions as v', 'v.state_machine_id', 'm.id')
    .innerJoin('state_machine_revisions as r', 'r.id', 'v.revision_id')
    .select(['m.name', 'm.type', 'm.status', 'r.created_at', 'v.created_at as published_at', 'v.description'])
    .select(REVISION)
    .where('m.place', '=', placeText(place))
    .where('m.name', '=', escapeName(name))
    .where('m.deleted_at', 'is', null)
    .where('v.number', '=', number)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    ...toRevision(row),
    rowId: row.revision_row_id,
    stateMachineName: unescapeName(row.name),
    status: row.status,
    number,
    publishedAt: row.published_at.getTime(),
    description: unquoteText(row.description),
  };
}

async function list(
  database: Database,
  { stateMachineId, limit, before }: Parameters<VersionStore['list']>[0],
): Promise<VersionSummary[]> {
  let select = database
    .selectFrom('versions')
    .select(['number', 'created_at'])
    .where('state_machine_id', '=', stateMachineId);
  if (before !== undefined) select = select.where('number', '<', before);
  return (await select.orderBy('number', 'desc').limit(limit).execute()).map(toSummary);
}

async function remove(
  database: Database,
  place: ArnPlace,
  name: string,
  number: number,
): Promise<{ aliases: readonly string[] }> {
  return database.transaction().execute(async (transaction) => {
    const machine = await lockMachine(transaction, place, name);
    if (machine === undefined) return { aliases: [] };
    const referring = await transaction
      .selectFrom('aliases as a')
      .innerJoin('alias_routes as route', 'route.alias_id', 'a.id')
      .select('a.name')
      .where('a.state_machine_id', '=', machine.id)
      .where('route.version_number', '=', number)
      .orderBy('a.name')
      .execute();
    if (referring.length === 0)
      await transaction
        .deleteFrom('versions')
        .where('state_machine_id', '=', machine.id)
        .where('number', '=', number)
        .execute();
    return { aliases: referring.map((alias) => alias.name) };
  });
}

/** What a start needs to know of what it names: narrow rows, never a definition. */
import { type RawBuilder, sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { MachineType } from '../runtime/machine/machine.ts';
import type { Database } from './database.ts';
import { escapeName, unquoteText } from './free-text.ts';
import { placeText } from './place.ts';
import type { StartQualifier, StartRecord, Tag } from './store.ts';
import { readTags, STATE_MACHINE_TAGS } from './tags.ts';

interface Row {
  time: number;
  id: string;
  type: MachineType;
  status: StartRecord['status'];
  tags: Tag[];
  revision_id: string;
  role_arn: string;
  version: number | null;
  weight: number;
}

export async function startRecord(
  database: Database,
  place: ArnPlace,
  name: string,
  qualifier: StartQualifier,
): Promise<StartRecord | undefined> {
  const { rows } = await sql<Row>`
    select floor(extract(epoch from statehouse.now()) * 1000)::float8 as time, m.id, m.type, m.status, ${STATE_MACHINE_TAGS} as tags,
      route.revision_id, r.role_arn, route.version, route.weight
    from statehouse.state_machines m
    cross join lateral (${routesOf(qualifier)}) as route (position, version, weight, revision_id)
    join statehouse.state_machine_revisions r on r.id = route.revision_id
    where m.place = ${placeText(place)} and m.name = ${escapeName(name)} and m.deleted_at is null
    order by route.position`.execute(database);
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    time: row.time,
    stateMachineId: row.id,
    type: row.type,
    status: row.status,
    tags: readTags(row.tags),
    routes: rows.map((route) => ({
      version: route.version ?? undefined,
      weight: route.weight,
      revisionRowId: route.revision_id,
      roleArn: unquoteText(route.role_arn),
    })),
  };
}

/** Of machine `m`. */
function routesOf({ version, alias }: StartQualifier): RawBuilder<unknown> {
  if (version !== undefined)
    return sql`
      select 0, v.number, 100, v.revision_id
      from statehouse.versions v where v.state_machine_id = m.id and v.number = ${version}`;
  if (alias !== undefined)
    return sql`
      select route.position, v.number, route.weight, v.revision_id
      from statehouse.aliases a
      join statehouse.alias_routes route on route.alias_id = a.id
      join statehouse.versions v on v.state_machine_id = m.id and v.number = route.version_number
      where a.state_machine_id = m.id and a.name = ${alias}`;
  return sql`select 0, null::int, 100, m.current_revision_id`;
}

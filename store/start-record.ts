/** What a start needs to know of what it names: narrow rows, never a definition. */
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { MachineType } from '../runtime/machine/machine.ts';
import type { Database } from './database.ts';
import { escapeName, unquoteText } from './free-text.ts';
import { placeText } from './place.ts';
import type { StartQualifier, StartRecord } from './state-machine.ts';
import type { Tag } from './tag.ts';
import { readTags } from './tags.ts';

interface Row {
  time_ms: number;
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
  const { version, alias } = qualifier;
  const { rows } = await sql<Row>`
    select * from statehouse.start_record(
      ${placeText(place)}, ${escapeName(name)}, ${version ?? null}, ${alias ?? null})`.execute(database);
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    time: row.time_ms,
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

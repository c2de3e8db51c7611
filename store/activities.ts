/** Activities, and the tasks that wait for their workers. */
import { sql } from 'kysely';
import type { ArnPlace } from '../runtime/execution/arn.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { ActivityRecord, ActivityStore, NewActivity, Taken, WaitingWorker } from './activity.ts';
import { readActivityTask } from './activity-task-text.ts';
import { type Batch, groupCommit } from './batch.ts';
import { numbers, splitTexts, texts } from './batch-columns.ts';
import type { Connections, Database } from './database.ts';
import { escapeName, unescapeName } from './free-text.ts';
import { listen } from './listen.ts';
import { placeText, readPlace } from './place.ts';
import type { RetryPolicy } from './retryable-errors.ts';
import type { Tag } from './tag.ts';
import { ACTIVITY_TAGS, readTags, writeTags } from './tags.ts';

/** As in migrations/. */
const CHANNEL = 'statehouse_activities';

export function activityStore(
  { database, newClient }: Connections,
  retry: RetryPolicy,
  metrics: Metrics,
  logger: Logger,
): ActivityStore & { drain(): Promise<void> } {
  const ids = groupCommit(database, retry, idBatch, metrics);
  return {
    create: (activity) => create(database, activity),
    count: (place, maximum) => count(database, place, maximum),
    find: (place, name) => find(database, place, name),
    idOf: (place, name) => ids.submit({ place, name }),
    list: (page) => list(database, page),
    delete: (place, name) => remove(database, place, name),
    take: (workers) => take(database, workers),
    haveNews: (activityIds) => haveNews(database, activityIds),
    listen: (news) =>
      listen({ newClient, channel: CHANNEL, onPayload: news, onReconnect: () => news('all'), logger }),
    drain: () => ids.drain(),
  };
}

async function create(
  database: Database,
  activity: NewActivity,
): Promise<{ created: boolean; activity: ActivityRecord }> {
  const created = await database.transaction().execute(async (transaction) => {
    const inserted = await transaction
      .insertInto('activities')
      .values({
        place: placeText(activity.place),
        name: escapeName(activity.name),
        encryption_configuration: JSON.stringify(activity.encryptionConfiguration),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (inserted === undefined) return false;
    await writeTags(transaction, { type: 'activity', id: inserted.id }, activity.tags ?? []);
    return true;
  });
  const found = await find(database, activity.place, activity.name);
  // Deleted between the two statements: the name is free again.
  return found === undefined ? create(database, activity) : { created, activity: found };
}

async function count(database: Database, place: ArnPlace, maximum: number): Promise<number> {
  const some = database
    .selectFrom('activities')
    .select('id')
    .where('place', '=', placeText(place))
    .limit(maximum);
  const { rows } = await database
    .selectFrom(some.as('some'))
    .select((eb) => eb.fn.countAll<string>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

function activities(database: Database) {
  return database
    .selectFrom('activities as a')
    .select(['a.id', 'a.place', 'a.name', 'a.encryption_configuration', 'a.created_at'])
    .select(ACTIVITY_TAGS.as('tags'));
}

async function find(database: Database, place: ArnPlace, name: string): Promise<ActivityRecord | undefined> {
  const row = await activities(database)
    .where('a.place', '=', placeText(place))
    .where('a.name', '=', escapeName(name))
    .executeTakeFirst();
  return row && toRecord(row);
}

const idBatch: Batch<{ place: ArnPlace; name: string }, string | undefined> = {
  name: 'activity_id',
  bytes: () => 0,
  write: async (database, entries) => {
    const { rows } = await sql<{ id: string | null }>`
      select a.id from unnest(
        statehouse.texts(${texts(entries.map(({ place }) => placeText(place)))}),
        statehouse.texts(${texts(entries.map(({ name }) => escapeName(name)))}))
        with ordinality as entry (place, name, position)
      left join statehouse.activities a on a.place = entry.place and a.name = entry.name
      order by entry.position`.execute(database);
    return rows.map(({ id }) => id ?? undefined);
  },
};

async function list(
  database: Database,
  { place, limit, after }: Parameters<ActivityStore['list']>[0],
): Promise<ActivityRecord[]> {
  const rows = await activities(database)
    .where('a.place', '=', placeText(place))
    .where('a.id', '>', after ?? '0')
    .orderBy('a.id')
    .limit(limit)
    .execute();
  return rows.map(toRecord);
}

async function remove(database: Database, place: ArnPlace, name: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const deleted = await transaction
      .deleteFrom('activities')
      .where('place', '=', placeText(place))
      .where('name', '=', escapeName(name))
      .returning('id')
      .executeTakeFirst();
    if (deleted === undefined) return;
    await transaction
      .deleteFrom('tags')
      .where('resource_type', '=', 'activity')
      .where('resource_id', '=', deleted.id)
      .execute();
    await sql`select pg_notify(${CHANNEL}, ${deleted.id})`.execute(transaction);
  });
}

interface TakenRow {
  positions: number[] | null;
  token_texts: string | null;
  input_texts: string | null;
  unexhausted_ids: string[] | null;
  missing_ids: string[];
}

async function take(database: Database, workers: readonly WaitingWorker[]): Promise<Taken> {
  const { rows } = await sql<TakenRow>`
    select * from statehouse.take(
      ${numbers(workers.map(({ activityId }) => activityId))},
      ${texts(workers.map(({ workerName }) => JSON.stringify({ workerName })))})`.execute(database);
  const [row] = rows;
  const tasks: Taken['tasks'][number][] = workers.map(() => undefined);
  const inputs = splitTexts(row?.input_texts ?? null);
  for (const [index, token] of splitTexts(row?.token_texts ?? null).entries())
    tasks[(row?.positions?.[index] ?? 0) - 1] = {
      token: unescapeName(token),
      ...readActivityTask(inputs[index] ?? ''),
    };
  return { tasks, unexhausted: row?.unexhausted_ids ?? [], missing: row?.missing_ids ?? [] };
}

async function haveNews(database: Database, activityIds: readonly string[]): Promise<string[]> {
  // The first in the order of an index: for any at all, or `exists`, the planner may read the tasks of all activities.
  const { rows } = await sql<{ id: string }>`
    select entry.id from unnest(${numbers(activityIds)}::bigint[]) as entry (id)
    where not exists (select from statehouse.activities a where a.id = entry.id)
      or (select true from statehouse.activity_tasks task where task.activity_id = entry.id
        order by task.id limit 1)`.execute(database);
  return rows.map(({ id }) => id);
}

function toRecord(row: {
  id: string;
  place: string;
  name: string;
  encryption_configuration: unknown;
  created_at: Date;
  tags: Tag[];
}): ActivityRecord {
  return {
    id: row.id,
    place: readPlace(row.place),
    name: unescapeName(row.name),
    encryptionConfiguration: row.encryption_configuration ?? undefined,
    tags: readTags(row.tags),
    createdAt: row.created_at.getTime(),
  };
}

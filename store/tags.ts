/** Tags of resources. Those of a state machine come along with its record, so that nobody asks for them alone. */
import { sql } from 'kysely';
import { setCaps } from './concurrency-caps.ts';
import type { Database } from './database.ts';
import { escapeName, unescapeName } from './free-text.ts';
import type { Tag, TaggedResource, TagStore } from './tag.ts';

export function tagStore(database: Database): TagStore {
  return {
    add: (resource, tags, maximum) => add(database, resource, tags, maximum),
    remove: (resource, keys) => remove(database, resource, keys),
  };
}

function add(
  database: Database,
  resource: TaggedResource,
  tags: readonly Tag[],
  maximum: number,
): ReturnType<TagStore['add']> {
  return database.transaction().execute(async (transaction) => {
    if (!(await lock(transaction, resource))) return 'gone';
    const present = await transaction
      .selectFrom('tags')
      .select('key')
      .where('resource_type', '=', resource.type)
      .where('resource_id', '=', resource.id)
      .execute();
    const keys = new Set([...present.map(({ key }) => unescapeName(key)), ...tags.map(({ key }) => key)]);
    if (keys.size > maximum) return 'tooMany';
    await writeTags(transaction, resource, tags);
    if (resource.type === 'stateMachine') await setCaps(transaction, resource.id);
    return 'added';
  });
}

/** Two that tag at the same moment must count one after the other, and a deletion must see what they add. */
async function lock(transaction: Database, resource: TaggedResource): Promise<boolean> {
  const found = await LOCK[resource.type](transaction, resource.id);
  return found !== undefined;
}

const LOCK: Readonly<
  Record<TaggedResource['type'], (transaction: Database, id: string) => Promise<object | undefined>>
> = {
  stateMachine: (transaction, id) =>
    transaction
      .selectFrom('state_machines')
      .select('id')
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .forNoKeyUpdate()
      .executeTakeFirst(),
  activity: (transaction, id) =>
    transaction
      .selectFrom('activities')
      .select('id')
      .where('id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirst(),
};

/** Of a key that is there more than once, the last value counts. */
export async function writeTags(
  transaction: Database,
  resource: TaggedResource,
  tags: readonly Tag[],
): Promise<void> {
  if (tags.length === 0) return;
  const values = new Map(tags.map(({ key, value }) => [escapeName(key), escapeName(value)]));
  await transaction
    .insertInto('tags')
    .values(
      [...values].map(([key, value]) => ({
        resource_type: resource.type,
        resource_id: resource.id,
        key,
        value,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['resource_type', 'resource_id', 'key'])
        .doUpdateSet({ value: (eb) => eb.ref('excluded.value') }),
    )
    .execute();
}

async function remove(database: Database, resource: TaggedResource, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await database.transaction().execute(async (transaction) => {
    await lock(transaction, resource);
    await transaction
      .deleteFrom('tags')
      .where('resource_type', '=', resource.type)
      .where('resource_id', '=', resource.id)
      .where('key', 'in', keys.map(escapeName))
      .execute();
    if (resource.type === 'stateMachine') await setCaps(transaction, resource.id);
  });
}

/** The tags of the state machine, or activity, that a query has under this name, by key; {@link readTags} reads them. */
function tagsOf(type: TaggedResource['type'], table: string) {
  return sql<Tag[]>`(
    select coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key), '[]')
    from statehouse.tags t where t.resource_type = ${sql.lit(type)} and t.resource_id = ${sql.ref(`${table}.id`)})`;
}
/** Of state machine `m` of a query. */
export const STATE_MACHINE_TAGS = tagsOf('stateMachine', 'm');
/** Of activity `a` of a query. */
export const ACTIVITY_TAGS = tagsOf('activity', 'a');

export function readTags(stored: readonly Tag[]): Tag[] {
  return stored.map(({ key, value }) => ({ key: unescapeName(key), value: unescapeName(value) }));
}

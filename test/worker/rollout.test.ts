/** A new version's migrations are made while the version before works; it goes on, and can be started again. */
import { expect, test } from 'vitest';
import { migrate } from '../../store/migrate.ts';
import { NEXT_MIGRATION, newerMigrations } from '../support/newer-migrations.ts';
import { sequence } from './small-machines.ts';
import { attemptsOf, createWorld, functionArn, succeed, type World } from './world.ts';

const task = (name: string) => ({ Type: 'Task', Resource: functionArn(name) });
const WORK = sequence([
  ['one', task('work')],
  ['rest', { Type: 'Wait', Seconds: 1 }],
  ['two', task('work')],
]);

/** Executions; enough for the time that migrations take. */
const LOAD_MAX = 100;

/** What a next version may do: columns in hot tables, each function in use replaced, and one that answers more. */
async function nextVersion(world: World): Promise<string[]> {
  const functions = await world.sql<{ name: string; sql: string }>(
    `select proname as name, pg_get_functiondef(oid) as sql from pg_proc
     where pronamespace = 'statehouse'::regnamespace`,
  );
  const append = functions.find(({ name }) => name === 'append')?.sql ?? '';
  const answeringMore = append
    .replace('OUT won bigint[]', 'OUT won bigint[], OUT news integer')
    .replace('RETURNS bigint[]', 'RETURNS record');
  return [
    functions.map(({ sql }) => `${sql};`).join('\n'),
    `alter table statehouse.executions add column news int not null default 0;
     alter table statehouse.journal add column news text`,
    `drop function statehouse.append; ${answeringMore}`,
  ];
}

test('a version before goes on through them, with executions under way, and nothing is lost or done twice', async () => {
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({ work: () => succeed('done'), long: () => answer.promise });
  const worker = await world.worker({ graceSeconds: 20 });
  const executionIds = [
    await world.start(
      sequence([
        ['long', task('long')],
        ['work', task('work')],
      ]),
    ),
  ];
  await world.tasks.called('long');

  let isMigrated = false;
  const load = Array.from({ length: 3 }, async () => {
    while (!isMigrated && executionIds.length < LOAD_MAX) executionIds.push(await world.start(WORK));
  });
  await world.tasks.called('work');
  await migrate(world.databaseUrl, { migrations: newerMigrations(...(await nextVersion(world))) });
  isMigrated = true;
  await Promise.all(load);
  answer.resolve(succeed('after the migration'));

  await worker.stop();
  expect(await world.store.check()).toBeUndefined();
  await world.worker();
  const attempts: string[] = [];
  for (const executionId of executionIds) {
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    attempts.push(...attemptsOf(await world.journal(executionId)));
  }
  expect(world.tasks.received.toSorted()).toEqual(attempts.toSorted());
});

test('what a running worker misses, since it is too old for the schema, is no strike of an execution', async () => {
  const answer = Promise.withResolvers<ReturnType<typeof succeed>>();
  const world = await createWorld({ long: () => answer.promise });
  const worker = await world.worker();
  await world.start(sequence([['long', task('long')]]));
  await world.tasks.called('long');
  await migrate(world.databaseUrl, {
    migrations: newerMigrations(
      `-- Needs programs that know migration ${NEXT_MIGRATION}.\nalter function statehouse.append rename to append_more`,
    ),
  });
  expect(await world.store.check()).toContain(`needs programs that know migration ${NEXT_MIGRATION}`);
  answer.resolve(succeed('too late'));
  await expect.poll(() => worker.liveExecutions).toBe(0);
  expect(await world.sql('select from statehouse.suspects')).toEqual([]);
});

import { expect, test } from 'vitest';
import { retention } from '../../../worker/services/retention.ts';
import type { Service } from '../../../worker/services/service.ts';
import { PLACE } from '../../support/place.ts';
import { ManualClock } from '../manual-clock.ts';
import { passes } from '../small-machines.ts';
import { createWorld, silent, type World } from '../world.ts';

const DAY_SECONDS = 24 * 60 * 60;

function service(world: World, days: number | 'forever'): Service {
  return retention({ store: world.store.retention, days, clock: new ManualClock(), logger: silent });
}

/** So many executions that have ended; their ids. */
async function ended(world: World, count: number): Promise<string[]> {
  const worker = await world.worker();
  const ids = await Promise.all(Array.from({ length: count }, () => world.start(passes(1))));
  for (const id of ids) await world.ended(id);
  await worker.stop();
  return ids;
}

async function left(world: World): Promise<number> {
  const [row] = await world.sql<{ left: number }>('select count(*)::int as left from statehouse.executions');
  return row?.left ?? Number.NaN;
}

test('a worker removes what has been closed for so many days', async () => {
  const world = await createWorld();
  const [id = ''] = await ended(world, 1);
  const { stateMachineName, name } = await world.record(id);
  const worker = await world.worker({ retentionDays: 2 });
  await worker.services.retention.runOnce();
  expect(await left(world)).toBe(1);
  await world.advance(2 * DAY_SECONDS);
  await worker.services.retention.runOnce();
  expect(await world.store.executions.find(PLACE, stateMachineName, name)).toBeUndefined();
});

test('forever: everything is kept', async () => {
  const world = await createWorld();
  await ended(world, 1);
  await world.advance(10_000 * DAY_SECONDS);
  await service(world, 'forever').runOnce();
  expect(await left(world)).toBe(1);
});

test('a backlog goes batch by batch, with a pause after each, until the next round a minute later', async () => {
  const world = await createWorld();
  await ended(world, 1);
  await world.sql(`
    with copy as (
      insert into statehouse.executions (state_machine_id, revision_id, name, status, started_at, stopped_at, wake_at)
      select state_machine_id, revision_id, 'copy ' || n, status, started_at, stopped_at, wake_at
      from statehouse.executions, generate_series(1, 600) as n
      returning id
    )
    insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body) select id, 1, 1, 0, '[]' from copy`);
  await world.advance(2 * DAY_SECONDS);
  const subject = service(world, 1);
  const batches: number[] = [];
  do {
    const before = await left(world);
    await subject.runOnce();
    batches.push(before - (await left(world)));
  } while (subject.paceMs !== 60_000);
  expect(batches).toEqual([...Array(6).fill(100), 1]);
});

test('deleted state machines go after their executions', async () => {
  const world = await createWorld();
  const [id = ''] = await ended(world, 1);
  await world.store.stateMachines.delete(PLACE, (await world.record(id)).stateMachineName);
  await world.advance(2 * DAY_SECONDS);
  const subject = service(world, 1);
  await subject.runOnce();
  expect(await world.sql('select from statehouse.state_machines')).toEqual([]);
  expect(await world.sql('select from statehouse.state_machine_revisions')).toEqual([]);
});

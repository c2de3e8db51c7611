/** State machines take turns: none waits behind all that another one has started. */
import { beforeEach, describe, expect, test } from 'vitest';
import { uuidOf } from '../../store/uuid.ts';
import { NOON, useStore } from './fixture.ts';

const fixture = useStore();

interface Machine {
  readonly id: string;
  readonly revisionRowId: string;
}

beforeEach(async () => {
  await fixture().deleteJobs();
  await fixture().query('delete from statehouse.express_executions');
});

async function start({ id: stateMachineId, revisionRowId }: Machine, count: number): Promise<string[]> {
  const executions = Array.from({ length: count }, () =>
    fixture().newExecution({ stateMachineId, revisionRowId }),
  );
  const outcomes = (await Promise.all(executions)).map((execution) =>
    fixture().store.executions.start(execution),
  );
  return (await Promise.all(outcomes)).map((outcome) =>
    outcome.kind === 'started' ? outcome.executionId : '',
  );
}

/** Executions in the order in which workers get their jobs. */
async function served(): Promise<string[]> {
  const rows = await fixture().query<{ id: string }>(
    `select payload->>'executionId' as id from graphile_worker._private_jobs
     where run_at <= now() order by priority, run_at`,
  );
  return rows.map(({ id }) => id);
}

/** Takes the first jobs off the queue, as a worker does. */
function serve(count: number): Promise<unknown> {
  return fixture().query(
    `delete from graphile_worker._private_jobs where id in (
       select id from graphile_worker._private_jobs order by priority, run_at limit $1)`,
    [count],
  );
}

describe('jobs', () => {
  test('of a state machine come in the order of its starts', async () => {
    const ids = await start(await fixture().machine(), 5);
    const more = await start(await fixture().machine(), 1);
    expect((await served()).filter((id) => !more.includes(id))).toEqual(ids);
  });

  test('of one that starts a few come before the backlog of one that has started many', async () => {
    const noisy = await fixture().machine();
    await start(noisy, 1000);
    await start(noisy, 1000);
    const quiet = await start(await fixture().machine(), 10);
    const places = (await served()).flatMap((id, place) => (quiet.includes(id) ? [place] : []));
    expect(places).toHaveLength(10);
    expect(Math.max(...places)).toBeLessThan(50);
  });

  test('of two with a backlog come in turns, also when one of them has been served for long', async () => {
    const [first, second] = [await fixture().machine(), await fixture().machine()];
    const early = await start(first, 400);
    await serve(200);
    const late = await start(second, 150);
    const next = (await served()).slice(0, 100);
    const share = next.filter((id) => late.includes(id)).length;
    expect(share).toBeGreaterThan(30);
    expect(share).toBeLessThan(70);
    expect(next.filter((id) => early.includes(id))).toHaveLength(100 - share);
  });

  test('whoever was served alone has not used up later turns', async () => {
    const [busy, idle] = [await fixture().machine(), await fixture().machine()];
    await start(busy, 500);
    await serve(500);
    await start(idle, 300);
    const again = await start(busy, 10);
    const places = (await served()).flatMap((id, place) => (again.includes(id) ? [place] : []));
    expect(Math.max(...places)).toBeLessThan(50);
  });
});

test('behind a backlog, those who have begun and are due get theirs nevertheless', async () => {
  const noisy = await fixture().machine();
  await start(noisy, 20);
  const { executionId, claim } = await fixture().owned();
  const park = { executionId, epoch: claim.epoch, signals: 0, wakeAt: NOON, snapshot: undefined };
  expect(await fixture().store.leases.park(park)).toBe(true);
  await fixture().query(
    "update statehouse.executions set wake_at = statehouse.now() - interval '1 second' where owner is null and wake_at < 'infinity'",
  );
  expect(await fixture().store.workers.wakeDue(20, 50)).toBe(1);
  expect(await fixture().jobs()).toContain(executionId);
  expect(await fixture().store.workers.wakeDue(20, 50)).toBe(0);
});

test('asynchronous Express executions take turns as well', async () => {
  const [noisy, quiet] = [await fixture().machine(), await fixture().machine()];
  const begin = async ({ id: stateMachineId, revisionRowId }: Machine, count: number) => {
    const ids = Array.from({ length: count }, () => uuidOf(NOON));
    const started = ids.map((id) =>
      fixture().store.express.start({ id, stateMachineId, revisionRowId, body: '[]' }),
    );
    await Promise.all(started);
    return ids;
  };
  await begin(noisy, 300);
  const few = await begin(quiet, 5);
  const claimed = await fixture().store.express.claim(await fixture().worker(), 50);
  const ids = claimed.map(({ id }) => id);
  expect(ids).toHaveLength(50);
  expect(ids).toEqual(expect.arrayContaining(few));
});

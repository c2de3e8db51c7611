/** Strikes: who gets them, what clears them, and who may claim an execution that has some. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { SuspectPolicy } from '../../store/suspects.ts';
import { uuidOf } from '../../store/uuid.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, startBody, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const HOUR = 3_600_000;

beforeEach(async () => {
  await fixture().query(`update statehouse.executions set status = 'ABORTED', owner = null`);
  await fixture().query('delete from statehouse.workers');
  await fixture().deleteJobs();
});

async function workerThat(suspects: SuspectPolicy): Promise<string> {
  const info = { hostname: 'test', pid: 1, version: '0', suspects };
  return (await fixture().store.workers.register(info)).workerId;
}

async function claimed(executionId: string, suspects: SuspectPolicy) {
  return fixture().store.leases.claim(executionId, await workerThat(suspects));
}

/** All workers die, and others notice. */
async function allDie() {
  await fixture().query(`update statehouse.workers set heartbeat_at = 'epoch'`);
  return fixture().store.workers.reconcile(0);
}

/** An execution that has ended so many workers. */
async function struck(times: number): Promise<string> {
  const executionId = await fixture().started();
  for (let n = 0; n < times; n++) {
    if (!(await claimed(executionId, 'taken'))) throw new Error('it cannot be claimed any more');
    await allDie();
  }
  return executionId;
}

describe('an execution whose worker died', () => {
  test('once, is for any worker', async () => {
    expect(await claimed(await struck(1), 'left')).toBeDefined();
  });

  test('twice, is for workers that take suspects, and needs no job', async () => {
    const executionId = await struck(2);
    await fixture().deleteJobs();
    expect(await claimed(executionId, 'left')).toBeUndefined();
    const store = await fixture().another({ now: Date.now() + HOUR });
    expect(await store.workers.wakeDue(100, 0)).toBe(0);
    expect(await fixture().jobs()).toEqual([]);
    expect(await fixture().store.suspects.areWaiting()).toBe(true);
    expect(await fixture().store.suspects.next()).toBe(executionId);
    expect(await claimed(executionId, 'only')).toBeDefined();
    expect(await fixture().store.suspects.areWaiting()).toBe(false);
  });

  test('five times, is for nobody, until it is retried', async () => {
    const executionId = await struck(4);
    await claimed(executionId, 'only');
    expect(await allDie()).toMatchObject({ setAside: [executionId] });
    const { suspects } = fixture().store;
    expect(await claimed(executionId, 'only')).toBeUndefined();
    expect(await suspects.next()).toBeUndefined();
    expect(await suspects.find(executionId)).toMatchObject({ reason: 'The worker that ran it died.' });
    expect((await suspects.setAside(PLACE, 10)).map(({ name }) => name)).toEqual([
      (await fixture().row(executionId)).name,
    ]);
    expect(await suspects.setAside({ ...PLACE, region: 'eu-west-1' }, 10)).toEqual([]);

    await fixture().deleteJobs();
    expect(await suspects.retry(executionId)).toBe(true);
    expect(await suspects.retry(executionId)).toBe(false);
    expect(await fixture().jobs()).toEqual([executionId]);
    expect(await claimed(executionId, 'left')).toBeDefined();
  });

  test('is clear of it after an append', async () => {
    const executionId = await struck(4);
    const claim = await claimed(executionId, 'taken');
    if (!claim) throw new Error('not claimed');
    await fixture().store.leases.append(appendTo(claim));
    expect(await allDie()).toMatchObject({ setAside: [] });
    expect(await claimed(executionId, 'left')).toBeDefined();
  });

  test('is not suspected when the worker gave it back', async () => {
    const executionId = await fixture().started();
    for (let n = 0; n < 3; n++) {
      const workerId = await workerThat('left');
      expect(await fixture().store.leases.claim(executionId, workerId)).toBeDefined();
      await fixture().store.workers.unregister(workerId);
    }
  });

  test('waits behind those with fewer strikes', async () => {
    const guilty = await struck(3);
    const bystander = await struck(2);
    const { suspects } = fixture().store;
    expect(await suspects.next()).toBe(bystander);
    await claimed(bystander, 'only');
    expect(await suspects.next()).toBe(guilty);
  });
});

describe('an execution that is set aside', () => {
  test('can be stopped, and redriven as one that has no strikes', async () => {
    const executionId = await struck(5);
    const { executions, suspects } = fixture().store;
    expect(await executions.stop(executionId, stopWith())).toMatchObject({ wasOwned: false });
    expect(await suspects.find(executionId)).toBeUndefined();
    const body = () => startBody('{}', Date.now());
    expect(await executions.redrive(executionId, { clientToken: undefined, body })).toMatchObject({
      kind: 'redriven',
    });
    expect(await claimed(executionId, 'left')).toBeDefined();
  });

  test('leaves nothing behind once it is closed', async () => {
    const executionId = await struck(5);
    await fixture().store.executions.stop(executionId, stopWith());
    await allDie();
    expect(
      await fixture().query('select from statehouse.suspects where execution_id = $1', [executionId]),
    ).toEqual([]);
  });
});

test('faults count as deaths do, and say what they were', async () => {
  const executionId = await fixture().started();
  const { suspects } = fixture().store;
  const reason = `Error: ${'\u0000\ud800'.repeat(1000)}`;
  for (let n = 1; n < 5; n++) expect(await suspects.strike(executionId, reason)).toBe('suspected');
  expect(await suspects.strike(executionId, reason)).toBe('setAside');
  expect((await suspects.find(executionId))?.reason).toBe(reason.slice(0, 1000));
});

describe('Express executions', () => {
  async function started(): Promise<string> {
    const id = uuidOf(Date.now());
    const { id: stateMachineId, revisionRowId } = await fixture().machine();
    await fixture().store.express.start({ id, stateMachineId, revisionRowId, body: startBody('{}', 0) });
    return id;
  }

  async function take(suspects: SuspectPolicy) {
    const claims = await fixture().store.express.claim(await workerThat(suspects), 10);
    return claims.map(({ id, isGivenUp }) => ({ id, isGivenUp }));
  }

  test('are alone after two deaths, to be ended after five, and gone after one more', async () => {
    const id = await started();
    for (let n = 0; n < 2; n++) {
      expect(await take('left')).toEqual([{ id, isGivenUp: false }]);
      await allDie();
    }
    expect(await take('left')).toEqual([]);
    for (let n = 2; n < 5; n++) {
      expect(await fixture().store.suspects.areWaiting()).toBe(true);
      expect(await take('only')).toEqual([{ id, isGivenUp: false }]);
      await allDie();
    }
    expect(await fixture().store.suspects.areWaiting()).toBe(false);
    expect(await take('only')).toEqual([]);
    expect(await take('left')).toEqual([{ id, isGivenUp: true }]);
    expect(await allDie()).toMatchObject({ dropped: [id] });
  });

  test('get a strike for a fault, and none for an outage', async () => {
    const id = await started();
    for (const strikes of [0, 1, 1] as const) {
      const workerId = await workerThat('left');
      expect(await fixture().store.express.claim(workerId, 10)).toMatchObject([{ id }]);
      await fixture().store.express.rest(id, workerId, 0, strikes);
    }
    expect(await take('left')).toEqual([]);
    expect(await take('only')).toEqual([{ id, isGivenUp: false }]);
  });
});

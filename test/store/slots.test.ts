/** Caps on the concurrency of a state machine: docs/overload.md. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeEvents } from '../../runtime/execution/codec.ts';
import { redrivenEvent, startedEvent } from '../../runtime/execution/lifecycle.ts';
import type { NewExecution } from '../../store/execution.ts';
import type { Store } from '../../store/store.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, NOON, SUCCEEDED, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const cap = (maximum: number) => [{ key: 'statehouse:maxConcurrency', value: String(maximum) }];

class Machine {
  readonly id: string;
  readonly revisionRowId: string;

  constructor({ id, revisionRowId }: { id: string; revisionRowId: string }) {
    this.id = id;
    this.revisionRowId = revisionRowId;
  }

  async start(overrides: Partial<NewExecution> = {}, store: Store = fixture().store): Promise<string> {
    const { id: stateMachineId, revisionRowId } = this;
    const execution = await fixture().newExecution({ stateMachineId, revisionRowId, ...overrides });
    const outcome = await store.executions.start(execution);
    if (outcome.kind !== 'started') throw new Error(`not started: ${outcome.kind}`);
    return outcome.executionId;
  }

  async startSome(count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await this.start());
    return ids;
  }

  tag(maximum: number): Promise<unknown> {
    return fixture().store.tags.add({ type: 'stateMachine', id: this.id }, cap(maximum), 50);
  }

  untag(): Promise<void> {
    return fixture().store.tags.remove({ type: 'stateMachine', id: this.id }, ['statehouse:maxConcurrency']);
  }

  /** Those that hold a slot and those that wait for one, oldest first. */
  async slots(): Promise<{ held: string[]; waiting: string[] }> {
    const rows = await fixture().query<{ id: string; held: boolean }>(
      'select execution_id as id, held from statehouse.execution_slots where state_machine_id = $1 order by 1',
      [this.id],
    );
    const ids = (held: boolean) => rows.filter((row) => row.held === held).map(({ id }) => id);
    return { held: ids(true), waiting: ids(false) };
  }
}

async function capped(maximum: number): Promise<Machine> {
  return new Machine(await fixture().machine(undefined, cap(maximum)));
}

/** Ends an execution as a worker does. */
async function finish(executionId: string, store: Store = fixture().store): Promise<void> {
  const claim = await store.leases.claim(executionId, workerId);
  if (claim) await store.leases.append(appendTo(claim, { end: SUCCEEDED }));
}

let workerId: string;
beforeEach(async () => {
  await fixture().deleteJobs();
  workerId = await fixture().worker();
});

describe('over the cap', () => {
  test('executions start as rows without jobs, and nobody can claim them', async () => {
    const machine = await capped(2);
    const [first, second, third] = (await machine.startSome(3)) as [string, string, string];
    expect(await fixture().jobs()).toEqual([first, second]);
    expect(await machine.slots()).toEqual({ held: [first, second], waiting: [third] });
    expect(await fixture().row(third)).toMatchObject({ status: 'RUNNING', owner: null });
    expect(await fixture().store.leases.claim(third, workerId)).toBeUndefined();
    expect(await fixture().store.leases.claim(first, workerId)).toBeDefined();
  });

  test('a batch of starts gets what slots there are, each machine its own', async () => {
    const [one, other, free] = [await capped(2), await capped(1), new Machine(await fixture().machine())];
    await Promise.all([one, other, free].flatMap((machine) => [1, 2, 3].map(() => machine.start())));
    expect((await one.slots()).held).toHaveLength(2);
    expect((await other.slots()).held).toHaveLength(1);
    expect(await free.slots()).toEqual({ held: [], waiting: [] });
    expect(await fixture().jobs()).toHaveLength(6);
  });

  test('the oldest that waits gets the slot of one that ends, in the same transaction', async () => {
    const machine = await capped(1);
    const [first, second, third] = (await machine.startSome(3)) as [string, string, string];
    await finish(first);
    expect(await machine.slots()).toEqual({ held: [second], waiting: [third] });
    await fixture().store.executions.stop(second, stopWith());
    expect(await machine.slots()).toEqual({ held: [third], waiting: [] });
    expect(await fixture().jobs()).toEqual([first, second, third]);
    await finish(third);
    expect(await machine.slots()).toEqual({ held: [], waiting: [] });
  });

  test('one that waits is stopped at once, and takes no slot along', async () => {
    const machine = await capped(1);
    const [first, second, third] = (await machine.startSome(3)) as [string, string, string];
    await fixture().store.executions.stop(second, stopWith());
    expect(await fixture().row(second)).toMatchObject({ status: 'ABORTED' });
    expect(await machine.slots()).toEqual({ held: [first], waiting: [third] });
  });

  test('one whose TimeoutSeconds are over while it waits gets a job to end by', async () => {
    const machine = await capped(1);
    await machine.start();
    const body = encodeEvents([
      startedEvent({
        identity: {
          executionArn: 'arn',
          executionName: 'e',
          stateMachineArn: 'arn',
          stateMachineName: 'm',
          region: 'us-east-1',
          secret: 's',
        },
        roleArn: 'arn',
        input: '{}',
        time: NOON,
        startAt: 'A',
        timeoutSeconds: 60,
      }),
    ]);
    const late = await machine.start({ body });
    expect((await fixture().row(late)).wake_at).toEqual(new Date(NOON + 60_000));
    await fixture().deleteJobs();
    const store = await fixture().another({ now: NOON + 60_000 });
    expect(await store.workers.wakeDue(100, 0)).toBe(1);
    expect(await fixture().jobs()).toEqual([late]);
    expect(await fixture().store.leases.claim(late, workerId)).toBeDefined();
    expect((await machine.slots()).held).not.toContain(late);
  });

  test('a redriven execution waits as well', async () => {
    const machine = await capped(1);
    const [first, second] = (await machine.startSome(2)) as [string, string];
    await fixture().store.executions.stop(first, stopWith());
    const outcome = await fixture().store.executions.redrive(first, {
      clientToken: undefined,
      body: ({ id, time, redriveCount }) =>
        encodeEvents([redrivenEvent({ id, time, redriveCount, timeoutSeconds: undefined })]),
    });
    expect(outcome.kind).toBe('redriven');
    expect(await machine.slots()).toEqual({ held: [second], waiting: [first] });
    expect(await fixture().store.leases.claim(first, workerId)).toBeUndefined();
    await finish(second);
    expect(await machine.slots()).toEqual({ held: [first], waiting: [] });
  });

  test('children that tasks start wait as well', async () => {
    const machine = await capped(1);
    const [first] = await machine.startSome(1);
    const { claim } = await fixture().owned();
    const execution = await fixture().newExecution({
      stateMachineId: machine.id,
      revisionRowId: machine.revisionRowId,
    });
    const children = [{ scheduledEventId: claim.nextEventId, isAwaited: true, execution }];
    expect(await fixture().store.leases.append(appendTo(claim, { children }))).toBe('won');
    const { held, waiting } = await machine.slots();
    expect(held).toEqual([first]);
    await finish(first as string);
    expect(await machine.slots()).toEqual({ held: waiting, waiting: [] });
  });

  test('with all jobs gone, those with a slot get new ones, and those without get none', async () => {
    const machine = await capped(1);
    const [first] = await machine.startSome(2);
    await fixture().deleteJobs();
    await fixture().query(
      "update statehouse.executions set wake_at = now() where id = $1 or (wake_at <> 'infinity' and state_machine_id = $2)",
      [first, machine.id],
    );
    await fixture().store.workers.wakeDue(1000, 0);
    expect((await fixture().jobs()).filter((id) => id === first)).toHaveLength(1);
    expect(await fixture().jobs()).not.toContain((await machine.slots()).waiting[0]);
  });
});

describe('a cap that changes', () => {
  test('upwards, lets in at once who waits', async () => {
    const machine = await capped(1);
    const ids = await machine.startSome(4);
    await machine.tag(3);
    expect(await machine.slots()).toEqual({ held: ids.slice(0, 3), waiting: ids.slice(3) });
    expect(await fixture().jobs()).toEqual(ids.slice(0, 3));
  });

  test('downwards, holds as soon as enough have ended', async () => {
    const machine = await capped(3);
    const ids = await machine.startSome(4);
    await machine.tag(1);
    await finish(ids[0] as string);
    await finish(ids[1] as string);
    expect(await machine.slots()).toEqual({ held: [ids[2]], waiting: [ids[3]] });
    await finish(ids[2] as string);
    expect(await machine.slots()).toEqual({ held: [ids[3]], waiting: [] });
  });

  test('to none, lets in all; then nothing is counted', async () => {
    const machine = await capped(1);
    const ids = await machine.startSome(3);
    await machine.untag();
    expect(await machine.slots()).toEqual({ held: ids, waiting: [] });
    const more = await machine.start();
    expect((await machine.slots()).held).not.toContain(more);
    expect(await fixture().jobs()).toContain(more);
  });

  test('for a machine with open executions, counts these first', async () => {
    const machine = new Machine(await fixture().machine());
    const ids = await machine.startSome(2);
    await machine.tag(2);
    const late = await machine.start();
    expect(await machine.slots()).toEqual({ held: [], waiting: [late] });
    expect(await fixture().store.slots.fill()).toBe(0);
    expect(await fixture().store.slots.count()).toBe(2);
    expect(await fixture().store.slots.fill()).toBe(0);
    expect(await machine.slots()).toEqual({ held: ids, waiting: [late] });
    await finish(ids[0] as string);
    expect((await machine.slots()).waiting).toEqual([]);
  });

  test('the default is for machines whose tags name none', async () => {
    const [tagged, plain] = [await capped(2), new Machine(await fixture().machine())];
    const { slots } = fixture().store;
    await slots.setDefaultCap(1);
    const later = new Machine(await fixture().machine());
    for (const machine of [tagged, plain, later]) await machine.startSome(3);
    const held = async () =>
      Promise.all([tagged, plain, later].map(async (machine) => (await machine.slots()).held.length));
    expect(await held()).toEqual([2, 1, 1]);
    await tagged.untag();
    expect((await tagged.slots()).held).toHaveLength(2);
    await slots.setDefaultCap(undefined);
    expect(await held()).toEqual([3, 3, 3]);
  });
});

test('a slot that a closed execution holds, which never happens, is given back', async () => {
  const machine = await capped(1);
  const [first, second] = (await machine.startSome(2)) as [string, string];
  await fixture().query("update statehouse.executions set status = 'FAILED' where id = $1", [first]);
  expect(await fixture().store.slots.fill()).toBe(1);
  expect(await machine.slots()).toEqual({ held: [second], waiting: [] });
});

test('executions of a machine that is being deleted get no slots any more', async () => {
  const record = await fixture().machine(undefined, cap(1));
  const machine = new Machine(record);
  const [first, second] = (await machine.startSome(2)) as [string, string];
  await fixture().store.stateMachines.delete(PLACE, record.name);
  await fixture().store.executions.stop(first, stopWith());
  expect(await machine.slots()).toEqual({ held: [], waiting: [second] });
  await fixture().store.executions.stop(second, stopWith());
  expect(await fixture().store.stateMachines.find(PLACE, record.name)).toBeUndefined();
});

test('whatever happens at the same time, no slot is lost and none is given twice', async () => {
  const others = [fixture().store, await fixture().another(), await fixture().another()];
  const step = fc.record({
    kind: fc.constantFrom('start', 'start', 'finish', 'finish', 'stop', 'child'),
    machine: fc.nat(1),
    store: fc.nat(2),
    pick: fc.nat(1000),
    delayMs: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, maximum) => {
        const machines = [await capped(maximum), await capped(maximum)] as const;
        const open: string[] = [];
        let isOver = false;
        const mostHeld = async () => {
          let most = 0;
          while (!isOver)
            for (const machine of machines) most = Math.max(most, (await machine.slots()).held.length);
          return most;
        };
        const run = async ({ kind, machine: which, store: at, pick, delayMs }: (typeof steps)[number]) => {
          const machine = machines[which] as Machine;
          const store = others[at] as Store;
          await sleep(delayMs);
          const target = open[pick % Math.max(open.length, 1)];
          if (kind === 'child') {
            const { claim } = await fixture().owned();
            const { id: stateMachineId, revisionRowId } = machine;
            const execution = await fixture().newExecution({ stateMachineId, revisionRowId });
            const children = [{ scheduledEventId: claim.nextEventId, isAwaited: false, execution }];
            await store.leases.append(appendTo(claim, { children, end: SUCCEEDED }));
          } else if (kind === 'start' || target === undefined) open.push(await machine.start({}, store));
          else if (kind === 'finish') await finish(target, store);
          else await store.executions.stop(target, stopWith());
        };
        const watching = mostHeld();
        await Promise.all(steps.map(run));
        isOver = true;
        expect(await watching).toBeLessThanOrEqual(maximum);
        await fixture().store.slots.fill(); // who was locked just then was skipped
        for (const machine of machines) {
          const { held, waiting } = await machine.slots();
          const [row] = await fixture().query<{ running: number }>(
            "select count(*)::int as running from statehouse.executions where state_machine_id = $1 and status = 'RUNNING'",
            [machine.id],
          );
          expect(held.length + waiting.length).toBe(row?.running);
          expect(held.length).toBe(Math.min(maximum, held.length + waiting.length));
        }
      },
    ),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 6) },
  );
});

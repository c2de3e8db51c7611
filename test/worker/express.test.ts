/** Asynchronous Express executions: never lost, run from their beginning again when their worker is gone. */
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { encodeEvents, type JournalEvent, startedEvent } from '../../runtime/index.ts';
import { uuidOf } from '../../store/uuid.ts';
import { DEFAULT_TUNING } from '../../worker/tuning.ts';
import { tcpProxy } from '../store/tcp-proxy.ts';
import { PLACE } from '../support/place.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { createWorld, functionArn, succeed, type World } from './world.ts';

const task = (name: string) => ({ Type: 'Task', Resource: functionArn(name) });
const ONE_TASK = { StartAt: 'A', States: { A: { ...task('f'), End: true } } };
const TWO_TASKS = {
  StartAt: 'A',
  States: { A: { ...task('f'), Next: 'B' }, B: { ...task('g'), End: true } },
};

/** A state machine of which executions can be started. */
async function expressMachine({ store }: World, definition: object) {
  const name = `express-${randomBytes(6).toString('hex')}`;
  const { machine } = await store.stateMachines.create({
    place: PLACE,
    name,
    type: 'EXPRESS',
    definition: JSON.stringify(definition),
    roleArn: 'arn:aws:iam::000000000000:role/test',
    loggingConfiguration: null,
    tracingConfiguration: null,
    encryptionConfiguration: null,
  });
  return {
    name,
    start: (input: unknown = {}, version?: number) => {
      const id = uuidOf(Date.now());
      const arn = `arn:aws:states:us-east-1:000000000000:express:${name}:run:${id}`;
      const started = startedEvent({
        identity: {
          executionArn: arn,
          executionName: 'run',
          stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`,
          stateMachineName: name,
          region: 'us-east-1',
          secret: 'secret',
        },
        roleArn: machine.roleArn,
        input: JSON.stringify(input),
        time: Date.now(),
        startAt: 'A',
        timeoutSeconds: undefined,
      });
      const event =
        version === undefined ? started : { ...started, private: { ...started.private, version } };
      return store.express.start({
        id,
        stateMachineId: machine.id,
        revisionRowId: machine.revisionRowId,
        body: encodeEvents([event]),
      });
    },
  };
}

function remember(inputs: unknown[], input: unknown) {
  inputs.push(input);
  return succeed(1);
}

/** Resolves when no Express execution is left. */
async function allDone(world: World): Promise<void> {
  while ((await rows(world)) > 0) {}
}

async function rows(world: World): Promise<number> {
  const [found] = await world.sql<{ count: number }>(
    'select count(*)::int from statehouse.express_executions',
  );
  return found?.count ?? 0;
}

test('what was started before there is a worker, and after, runs to its end', async () => {
  const inputs: unknown[] = [];
  const world = await createWorld({ f: ({ input }) => remember(inputs, input.value) });
  const machine = await expressMachine(world, ONE_TASK);
  expect(await machine.start('before')).toBe('started');
  await world.worker();
  await allDone(world);
  expect(await machine.start('after')).toBe('started');
  await allDone(world);
  expect(inputs).toEqual(['before', 'after']);
});

test('starts at the same moment are one row each, and each runs once', async () => {
  const inputs: unknown[] = [];
  const world = await createWorld({ f: ({ input }) => remember(inputs, input.value) });
  const machine = await expressMachine(world, ONE_TASK);
  const numbers = Array.from({ length: 300 }, (_, n) => n);
  await Promise.all([world.worker(), world.worker(), ...numbers.map((n) => machine.start(n))]);
  await allDone(world);
  expect(inputs.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers);
});

test('a failed execution is over as well', async () => {
  const world = await createWorld();
  const machine = await expressMachine(world, { StartAt: 'A', States: { A: { Type: 'Fail' } } });
  await machine.start();
  await world.worker();
  await allDone(world);
});

test('when its worker is gone another one runs it, from its beginning', async () => {
  let hung = true;
  const world = await createWorld({
    f: () => succeed(1),
    g: () => (hung ? new Promise(() => {}) : succeed(2)),
  });
  const machine = await expressMachine(world, TWO_TASKS);
  await world.worker({ workerTimeoutSeconds: 1_000_000 });
  await machine.start();
  await world.tasks.called('g');
  hung = false;
  // As the reconciler finds a worker that has not been heard of for too long.
  await world.sql('delete from statehouse.workers');
  await world.sql(
    `select statehouse.release(array(select distinct owner from statehouse.express_executions))`,
  );
  const other = await world.worker();
  await other.services.express.runOnce();
  await allDone(world);
  expect(world.tasks.received).toHaveLength(4);
});

test('a worker that was taken for dead does not end what runs elsewhere', async () => {
  const answers: (() => void)[] = [];
  const world = await createWorld({
    f: () => new Promise((resolve) => answers.push(() => resolve(succeed(1)))),
  });
  const machine = await expressMachine(world, ONE_TASK);
  const first = await world.worker();
  await machine.start();
  await world.tasks.called('f');
  await world.sql('update statehouse.express_executions set owner = 424242');
  answers[0]?.();
  await first.stop();
  expect(await rows(world)).toBe(1);
});

test('a stopping worker lets calls under way end', async () => {
  const world = await createWorld({
    f: () => new Promise((resolve) => setImmediate(() => resolve(succeed(1)))),
  });
  const machine = await expressMachine(world, ONE_TASK);
  const worker = await world.worker({ graceSeconds: 30 });
  await machine.start();
  await world.tasks.called('f');
  await worker.stop();
  expect(await rows(world)).toBe(0);
});

test('what does not end in time is run again by another one', async () => {
  let hung = true;
  const world = await createWorld({ f: () => (hung ? new Promise(() => {}) : succeed(1)) });
  const machine = await expressMachine(world, ONE_TASK);
  const worker = await world.worker({ graceSeconds: 0 });
  await machine.start();
  await world.tasks.called('f');
  await worker.stop();
  expect(await rows(world)).toBe(1);
  hung = false;
  await world.worker();
  await allDone(world);
});

test('no more are alive than a worker may have', async () => {
  let alive = 0;
  let most = 0;
  const world = await createWorld({
    f: async () => {
      most = Math.max(most, ++alive);
      await new Promise((resolve) => setImmediate(resolve));
      alive--;
      return succeed(1);
    },
  });
  const machine = await expressMachine(world, ONE_TASK);
  for (let n = 0; n < 20; n++) await machine.start(n);
  await world.worker({ tuning: { ...DEFAULT_TUNING, expressExecutionsMax: 3 } });
  await allDone(world);
  expect(most).toBe(3);
});

test('one that meets a fault of ours rests, and its neighbours go on', async () => {
  const world = await createWorld({ f: () => succeed(1) });
  const machine = await expressMachine(world, ONE_TASK);
  await machine.start({}, 1_000_000);
  await machine.start();
  await world.worker();
  const left = async () =>
    world.sql<{ rests: boolean }>(
      'select owner is null and run_at > statehouse.now() as rests from statehouse.express_executions',
    );
  let found = await left();
  while (found.length > 1 || !found[0]?.rests) found = await left();
  expect(world.tasks.received).toHaveLength(1);
});

test('one that could be neither ended nor given back is run again', async () => {
  const world = await createWorld({ f: () => succeed(1) });
  const machine = await expressMachine(world, ONE_TASK);
  await machine.start();
  const { express } = world.store;
  const refused: string[] = [];
  /** Fails the first time. */
  const refuseOnce = <Call extends (...input: never[]) => Promise<unknown>>(name: string, call: Call) =>
    ((...input) => {
      if (refused.includes(name)) return call(...input);
      refused.push(name);
      return Promise.reject(new Error('refused'));
    }) as Call;
  const unwilling = {
    ...express,
    finish: refuseOnce('finish', express.finish),
    rest: refuseOnce('rest', express.rest),
  };
  const worker = await world.worker({ store: { ...world.store, express: unwilling } });
  await vi.waitFor(() => expect(refused).toEqual(['finish', 'rest']));
  await vi.waitFor(async () => {
    await worker.services.express.runOnce();
    expect(await rows(world)).toBe(0);
  });
  expect(world.tasks.received).toHaveLength(2);
});

test('nothing starts of a state machine that is being deleted', async () => {
  const world = await createWorld();
  const machine = await expressMachine(world, ONE_TASK);
  await world.store.stateMachines.delete(PLACE, machine.name);
  expect(await machine.start()).toBe('deleting');
  expect(await rows(world)).toBe(0);
});

test('a claim whose answer is lost costs nothing that is under way, and its execution runs', async () => {
  const database = await createTestDatabase();
  const proxy = await tcpProxy(database.url);
  onTestFinished(() => proxy.close());
  const answers = Promise.withResolvers<ReturnType<typeof succeed>>();
  const inputs: unknown[] = [];
  const world = await createWorld(
    { hold: () => answers.promise, f: ({ input }) => remember(inputs, input.value) },
    { ...database, url: proxy.url },
  );
  const worker = await world.worker();
  const standard = await world.start({ StartAt: 'A', States: { A: { ...task('hold'), End: true } } });
  await world.tasks.called('hold');
  const broken = proxy.swallowAnswerTo('claim_express');
  await (await expressMachine(world, ONE_TASK)).start('stray');
  await broken;
  await vi.waitFor(() => worker.services.express.runOnce());
  await allDone(world);
  await vi.waitFor(() => worker.services.heartbeat.runOnce());
  answers.resolve(succeed('kept'));
  expect(await world.ended(standard)).toMatchObject({ output: '"kept"' });
  expect(inputs).toEqual(['stray']);
  expect(world.tasks.aborted).toEqual([]);
});

test('one that nobody can run is ended, for all who watch it', async () => {
  const world = await createWorld({ f: () => succeed(1) });
  const machine = await expressMachine(world, ONE_TASK);
  await machine.start();
  await world.sql('update statehouse.express_executions set strikes = 5');
  const events: JournalEvent[] = [];
  await world.worker({ watcher: { watch: () => ({ record: (more) => events.push(...more) }) } });
  await allDone(world);
  expect(events).toMatchObject([
    { type: 'ExecutionStarted' },
    { type: 'ExecutionAborted', id: 2, details: { error: 'States.Runtime' } },
  ]);
  expect(world.tasks.received).toEqual([]);
});

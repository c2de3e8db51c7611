/** Children whose parents change hands, and children that nobody waits for any more. */
import { describe, expect, test, vi } from 'vitest';
import type { TaskOutcomes, TransactionalIntegration } from '../../integrations/integration.ts';
import { encodeEvents, type JournalEvent, redrivenEvent, toHistoryEvent } from '../../runtime/index.ts';
import type { StopEnd } from '../../store/execution.ts';
import type { AfterAppend } from '../../worker/activation-context.ts';
import type { Worker } from '../../worker/worker.ts';
import {
  detailsOf,
  executionsOf,
  FAILING,
  LONG,
  SHORT,
  starter,
  starts,
  typesOf,
} from './child-executions.ts';
import { sequence, task } from './small-machines.ts';
import { createWorld, fail, succeed, type World } from './world.ts';

const NO_SNAPSHOTS = { events: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY };
const STOPPED: StopEnd = { status: 'ABORTED', error: undefined, cause: undefined, body: () => '[]' };

/** Takes all workers that there are for dead. */
async function takeForDead(world: World): Promise<void> {
  await world.sql(`update statehouse.workers set heartbeat_at = 'epoch'`);
  await world.sql('select * from statehouse.reconcile(0)');
}

/** A worker that starts children, and dies before it learns what has come of it. */
async function dyingWorker(
  world: World,
): Promise<{ worker: Worker; announced: Promise<void>; die: () => Promise<void> }> {
  const announced = Promise.withResolvers<void>();
  const died = Promise.withResolvers<TaskOutcomes>();
  const { states } = world;
  const dying: TransactionalIntegration = {
    ...{ name: states.name, recovery: states.recovery, lost: () => states.lost() },
    serves: (resource) => states.serves(resource),
    recall: (...recalled) => states.recall(...recalled),
    invoke: (call) => states.invoke(call),
    close: () => states.close(),
    prepare: async (...prepared) => ({
      children: (await states.prepare(...prepared)).children,
      outcomes: () => {
        announced.resolve();
        return died.promise;
      },
    }),
  };
  const worker = await world.worker({
    integrations: { find: (resource) => (states.serves(resource) ? dying : undefined) },
  });
  const die = async (): Promise<void> => {
    await takeForDead(world);
    died.resolve(new Map());
    await worker.stop();
  };
  return { worker, announced: announced.promise, die };
}

describe('a worker that dies when it has started a child', () => {
  test.each([
    ['that still runs', sequence([['wait', { Type: 'Wait', Seconds: 2 }]]), 'RUNNING'],
    ['that has ended', SHORT, 'SUCCEEDED'],
  ])('%s: the next owner goes on with that one', async (_when, definition, status) => {
    const world = await createWorld();
    const child = await world.stateMachine(definition);
    const { announced, die } = await dyingWorker(world);
    const executionId = await world.start(starter(child, '.sync:2'));
    await announced;
    await vi.waitFor(async () => expect(await executionsOf(world, child)).toMatchObject([{ status }]));
    const [started] = await executionsOf(world, child);
    await die();
    await world.worker();
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await executionsOf(world, child)).toMatchObject([{ id: started?.id, status: 'SUCCEEDED' }]);
    expect(typesOf(await world.journal(executionId))).toEqual([
      ...['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSubmitted'],
      ...['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'],
    ]);
  });

  test.each(['', '.sync:2'] as const)(
    'that has ended and was removed: the next owner starts no other one (%s)',
    async (form) => {
      const world = await createWorld();
      const child = await world.stateMachine(SHORT);
      const { announced, die } = await dyingWorker(world);
      const executionId = await world.start(starter(child, form));
      await announced;
      await vi.waitFor(async () =>
        expect(await executionsOf(world, child)).toMatchObject([{ status: 'SUCCEEDED' }]),
      );
      const [started] = await executionsOf(world, child);
      // A worker's clock may be some ms ahead of the database's: what has ended just now may not be due yet.
      await vi.waitFor(async () => {
        await world.store.retention.removeExecutions({
          ...{ retentionMs: 0, after: undefined },
          limits: { executions: 10, journalRows: 1000, journalBytes: 1_000_000 },
        });
        expect(await executionsOf(world, child)).toEqual([]);
      });
      await die();
      await world.worker();
      const { status, output } = await world.ended(executionId);
      expect(status).toBe('SUCCEEDED');
      expect(JSON.parse(output ?? '').ExecutionArn).toMatch(new RegExp(`:${started?.name}$`));
      expect(await executionsOf(world, child)).toEqual([]);
    },
  );

  test('that could not be started: the next owner finds the same out', async () => {
    const world = await createWorld();
    const child = await world.stateMachine(SHORT);
    const first = await world.worker();
    await world.ended(await world.start(starter(child, '.sync', { Parameters: { Name: 'once' } })));
    await first.stop();
    const { announced, die } = await dyingWorker(world);
    const executionId = await world.start(starter(child, '.sync', { Parameters: { Name: 'once' } }));
    await announced;
    await die();
    await world.worker();
    expect(await world.ended(executionId)).toMatchObject({
      error: 'StepFunctions.ExecutionAlreadyExistsException',
    });
    expect(await executionsOf(world, child)).toHaveLength(1);
  });

  test('whose state machine came only then: it is started now', async () => {
    const world = await createWorld();
    const { announced, die } = await dyingWorker(world);
    const executionId = await world.start(
      starter('arn:aws:states:us-east-1:000000000000:stateMachine:late', '.sync'),
    );
    await announced;
    await die();
    const made = await world.stateMachine(SHORT);
    await world.sql(`update statehouse.state_machines set name = 'late' where name = $1`, [
      made.split(':').at(-1),
    ]);
    await world.worker();
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await executionsOf(world, made.replace(/[^:]*$/, 'late'))).toHaveLength(1);
  });
});

/** Whose histories do not depend on who runs them. */
const HANDED_OVER = {
  'one after the other': (child: string, failing: string) =>
    sequence([
      ['first', starts(child, '', { ResultPath: '$.first' })],
      ['second', starts(child, '.sync', { ResultPath: '$.second' })],
      [
        'third',
        {
          ...starts(failing, '.sync:2', { ResultPath: '$.third' }),
          Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'fourth' }],
        },
      ],
      ['fourth', starts(child, '.sync:2', { Parameters: { Input: { n: 4 } } })],
    ]),
  'side by side': (child: string) =>
    sequence([
      [
        'each',
        {
          Type: 'Map',
          MaxConcurrency: 1,
          Parameters: { 'n.$': '$$.Map.Item.Index' },
          Iterator: starter(child, '.sync:2'),
        },
      ],
    ]),
};

test.each(Object.entries(HANDED_OVER))(
  'every append is taken over by another worker, and no history tells: %s',
  async (_name, definition) => {
    const world = await createWorld();
    const child = await world.stateMachine(SHORT);
    const failing = await world.stateMachine(FAILING);
    const input = _name === 'side by side' ? [1, 2, 3] : {};
    const tuning = { snapshotAfter: NO_SNAPSHOTS, maxEventsPerTransition: 0, hotMs: 0 };
    const undisturbed = await world.worker({ tuning });
    const reference = await world.start(definition(child, failing), input);
    await world.ended(reference);
    await undisturbed.stop();
    const before = (await executionsOf(world, child)).length;

    const owners = new Set<number>();
    for (const n of [1, 2]) {
      const afterAppend: AfterAppend = () => {
        owners.add(n);
        return 'end-activation';
      };
      await world.worker({ tuning, hooks: { afterAppend } });
    }
    const executionId = await world.start(definition(child, failing), input);
    await world.ended(executionId);
    expect(shown(await world.journal(executionId))).toEqual(shown(await world.journal(reference)));
    expect((await executionsOf(world, child)).length).toBe(2 * before);
    expect(owners.size).toBe(2);
  },
);

/** A history without what is drawn or measured anew each time. */
function shown(journal: readonly JournalEvent[]): string {
  const history = journal.flatMap((event) => toHistoryEvent(event, { includeExecutionData: true }) ?? []);
  return JSON.stringify(history, undefined, 1)
    .replace(/"timestamp": [\d.]+/g, '"timestamp"')
    .replace(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, 'uuid')
    .replace(/(St(?:art|op)Date\\*":)\d+/g, '$1ms')
    .replace(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT/g, 'date')
    .replace(/(Content-Length\\*":\[?\\*")\d+/g, '$1length')
    .replace(/machine-[\da-f]{12}/g, 'machine');
}

describe('a child that nobody waits for any more is stopped', () => {
  async function orphaned(world: World, child: string): Promise<void> {
    await vi.waitFor(async () => {
      const statuses = (await executionsOf(world, child)).map(({ status }) => status);
      expect([...new Set(statuses)]).toEqual(['ABORTED']);
    }, 10_000);
  }

  async function submitted(world: World, executionId: string): Promise<void> {
    await vi.waitFor(
      async () => expect(typesOf(await world.journal(executionId))).toContain('TaskSubmitted'),
      10_000,
    );
  }

  test('when its parent is stopped, and its own children with it', async () => {
    const world = await createWorld();
    await world.worker();
    const grandchild = await world.stateMachine(LONG);
    const child = await world.stateMachine(starter(grandchild, '.sync'));
    const executionId = await world.start(starter(child, '.sync:2'));
    await vi.waitFor(async () => expect(await executionsOf(world, grandchild)).toHaveLength(1), 10_000);
    await world.store.executions.stop(executionId, STOPPED);
    await orphaned(world, grandchild);
    const [stopped] = await executionsOf(world, child);
    const { stateMachineName, name } = await world.record(executionId);
    expect(stopped).toMatchObject({
      status: 'ABORTED',
      cause: `The execution that waited for this one has ended as ABORTED: arn:aws:states:us-east-1:000000000000:execution:${stateMachineName}:${name}`,
    });
    expect((await world.journal(stopped?.id ?? '')).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      details: { cause: stopped?.cause },
    });
  });

  test('when its parent is stopped before any worker has looked at it', async () => {
    const world = await createWorld();
    const child = await world.stateMachine(LONG);
    const { worker, announced } = await dyingWorker(world);
    const executionId = await world.start(starter(child, '.sync'));
    await announced;
    await world.store.executions.stop(executionId, STOPPED);
    await worker.services.orphans.runOnce();
    expect(await executionsOf(world, child)).toMatchObject([{ status: 'ABORTED' }]);
  });

  test('when its task has timed out; the next attempt gets its own', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(LONG);
    const executionId = await world.start(
      starter(child, '.sync', {
        TimeoutSeconds: 1,
        Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 1 }],
      }),
    );
    expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    await orphaned(world, child);
    const children = await executionsOf(world, child);
    expect(children).toHaveLength(2);
    expect(children[0]?.cause).toMatch(/^The task that waited for this execution timed out or was aborted: /);
  });

  test('when its branch is aborted', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(LONG);
    const failing = {
      StartAt: 'wait',
      States: { wait: { Type: 'Wait', Seconds: 1, Next: 'fail' }, fail: { Type: 'Fail', Error: 'Bad' } },
    };
    const executionId = await world.start(
      sequence([
        [
          'both',
          {
            Type: 'Parallel',
            Branches: [starter(child, '.sync'), failing],
            Catch: [{ ErrorEquals: ['Bad'], Next: 'on' }],
          },
        ],
        ['on', { Type: 'Wait', Seconds: 600 }],
      ]),
    );
    await orphaned(world, child);
    expect(await executionsOf(world, child)).toHaveLength(1);
    expect((await world.record(executionId)).status).toBe('RUNNING');
  });

  test('when its parent ends by itself', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(LONG);
    const executionId = await world.start({ ...starter(child, '.sync'), TimeoutSeconds: 1 });
    expect(await world.ended(executionId)).toMatchObject({ status: 'TIMED_OUT' });
    await orphaned(world, child);
  });

  test('but not one that nobody ever waited for', async () => {
    const world = await createWorld();
    const worker = await world.worker();
    const child = await world.stateMachine(LONG);
    const executionId = await world.start(
      sequence([
        ['start', starts(child, '')],
        ['ask', starts(child, '.waitForTaskToken')],
      ]),
    );
    await submitted(world, executionId);
    await world.store.executions.stop(executionId, STOPPED);
    await worker.services.orphans.runOnce();
    expect(await executionsOf(world, child)).toMatchObject([{ status: 'RUNNING' }, { status: 'RUNNING' }]);
  });

  test('and a child that is stopped by somebody else fails its task', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(LONG);
    const executionId = await world.start(starter(child, '.sync'));
    await submitted(world, executionId);
    const [running] = await executionsOf(world, child);
    await world.store.executions.stop(running?.id ?? '', { ...STOPPED, error: 'Enough' });
    const { error, cause } = await world.ended(executionId);
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause ?? '')).toMatchObject({ Status: 'ABORTED', Error: 'Enough' });
    expect(detailsOf(await world.journal(executionId), 'TaskFailed')).toMatchObject({
      resource: 'startExecution.sync',
      resourceType: 'states',
    });
  });
});

test('a redriven parent starts a child anew', async () => {
  let calls = 0;
  const world = await createWorld({ work: () => (++calls === 1 ? fail('Bad') : succeed('better')) });
  await world.worker();
  const child = await world.stateMachine(task('work'));
  const executionId = await world.start(starter(child, '.sync:2', { OutputPath: '$.Output' }));
  expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
  await world.store.executions.redrive(executionId, {
    clientToken: undefined,
    body: (event) => encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]),
  });
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"better"' });
  expect(await executionsOf(world, child)).toMatchObject([{ status: 'FAILED' }, { status: 'SUCCEEDED' }]);
});

test('a stopping worker leaves its children to others', async () => {
  const world = await createWorld({ work: () => ({ kind: 'succeeded', output: '1' }) });
  const first = await world.worker();
  const child = await world.stateMachine(task('work'));
  const executionId = await world.start(starter(child, '.sync'));
  await first.stop();
  await world.worker();
  expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await executionsOf(world, child)).toHaveLength(1);
});

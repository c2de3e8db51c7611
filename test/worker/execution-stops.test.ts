/** Ends that no driver writes: whoever watches executions gets to see them, as of an execution that goes on until then. */
import { expect, test, vi } from 'vitest';
import { createApi } from '../../api/api.ts';
import { type JournalEvent, PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { ExecutionWatcher } from '../../telemetry/execution-watch.ts';
import { PLACE } from '../support/place.ts';
import { LONG, starter } from './child-executions.ts';
import { sequence } from './small-machines.ts';
import { createWorld, silent, type World } from './world.ts';

interface Seen {
  readonly executionArn: string;
  /** Where it was when it began to be watched. */
  readonly state: string | undefined;
  readonly types: string[];
}

/** Notes what is recorded, of executions that it is asked to watch from their journals' ends. */
class Onlooker implements ExecutionWatcher {
  readonly seen: Seen[] = [];

  get aborted(): Seen[] {
    return this.seen.filter(({ types }) => types.includes('ExecutionAborted'));
  }

  watch({ identity, branches }: Parameters<ExecutionWatcher['watch']>[0]) {
    const seen: Seen = {
      executionArn: identity.executionArn,
      state: branches.get(0)?.enteredEventId === 0 ? undefined : branches.get(0)?.state,
      types: [],
    };
    this.seen.push(seen);
    return {
      record: (events: readonly JournalEvent[]) => void seen.types.push(...events.map(({ type }) => type)),
    };
  }
}

async function stop(world: World, watcher: ExecutionWatcher, executionArn: string): Promise<void> {
  const api = createApi({
    store: world.store,
    place: PLACE,
    ceilings: PORTABLE_LIMITS,
    traceSampler: undefined,
    logger: silent,
    watcher,
  });
  const { statusCode } = await api.inject({
    method: 'POST',
    url: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StopExecution',
    },
    payload: JSON.stringify({ executionArn }),
  });
  await api.close();
  expect(statusCode).toBe(200);
}

/** An execution that has come to its Wait. */
async function waiting(world: World, level: 'OFF' | 'FATAL' = 'FATAL'): Promise<string> {
  const definition = sequence([
    ['p', { Type: 'Pass' }],
    ['Rest', LONG.States.Wait],
  ]);
  const executionId = await world.start(definition, {}, undefined, { loggingConfiguration: { level } });
  await vi.waitFor(
    async () => expect((await world.journal(executionId)).at(-1)?.type).toBe('WaitStateEntered'),
    10_000,
  );
  const { stateMachineName, name } = await world.record(executionId);
  return `arn:aws:states:us-east-1:000000000000:execution:${stateMachineName}:${name}`;
}

test('StopExecution', async () => {
  const world = await createWorld();
  await world.worker();
  const executionArn = await waiting(world);
  const onlooker = new Onlooker();
  await stop(world, onlooker, executionArn);
  expect(onlooker.aborted).toEqual([{ executionArn, state: 'Rest', types: ['ExecutionAborted'] }]);
  await stop(world, onlooker, executionArn);
  expect(onlooker.aborted).toHaveLength(1);
});

test('who neither logs nor traces it sees how it began, and its history is not read', async () => {
  const world = await createWorld();
  await world.worker();
  const executionArn = await waiting(world, 'OFF');
  const read = vi.spyOn(world.store.executions, 'journal');
  const onlooker = new Onlooker();
  await stop(world, onlooker, executionArn);
  expect(onlooker.aborted).toEqual([{ executionArn, state: undefined, types: ['ExecutionAborted'] }]);
  expect(read.mock.calls.map(([, range]) => range)).toEqual([
    { from: 1, to: 1 },
    { from: 4, to: 4 },
  ]);
});

test('an orphan', async () => {
  const world = await createWorld();
  const onlooker = new Onlooker();
  const worker = await world.worker({ watcher: onlooker });
  const child = await world.stateMachine(LONG);
  const parent = await world.start({
    ...starter(child, '.sync:2', { TimeoutSeconds: 1000 }),
    TimeoutSeconds: 5,
  });
  await vi.waitFor(
    async () => expect((await world.journal(parent)).at(-1)?.type).toBe('TaskSubmitted'),
    10_000,
  );
  await world.advance(10);
  await world.ended(parent);
  await worker.services.orphans.runOnce();
  expect(onlooker.aborted).toEqual([
    {
      executionArn: expect.stringContaining(child.split(':').at(-1) ?? ''),
      state: undefined,
      types: ['ExecutionAborted'],
    },
  ]);
});

test('the executions of a deleted state machine', async () => {
  const world = await createWorld();
  const onlooker = new Onlooker();
  const worker = await world.worker({ watcher: onlooker });
  const executionArn = await waiting(world);
  const machineName = executionArn.split(':').at(-2) ?? '';
  await world.store.stateMachines.delete(PLACE, machineName);
  await worker.services.deletions.runOnce();
  expect(onlooker.aborted).toEqual([{ executionArn, state: 'Rest', types: ['ExecutionAborted'] }]);
});

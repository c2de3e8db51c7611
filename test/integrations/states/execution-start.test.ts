import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  drawRoute,
  findStartTarget,
  newExecution,
  type StartTarget,
} from '../../../integrations/states/execution-start.ts';
import { createStartPoints } from '../../../integrations/states/start-points.ts';
import { decodeEvents, PORTABLE_LIMITS } from '../../../runtime/index.ts';
import type { StartRoute, StateMachineRecord } from '../../../store/state-machine.ts';
import { useStore } from '../../store/fixture.ts';
import { PLACE } from '../../support/place.ts';

const fixture = useStore();

function lookup() {
  const { stateMachines } = fixture().store;
  return {
    stateMachines,
    startPoints: createStartPoints(stateMachines),
    place: PLACE,
    ceilings: { maxHistoryEvents: 50_000, maxPayloadBytes: PORTABLE_LIMITS.maxPayloadBytes },
  };
}

const find = (arn: string, random = 0, from = lookup()) => findStartTarget(from, arn, random);

async function found(arn: string, random = 0): Promise<StartTarget> {
  const answer = await find(arn, random);
  if (answer.kind !== 'found') throw new Error(`${arn} is ${answer.kind}`);
  return answer.target;
}

const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;

/** A machine whose two revisions are versions 1 and 2, and whose alias `live` gives 25 % to version 1. */
async function versioned(): Promise<{ machine: StateMachineRecord; arn: string; first: StateMachineRecord }> {
  const first = await fixture().machine();
  const { name } = first;
  const { aliases, stateMachines, versions } = fixture().store;
  const description = undefined;
  await versions.publish(PLACE, name, { revisionId: undefined, description });
  const definition = '{"StartAt":"B","TimeoutSeconds":9,"States":{"B":{"Type":"Succeed"}}}';
  const machine = await stateMachines.update(PLACE, name, { definition }, { description });
  if (machine === undefined) throw new Error('the machine is gone');
  const routes = [
    { version: 1, weight: 25 },
    { version: 2, weight: 75 },
  ];
  await aliases.create(PLACE, name, { name: 'live', description, routes });
  return { machine, arn: arnOf(name), first };
}

describe('what a start means', () => {
  test('a state machine is its current revision', async () => {
    const { machine, arn } = await versioned();
    expect(await found(arn)).toEqual({
      stateMachineId: machine.id,
      stateMachineName: machine.name,
      type: 'STANDARD',
      status: 'ACTIVE',
      limits: undefined,
      revisionRowId: machine.revisionRowId,
      roleArn: machine.roleArn,
      startPoint: { startAt: 'B', timeoutSeconds: 9, isTraced: false },
      version: undefined,
      alias: undefined,
    });
  });

  test('a version is its own revision', async () => {
    const { arn, first } = await versioned();
    expect(await found(`${arn}:1`)).toMatchObject({
      revisionRowId: first.revisionRowId,
      startPoint: { startAt: 'A' },
      version: 1,
      alias: undefined,
    });
  });

  test.each([
    [0, 1],
    [0.2499, 1],
    [0.25, 2],
    [0.9999, 2],
  ])('an alias and the number %d come to version %d', async (random, version) => {
    const { arn } = await versioned();
    expect(await found(`${arn}:live`, random)).toMatchObject({ version, alias: 'live' });
  });

  test('tags give limits, up to the ceilings', async () => {
    const { id, name } = await fixture().machine();
    const tag = { key: 'statehouse:maxHistoryEvents', value: '60000' };
    await fixture().store.tags.add({ type: 'stateMachine', id }, [tag], 50);
    expect((await found(arnOf(name))).limits).toEqual({ ...PORTABLE_LIMITS, maxHistoryEvents: 50_000 });
  });

  test.each(['3', '0', '01', 'old', '1:2', 'live:1', '999999999999999999999'])(
    'there is no %s',
    async (qualifier) => {
      const { arn } = await versioned();
      expect(await find(`${arn}:${qualifier}`)).toEqual({ kind: 'missing' });
    },
  );

  test('what is in another place does not exist', async () => {
    const { arn } = await versioned();
    expect(await find(arn.replace('000000000000', '111111111111'))).toEqual({ kind: 'missing' });
    const elsewhere = { ...lookup(), place: { ...PLACE, region: 'eu-west-1' } };
    expect(await find(arn.replace('us-east-1', 'eu-west-1'), 0, elsewhere)).toEqual({ kind: 'missing' });
  });

  test.each([
    ['no-arn', { kind: 'notAnArn' }],
    [
      'arn:aws:states:us-east-1:000000000000:execution:a:b',
      { kind: 'otherResource', resourceType: 'execution' },
    ],
    [arnOf('order/items'), { kind: 'labelled' }],
    [arnOf('order/items:1'), { kind: 'labelled' }],
  ])('%s', async (arn, expected) => {
    expect(await find(arn)).toEqual(expected);
  });

  test('a definition is read once for each revision', async () => {
    const { machine, arn } = await versioned();
    const { stateMachines } = fixture().store;
    let reads = 0;
    const startPoints = createStartPoints({
      revision: (id) => {
        reads++;
        return stateMachines.revision(id);
      },
    });
    await Promise.all([
      find(arn, 0, { ...lookup(), startPoints }),
      find(arn, 0, { ...lookup(), startPoints }),
    ]);
    await find(`${arn}:2`, 0, { ...lookup(), startPoints });
    expect(reads).toBe(1);
    await find(`${arn}:1`, 0, { ...lookup(), startPoints });
    expect(reads).toBe(2);
    await expect(startPoints.of(`${machine.revisionRowId}000000`)).rejects.toThrow('There is no');
  });
});

const weights = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 });

test('each route is drawn by as much of the numbers as its weight is of all', () => {
  fc.assert(
    fc.property(weights, (given) => {
      const total = given.reduce((sum, weight) => sum + weight, 0);
      fc.pre(total > 0);
      const routes = given.map(
        (weight, index): StartRoute => ({ version: index + 1, weight, revisionRowId: '1', roleArn: 'role' }),
      );
      const drawn = given.map(() => 0);
      for (let part = 0; part < total; part++) {
        const { version = 0 } = drawRoute(routes, (part + 0.5) / total);
        drawn[version - 1] = (drawn[version - 1] ?? 0) + 1;
      }
      expect(drawn).toEqual(given);
    }),
  );
});

describe('the execution', () => {
  const request = { name: 'run', input: '{"a": 1}', traceHeader: 'Root=1', time: 1234, trace: undefined };

  test('bears what it is started through, in its row and in its first event', async () => {
    const { machine, arn, first } = await versioned();
    const execution = newExecution(await found(`${arn}:live`), request, PLACE);
    expect(execution).toMatchObject({
      stateMachineId: machine.id,
      revisionRowId: first.revisionRowId,
      version: 1,
      alias: 'live',
      name: 'run',
      input: '{"a": 1}',
      startedAt: 1234,
      traceHeader: 'Root=1',
    });
    const [event] = decodeEvents(execution.body, 1);
    expect(event).toMatchObject({
      type: 'ExecutionStarted',
      timestamp: 1234,
      details: {
        roleArn: first.roleArn,
        stateMachineVersionArn: `${arn}:1`,
        stateMachineAliasArn: `${arn}:live`,
      },
      private: {
        startAt: 'A',
        identity: {
          executionArn: `arn:aws:states:us-east-1:000000000000:execution:${machine.name}:run`,
          stateMachineArn: arn,
        },
      },
    });
  });

  test('of a machine itself bears neither version nor alias', async () => {
    const { arn } = await versioned();
    const execution = newExecution(await found(arn), request, PLACE);
    expect(execution).toMatchObject({ version: undefined, alias: undefined });
    const [event] = decodeEvents(execution.body, 1);
    expect(event?.details).not.toHaveProperty('stateMachineVersionArn');
    expect(event?.details).not.toHaveProperty('stateMachineAliasArn');
    expect(event?.private).toMatchObject({ deadline: 1234 + 9000 });
  });
});

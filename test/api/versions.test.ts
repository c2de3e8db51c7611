import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createMachine,
  PASS_DEFINITION,
  ROLE_ARN,
  start,
  startTestApi,
  type TestApi,
  WAIT_DEFINITION,
} from './test-api.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine';
let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

function create(name: string, change: object = {}) {
  return test.call('CreateStateMachine', { name, definition: WAIT_DEFINITION, roleArn: ROLE_ARN, ...change });
}
const publish = (stateMachineArn: string, change: object = {}) =>
  test.call('PublishStateMachineVersion', { stateMachineArn, ...change });
const update = (stateMachineArn: string, change: object) =>
  test.call('UpdateStateMachine', { stateMachineArn, ...change });
const describeMachine = (stateMachineArn = '') => test.call('DescribeStateMachine', { stateMachineArn });
async function versionsOf(stateMachineArn: string, change: object = {}) {
  return test.call('ListStateMachineVersions', { stateMachineArn, ...change });
}

describe('CreateStateMachine with publish', () => {
  it('makes version 1, which DescribeStateMachine shows', async () => {
    const created = await create('published', { publish: true, versionDescription: 'the first' });
    const stateMachineVersionArn = `${ARN}:published:1`;
    expect(created).toMatchObject({ stateMachineArn: `${ARN}:published`, stateMachineVersionArn });
    const machine = await describeMachine(created.stateMachineArn);
    const version = await describeMachine(stateMachineVersionArn);
    expect(version).toEqual({
      ...machine,
      stateMachineArn: stateMachineVersionArn,
      description: 'the first',
      creationDate: version.creationDate,
    });
    expect(machine).not.toHaveProperty('description');
    expect((await versionsOf(created.stateMachineArn)).stateMachineVersions).toEqual([
      { stateMachineVersionArn, creationDate: version.creationDate },
    ]);
  });

  it('is answered again, and compares publish and the description', async () => {
    const wanted = { publish: true, versionDescription: 'a' };
    const created = await create('repeated', wanted);
    expect(await create('repeated', wanted)).toEqual(created);
    const request = { name: 'repeated', definition: WAIT_DEFINITION, roleArn: ROLE_ARN };
    for (const other of [{}, { publish: true }, { publish: true, versionDescription: 'b' }])
      expect(await test.fail('CreateStateMachine', { ...request, ...other })).toMatchObject({
        type: 'StateMachineAlreadyExists',
      });
    await create('unpublished');
    expect(
      await test.fail('CreateStateMachine', { ...request, name: 'unpublished', publish: true }),
    ).toMatchObject({ type: 'StateMachineAlreadyExists' });
  });

  it('shows a version without a description without one', async () => {
    const { stateMachineVersionArn } = await create('silent', { publish: true });
    expect(await describeMachine(stateMachineVersionArn)).not.toHaveProperty('description');
  });
});

describe('UpdateStateMachine with publish', () => {
  it('publishes what it has made of the machine', async () => {
    const arn = await createMachine(test, 'updated', WAIT_DEFINITION);
    const updated = await update(arn, {
      definition: PASS_DEFINITION,
      publish: true,
      versionDescription: 'faster',
    });
    expect(updated.stateMachineVersionArn).toBe(`${arn}:1`);
    expect(await describeMachine(`${arn}:1`)).toMatchObject({
      definition: PASS_DEFINITION,
      description: 'faster',
      revisionId: updated.revisionId,
    });
  });

  it('answers the version that the revision has already', async () => {
    const arn = await createMachine(test, 'unchanged');
    const change = { definition: PASS_DEFINITION, publish: true };
    const first = await update(arn, change);
    expect(first.stateMachineVersionArn).toBe(`${arn}:1`);
    expect(first).not.toHaveProperty('revisionId');
    expect(await update(arn, change)).toEqual(first);
  });

  it('refuses a description without publish, and publish with nothing to change', async () => {
    const arn = await createMachine(test, 'refused');
    const request = { stateMachineArn: arn, roleArn: `${ROLE_ARN}-2`, versionDescription: 'b' };
    expect(await test.fail('UpdateStateMachine', request)).toEqual({
      status: 400,
      type: 'ValidationException',
      message: 'Version description can only be set when publish is true',
    });
    expect((await test.fail('UpdateStateMachine', { stateMachineArn: arn, publish: true })).type).toBe(
      'MissingRequiredParameter',
    );
    expect((await describeMachine(arn)).roleArn).toBe(ROLE_ARN);
  });
});

describe('PublishStateMachineVersion', () => {
  it('numbers revisions, never again with a number that was deleted', async () => {
    const arn = await createMachine(test, 'numbered');
    const first = await publish(arn, { description: 'one' });
    expect(first.stateMachineVersionArn).toBe(`${arn}:1`);
    expect(await publish(arn)).toEqual(first);
    await update(arn, { roleArn: `${ROLE_ARN}-2` });
    expect((await publish(arn)).stateMachineVersionArn).toBe(`${arn}:2`);
    await test.call('DeleteStateMachineVersion', { stateMachineVersionArn: `${arn}:2` });
    expect((await publish(arn)).stateMachineVersionArn).toBe(`${arn}:3`);
    const { stateMachineVersions } = await versionsOf(arn);
    expect(stateMachineVersions.map((version) => version.stateMachineVersionArn)).toEqual([
      `${arn}:3`,
      `${arn}:1`,
    ]);
  });

  it('publishes the revision that is named, or none', async () => {
    const arn = await createMachine(test, 'revised');
    const conflict = (given: string, current = '') => ({
      status: 409,
      type: 'ConflictException',
      message: `Failed to publish the State Machine version for revision ${given}. The current State Machine revision is ${current}.`,
    });
    const refuse = (revisionId: string) =>
      test.fail('PublishStateMachineVersion', { stateMachineArn: arn, revisionId });
    expect(await refuse('other')).toEqual(conflict('other', 'INITIAL'));
    await publish(arn, { revisionId: 'INITIAL' });
    const { revisionId: second = '' } = await update(arn, { roleArn: `${ROLE_ARN}-2` });
    expect(await refuse('INITIAL')).toEqual(conflict('INITIAL', second));
    await publish(arn, { revisionId: second });
    const { revisionId: third } = await update(arn, { roleArn: `${ROLE_ARN}-3` });
    expect(await refuse(second)).toEqual(conflict(second, third));
  });

  it('goes as far as the quota', async () => {
    const arn = await createMachine(test, 'many');
    for (let n = 0; n < 3; n++) await update(arn, { roleArn: `${ROLE_ARN}-${n}`, publish: true });
    const machine = await test.store.stateMachines.find(
      { partition: 'aws', region: 'us-east-1', accountId: '000000000000' },
      'many',
    );
    await test.query(
      `insert into statehouse.versions (state_machine_id, number, revision_id)
       select state_machine_id, number + n * 10, revision_id
       from statehouse.versions, generate_series(1, 333) as n where state_machine_id = $1 and number <= 3 limit 997`,
      [machine?.id],
    );
    const request = { stateMachineArn: arn, roleArn: `${ROLE_ARN}-beyond` };
    expect(await test.fail('UpdateStateMachine', { ...request, publish: true })).toEqual({
      status: 402,
      type: 'ServiceQuotaExceededException',
      message: 'A state machine can have at most 1000 versions',
    });
    expect((await describeMachine(arn)).roleArn).toBe(`${ROLE_ARN}-2`);
    await test.call('UpdateStateMachine', request);
    expect(await test.fail('PublishStateMachineVersion', { stateMachineArn: arn })).toMatchObject({
      status: 402,
    });
  });
});

it('ListStateMachineVersions pages from the newest on', async () => {
  const arn = await createMachine(test, 'paged');
  for (let n = 0; n < 5; n++) await update(arn, { roleArn: `${ROLE_ARN}-${n}`, publish: true });
  const numbers: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await versionsOf(arn, { maxResults: 2, nextToken });
    expect(page.stateMachineVersions.length).toBeLessThanOrEqual(2);
    numbers.push(...page.stateMachineVersions.map((version) => version.stateMachineVersionArn.slice(-1)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(numbers).toEqual(['5', '4', '3', '2', '1']);
});

describe('DeleteStateMachineVersion', () => {
  it('deletes what is there, and nothing else', async () => {
    const { stateMachineArn: arn } = await create('deleted', { publish: true });
    for (const version of ['1', '1', '7'])
      expect(
        await test.call('DeleteStateMachineVersion', { stateMachineVersionArn: `${arn}:${version}` }),
      ).toEqual({});
    const elsewhere = arn.replace('us-east-1', 'eu-west-1');
    await test.call('DeleteStateMachineVersion', { stateMachineVersionArn: `${elsewhere}:1` });
    await test.call('DeleteStateMachineVersion', { stateMachineVersionArn: `${ARN}:nobody:1` });
    expect((await test.fail('DescribeStateMachine', { stateMachineArn: `${arn}:1` })).type).toBe(
      'StateMachineDoesNotExist',
    );
    expect((await versionsOf(arn)).stateMachineVersions).toEqual([]);
  });

  it('leaves executions running', async () => {
    const { stateMachineVersionArn = '' } = await create('running', { publish: true });
    const executionArn = await start(test, stateMachineVersionArn);
    await test.call('DeleteStateMachineVersion', { stateMachineVersionArn });
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
      status: 'RUNNING',
      stateMachineVersionArn,
    });
    expect((await test.fail('StartExecution', { stateMachineArn: stateMachineVersionArn })).type).toBe(
      'StateMachineDoesNotExist',
    );
  });
});

describe('an execution of a version', () => {
  it('runs and shows what it was started through', async () => {
    const { stateMachineVersionArn = '', stateMachineArn } = await create('started', { publish: true });
    await update(stateMachineArn, { definition: PASS_DEFINITION, roleArn: `${ROLE_ARN}-2` });
    const executionArn = await start(test, stateMachineVersionArn, { name: 'of-version' });
    const plain = await start(test, stateMachineArn, { name: 'plain' });

    const shown = await test.call('DescribeExecution', { executionArn });
    expect(shown).toMatchObject({ stateMachineArn, stateMachineVersionArn });
    expect(shown).not.toHaveProperty('stateMachineAliasArn');
    expect(await test.call('DescribeExecution', { executionArn: plain })).not.toHaveProperty(
      'stateMachineVersionArn',
    );
    const { events } = await test.call('GetExecutionHistory', { executionArn });
    expect(events[0]?.executionStartedEventDetails).toMatchObject({
      roleArn: ROLE_ARN,
      stateMachineVersionArn,
    });
    expect(await test.call('DescribeStateMachineForExecution', { executionArn })).toMatchObject({
      stateMachineArn,
      definition: WAIT_DEFINITION,
      roleArn: ROLE_ARN,
    });

    const listed = await test.call('ListExecutions', { stateMachineArn });
    expect(listed.executions).toMatchObject([
      { name: 'plain' },
      { name: 'of-version', stateMachineVersionArn },
    ]);
    const ofVersion = await test.call('ListExecutions', { stateMachineArn: stateMachineVersionArn });
    expect(ofVersion.executions).toEqual(listed.executions.slice(1));
  });
});

describe('an ARN that is none of a state machine itself', () => {
  it.each([
    ['UpdateStateMachine', { roleArn: ROLE_ARN }],
    ['DeleteStateMachine', {}],
    ['PublishStateMachineVersion', {}],
    ['ListStateMachineVersions', {}],
  ])('is refused by %s', async (operation, input) => {
    await create('qualified', { publish: true });
    for (const qualifier of ['1', 'live', '9'])
      expect(
        await test.fail(operation, { ...input, stateMachineArn: `${ARN}:qualified:${qualifier}` }),
      ).toEqual({
        status: 400,
        type: 'ValidationException',
        message: `'${ARN}:qualified:${qualifier}' is the ARN of a version or an alias, not of a state machine`,
      });
  });

  it.each([
    'DescribeStateMachine',
    'UpdateStateMachine',
    'DeleteStateMachine',
    'PublishStateMachineVersion',
    'ListStateMachineVersions',
    'ListStateMachineAliases',
    'ListExecutions',
    'StartExecution',
    'StartSyncExecution',
  ])('is refused by %s when it bears a label', async (operation) => {
    for (const label of ['label', 'label:1'])
      expect(await test.fail(operation, { stateMachineArn: `${ARN}:order/${label}` })).toMatchObject({
        status: 400,
        type: 'ValidationException',
        reason: 'API_DOES_NOT_SUPPORT_LABELED_ARNS',
      });
  });

  it.each([`${ARN}:qualified`, `${ARN}:qualified:live`])('is no version: %s', async (arn) => {
    expect(await test.fail('DeleteStateMachineVersion', { stateMachineVersionArn: arn })).toEqual({
      status: 400,
      type: 'ValidationException',
      message: `'${arn}' is not the ARN of a state machine version`,
    });
  });

  it('that means nothing is said not to exist', async () => {
    await create('known', { publish: true });
    for (const stateMachineArn of [
      `${ARN}:known:2`,
      `${ARN}:known:live`,
      `${ARN}:unknown:1`,
      `${ARN}:unknown`,
    ])
      for (const operation of [
        'DescribeStateMachine',
        'StartExecution',
        'ListExecutions',
        'StartSyncExecution',
      ])
        expect(await test.fail(operation, { stateMachineArn })).toEqual({
          status: 400,
          type: 'StateMachineDoesNotExist',
          message: `State Machine Does Not Exist: '${stateMachineArn}'`,
        });
    for (const operation of ['PublishStateMachineVersion', 'ListStateMachineVersions'])
      expect((await test.fail(operation, { stateMachineArn: `${ARN}:unknown` })).type).toBe(
        'StateMachineDoesNotExist',
      );
  });
});

describe('StartSyncExecution', () => {
  it('is nothing that STANDARD state machines can do', async () => {
    const { stateMachineVersionArn, stateMachineArn } = await create('standard', { publish: true });
    for (const arn of [stateMachineArn, stateMachineVersionArn])
      expect(await test.fail('StartSyncExecution', { stateMachineArn: arn })).toEqual({
        status: 400,
        type: 'StateMachineTypeNotSupported',
        message: 'This operation is not supported by this type of state machine',
      });
  });

  it.each([
    [{ name: 'a b' }, 'InvalidName'],
    [{ input: 'x' }, 'InvalidExecutionInput'],
    [{ input: `"${'x'.repeat(262_144)}"` }, 'ValidationException'],
    [{ stateMachineArn: 'x' }, 'InvalidArn'],
  ])('of an EXPRESS state machine with %j', async (change, type) => {
    const { stateMachineArn } = await create('express', { type: 'EXPRESS', definition: PASS_DEFINITION });
    expect((await test.fail('StartSyncExecution', { stateMachineArn, ...change })).type).toBe(type);
  });
});

it('a state machine that is being deleted is shown with its versions, and does nothing new', async () => {
  const { stateMachineArn, stateMachineVersionArn } = await create('leaving', { publish: true });
  const executionArn = await start(test, stateMachineArn);
  await test.call('DeleteStateMachine', { stateMachineArn });
  expect(await describeMachine(stateMachineVersionArn)).toMatchObject({ status: 'DELETING' });
  expect((await versionsOf(stateMachineArn)).stateMachineVersions).toHaveLength(1);
  for (const [operation, input] of [
    ['PublishStateMachineVersion', { stateMachineArn }],
    ['UpdateStateMachine', { stateMachineArn, roleArn: ROLE_ARN, publish: true }],
    ['StartExecution', { stateMachineArn: stateMachineVersionArn }],
    ['StartSyncExecution', { stateMachineArn: stateMachineVersionArn }],
    ['ListStateMachineAliases', { stateMachineArn }],
  ] as const)
    expect((await test.fail(operation, input)).type, operation).toBe('StateMachineDeleting');
  await test.call('StopExecution', { executionArn });
  expect((await test.fail('DescribeStateMachine', { stateMachineArn: stateMachineVersionArn })).type).toBe(
    'StateMachineDoesNotExist',
  );
});

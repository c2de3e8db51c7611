import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASS_DEFINITION, ROLE_ARN, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine';
let test: TestApi;
let random = 0;
beforeAll(async () => {
  test = await startTestApi({ random: () => random });
});
afterAll(() => test.close());

/** @returns the ARN of a new machine with versions 1 and 2 */
async function versioned(name: string): Promise<string> {
  const { stateMachineArn } = await test.call('CreateStateMachine', {
    name,
    definition: PASS_DEFINITION,
    roleArn: ROLE_ARN,
    publish: true,
  });
  await test.call('UpdateStateMachine', { stateMachineArn, definition: WAIT_DEFINITION, publish: true });
  return stateMachineArn;
}

const route = (machineArn: string, version: number | string, weight: number) => ({
  stateMachineVersionArn: `${machineArn}:${version}`,
  weight,
});
const createAlias = (name: string, routingConfiguration: object[], change: object = {}) =>
  test.call('CreateStateMachineAlias', { name, routingConfiguration, ...change });
const failAlias = (name: string, routingConfiguration: object[], change: object = {}) =>
  test.fail('CreateStateMachineAlias', { name, routingConfiguration, ...change });
const describeAlias = (stateMachineAliasArn: string) =>
  test.call('DescribeStateMachineAlias', { stateMachineAliasArn });
async function aliasesOf(stateMachineArn: string): Promise<string[]> {
  const { stateMachineAliases } = await test.call('ListStateMachineAliases', { stateMachineArn });
  return stateMachineAliases.map(({ stateMachineAliasArn }) => stateMachineAliasArn);
}

const NOT_FOUND = {
  status: 400,
  type: 'ResourceNotFound',
  message: 'Request references a resource that does not exist.',
};

describe('CreateStateMachineAlias', () => {
  it('makes what DescribeStateMachineAlias shows', async () => {
    const arn = await versioned('shown');
    const routingConfiguration = [route(arn, 2, 30), route(arn, 1, 70)];
    const created = await createAlias('live', routingConfiguration, { description: 'for customers' });
    expect(created.stateMachineAliasArn).toBe(`${arn}:live`);
    expect(await describeAlias(`${arn}:live`)).toEqual({
      ...created,
      name: 'live',
      description: 'for customers',
      routingConfiguration,
      updateDate: created.creationDate,
    });
    await createAlias('plain', [route(arn, 1, 100)]);
    expect(await describeAlias(`${arn}:plain`)).not.toHaveProperty('description');
  });

  it('answers the same alias again; anything else of that name is a conflict', async () => {
    const arn = await versioned('twice');
    const description = 'one';
    const created = await createAlias('live', [route(arn, 1, 100)], { description });
    expect(await createAlias('live', [route(arn, 1, 100)], { description })).toEqual(created);
    const conflict = {
      status: 409,
      type: 'ConflictException',
      message:
        'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
    };
    expect(await failAlias('live', [route(arn, 1, 100)], { description: 'two' })).toEqual(conflict);
    expect(await failAlias('live', [route(arn, 1, 50), route(arn, 2, 50)], { description })).toEqual(
      conflict,
    );
  });

  it('goes as far as the quota', async () => {
    const arn = await versioned('quota');
    for (let n = 0; n < 100; n++) await createAlias(`alias-${n}`, [route(arn, 1, 100)]);
    expect(await failAlias('one-more', [route(arn, 1, 100)])).toEqual({
      status: 402,
      type: 'ServiceQuotaExceededException',
      message: 'A state machine can have at most 100 aliases',
    });
  });

  const list = (arn: string, ...routes: [version: string | number, weight: number][]) =>
    routes.map(([version, weight]) => route(arn, version, weight));
  const A = `${ARN}:checked`;

  it.each<[string, object[], string]>([
    [
      'a state machine',
      [{ stateMachineVersionArn: A, weight: 100 }],
      `Routing configuration must contain state machine version ARNs. Received: [${A}]`,
    ],
    [
      'an alias',
      list(A, [1, 50], ['other', 50]),
      `Routing configuration must contain state machine version ARNs. Received: [${A}:1, ${A}:other]`,
    ],
    [
      'one version twice',
      list(A, [1, 50], [1, 60]),
      `Routing configuration must contain distinct state machine version ARNs. Received: [${A}:1, ${A}:1]`,
    ],
    [
      'weights that are no hundred',
      list(A, [1, 70], [2, 29]),
      'Sum of routing configuration weights must equal 100. Received: [70, 29]',
    ],
    [
      'a single weight that is no hundred',
      list(A, [9, 99]),
      'Sum of routing configuration weights must equal 100. Received: [99]',
    ],
    [
      'versions of two state machines',
      [route(A, 1, 50), route(`${ARN}:else`, 1, 50)],
      `Routing configuration must contain versions of one state machine. Received: [${A}:1, ${ARN}:else:1]`,
    ],
  ])('refuses %s', async (_what, routingConfiguration, message) => {
    expect(await failAlias('live', routingConfiguration)).toEqual({
      status: 400,
      type: 'ValidationException',
      message,
      reason: 'INVALID_ROUTING_CONFIGURATION',
    });
  });

  it.each([
    ['no route', [], 'Member must have length greater than or equal to 1'],
    ['three routes', list(A, [1, 50], [2, 25], [3, 25]), 'Member must have length less than or equal to 2'],
  ])('refuses %s', async (_what, routingConfiguration, constraint) => {
    const shown = routingConfiguration.map(
      ({ stateMachineVersionArn, weight }) =>
        `RoutingConfigurationListItem(stateMachineVersionArn=${stateMachineVersionArn}, weight=${weight})`,
    );
    expect(await failAlias('live', routingConfiguration)).toEqual({
      status: 400,
      type: 'ValidationException',
      message: `1 validation error detected: Value '[${shown.join(', ')}]' at 'routingConfiguration' failed to satisfy constraint: ${constraint}`,
    });
  });

  it('refuses weights beyond a hundred and names of digits', async () => {
    expect((await failAlias('live', list(A, [1, 101]))).message).toBe(
      "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100",
    );
    expect((await failAlias('123', list(A, [1, 100]))).message).toMatch(
      "Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
    );
  });

  it('refuses versions that there are not', async () => {
    const arn = await versioned('two-versions');
    const elsewhere = arn.replace('us-east-1', 'eu-west-1');
    for (const routes of [
      list(arn, [3, 100]),
      list(arn, [1, 50], [3, 50]),
      list(`${ARN}:nobody`, [1, 100]),
      list(elsewhere, [1, 100]),
    ])
      expect(await failAlias('live', routes)).toEqual(NOT_FOUND);
  });
});

describe('UpdateStateMachineAlias', () => {
  it('changes description and routes, each alone too', async () => {
    const arn = await versioned('changed');
    const stateMachineAliasArn = `${arn}:live`;
    const created = await createAlias('live', [route(arn, 1, 100)], { description: 'one' });
    const described = await test.call('UpdateStateMachineAlias', {
      stateMachineAliasArn,
      description: 'two',
    });
    const routingConfiguration = [route(arn, 1, 0), route(arn, 2, 100)];
    const routed = await test.call('UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration });
    expect(described.updateDate).toBeGreaterThanOrEqual(created.creationDate);
    expect(await describeAlias(stateMachineAliasArn)).toEqual({
      stateMachineAliasArn,
      name: 'live',
      description: 'two',
      routingConfiguration,
      creationDate: created.creationDate,
      updateDate: routed.updateDate,
    });
  });

  it('refuses what the alias cannot be', async () => {
    const arn = await versioned('constant');
    const other = await versioned('other');
    await createAlias('live', [route(arn, 1, 100)]);
    const fail = (change: object, alias = 'live') =>
      test.fail('UpdateStateMachineAlias', { stateMachineAliasArn: `${arn}:${alias}`, ...change });
    expect(await fail({})).toMatchObject({
      type: 'ValidationException',
      reason: 'MISSING_REQUIRED_PARAMETER',
    });
    expect(await fail({ routingConfiguration: [route(arn, 1, 99)] })).toMatchObject({
      type: 'ValidationException',
      message: 'Sum of routing configuration weights must equal 100. Received: [99]',
    });
    expect(await fail({ routingConfiguration: [route(other, 1, 100)] })).toMatchObject({
      type: 'ValidationException',
      reason: 'INVALID_ROUTING_CONFIGURATION',
    });
    expect(await fail({ routingConfiguration: [route(arn, 3, 100)] })).toEqual(NOT_FOUND);
    expect(await fail({ description: 'b' }, 'gone')).toEqual(NOT_FOUND);
    expect(await fail({ description: 'b' }, '1')).toEqual({
      status: 400,
      type: 'ValidationException',
      message: `'${arn}:1' is not the ARN of a state machine alias`,
    });
  });
});

describe('ListStateMachineAliases', () => {
  it('shows those of a machine by name, and those that route to a version', async () => {
    const arn = await versioned('listed');
    await createAlias('c', [route(arn, 1, 100)]);
    await createAlias('a', [route(arn, 2, 100)]);
    await createAlias('b', [route(arn, 1, 50), route(arn, 2, 50)]);
    expect(await aliasesOf(arn)).toEqual([`${arn}:a`, `${arn}:b`, `${arn}:c`]);
    expect(await aliasesOf(`${arn}:1`)).toEqual([`${arn}:b`, `${arn}:c`]);
    const first = await test.call('ListStateMachineAliases', { stateMachineArn: arn, maxResults: 2 });
    const rest = await test.call('ListStateMachineAliases', {
      stateMachineArn: arn,
      nextToken: first.nextToken,
    });
    expect(first.stateMachineAliases).toHaveLength(2);
    expect(rest.stateMachineAliases).toMatchObject([{ stateMachineAliasArn: `${arn}:c` }]);
    expect(rest).not.toHaveProperty('nextToken');
  });

  it('knows only machines and versions that there are', async () => {
    const arn = await versioned('known');
    const fail = (stateMachineArn: string) => test.fail('ListStateMachineAliases', { stateMachineArn });
    expect(await fail(`${arn}:3`)).toEqual(NOT_FOUND);
    expect((await fail(`${ARN}:unknown`)).type).toBe('StateMachineDoesNotExist');
    expect((await fail(`${arn}:live`)).type).toBe('ValidationException');
  });
});

it('a version to which aliases route is not deleted', async () => {
  const arn = await versioned('held');
  await createAlias('b', [route(arn, 1, 100)]);
  await createAlias('a', [route(arn, 1, 50), route(arn, 2, 50)]);
  expect(await test.fail('DeleteStateMachineVersion', { stateMachineVersionArn: `${arn}:1` })).toEqual({
    status: 409,
    type: 'ConflictException',
    message:
      'Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [a, b]',
  });
  for (const alias of ['a', 'b', 'b', 'never'])
    expect(await test.call('DeleteStateMachineAlias', { stateMachineAliasArn: `${arn}:${alias}` })).toEqual(
      {},
    );
  await test.call('DeleteStateMachineVersion', { stateMachineVersionArn: `${arn}:1` });
  expect(await test.fail('DescribeStateMachineAlias', { stateMachineAliasArn: `${arn}:a` })).toEqual(
    NOT_FOUND,
  );
});

describe('an execution of an alias', () => {
  it('runs the version that is drawn, and shows both', async () => {
    const arn = await versioned('drawn');
    await createAlias('live', [route(arn, 1, 20), route(arn, 2, 80)]);
    for (const [number, version] of [
      [0, 1],
      [0.19, 1],
      [0.2, 2],
      [0.99, 2],
    ] as const) {
      random = number;
      const executionArn = await start(test, `${arn}:live`);
      const startedThrough = {
        stateMachineVersionArn: `${arn}:${version}`,
        stateMachineAliasArn: `${arn}:live`,
      };
      const shown = await test.call('DescribeExecution', { executionArn });
      expect(shown).toMatchObject({ stateMachineArn: arn, ...startedThrough });
      const { events } = await test.call('GetExecutionHistory', { executionArn });
      expect(events[0]?.executionStartedEventDetails).toMatchObject(startedThrough);
      const { definition } = await test.call('DescribeStateMachineForExecution', { executionArn });
      expect(definition).toBe(version === 1 ? PASS_DEFINITION : WAIT_DEFINITION);
    }
    const counts = await Promise.all(
      [arn, `${arn}:live`, `${arn}:1`, `${arn}:2`].map(async (stateMachineArn) => {
        const { executions } = await test.call('ListExecutions', { stateMachineArn });
        return executions.filter((execution) => execution.stateMachineAliasArn === `${arn}:live`).length;
      }),
    );
    expect(counts).toEqual([4, 4, 2, 2]);
  });

  it('of another route is the same start when its name is taken', async () => {
    const arn = await versioned('repeated');
    await createAlias('live', [route(arn, 1, 50), route(arn, 2, 50)]);
    random = 0;
    const request = { stateMachineArn: `${arn}:live`, name: 'once' };
    const first = await test.call('StartExecution', request);
    random = 0.9;
    expect(await test.call('StartExecution', request)).toEqual(first);
  });
});

it('what a machine that is being deleted refuses', async () => {
  const arn = await versioned('leaving');
  await createAlias('live', [route(arn, 1, 100)]);
  random = 0;
  const executionArn = await start(test, `${arn}:live`);
  await test.call('DeleteStateMachine', { stateMachineArn: arn });
  const deleting = { status: 400, type: 'StateMachineDeleting' };
  expect(await failAlias('new', [route(arn, 1, 100)])).toMatchObject(deleting);
  const update = { stateMachineAliasArn: `${arn}:live`, description: 'b' };
  expect(await test.fail('UpdateStateMachineAlias', update)).toMatchObject(deleting);
  expect(await test.fail('StartExecution', { stateMachineArn: `${arn}:live` })).toMatchObject(deleting);
  expect(await describeAlias(`${arn}:live`)).toMatchObject({ name: 'live' });
  await test.call('StopExecution', { executionArn });
  expect(await test.fail('DescribeStateMachineAlias', { stateMachineAliasArn: `${arn}:live` })).toEqual(
    NOT_FOUND,
  );
  expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
    stateMachineAliasArn: `${arn}:live`,
    stateMachineVersionArn: `${arn}:1`,
  });
});

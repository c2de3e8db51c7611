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
const DEFAULTS = {
  status: 'ACTIVE',
  type: 'STANDARD',
  roleArn: ROLE_ARN,
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
};
let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

function create(name: string, change: object = {}) {
  return test.call('CreateStateMachine', { name, definition: PASS_DEFINITION, roleArn: ROLE_ARN, ...change });
}
function failCreate(name: string, change: object = {}) {
  return test.fail('CreateStateMachine', { name, definition: PASS_DEFINITION, roleArn: ROLE_ARN, ...change });
}

describe('CreateStateMachine', () => {
  it('makes a machine that DescribeStateMachine shows with AWS defaults and the definition verbatim', async () => {
    const definition = PASS_DEFINITION.replaceAll(',', ' ,\n');
    const created = await create('described', { definition });
    expect(created.stateMachineArn).toBe(`${ARN}:described`);
    const shown = await test.call('DescribeStateMachine', { stateMachineArn: created.stateMachineArn });
    expect(shown).toEqual({
      ...DEFAULTS,
      stateMachineArn: created.stateMachineArn,
      name: 'described',
      definition,
      creationDate: created.creationDate,
    });
  });

  it('answers the same machine again, whatever role and however often', async () => {
    const [first, second] = await Promise.all([create('twice'), create('twice')]);
    expect(second).toEqual(first);
    expect(
      await create('twice', { roleArn: `${ROLE_ARN}-2`, loggingConfiguration: { level: 'OFF' } }),
    ).toEqual(first);
    expect(await test.call('DescribeStateMachine', { stateMachineArn: `${ARN}:twice` })).toMatchObject({
      roleArn: ROLE_ARN,
    });
  });

  it.each([
    ['another definition', { definition: `${PASS_DEFINITION} ` }],
    ['another type', { type: 'EXPRESS' }],
    ['another tracing configuration', { tracingConfiguration: { enabled: true } }],
  ])('refuses a name that is taken by a machine with %s', async (_what, change) => {
    await create('taken');
    expect(await failCreate('taken', change)).toEqual({
      status: 400,
      type: 'StateMachineAlreadyExists',
      message: `State Machine Already Exists: '${ARN}:taken'`,
    });
  });

  it.each(['a b', 'a/b', 'a:b', 'a\u0000', 'a\u009f', 'a$', '{a}', "a'\u007f", 'a\ufffe', 'a`', 'a\u2028'])(
    'refuses the name %j',
    async (name) => {
      expect(await failCreate(name)).toEqual({
        status: 400,
        type: 'InvalidName',
        message: `Invalid Name: '${name}'`,
      });
    },
  );

  it.each(["it's", 'höhe', '名前', 'a.b-c_d', '__proto__', 'constructor', 'a=b+c!(d)', '🚀'])(
    'accepts the name %s',
    async (name) => {
      const { stateMachineArn } = await create(name);
      expect(await test.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
        name,
        stateMachineArn,
      });
    },
  );

  it('lists every error of a definition', async () => {
    const definition = JSON.stringify({
      StartAt: 'A',
      States: { A: { Type: 'Pass', Next: 'Gone' }, B: { Type: 'Pass', End: true } },
    });
    expect(await failCreate('bad', { definition })).toEqual({
      status: 400,
      type: 'InvalidDefinition',
      message:
        "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone at /States/A/Next, " +
        'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B\'',
    });
  });

  it.each([
    'role',
    'arn:aws:iam::1:role/x',
    'arn:aws:sts::000000000000:role/x',
    'arn:aws:iam::000000000000:user/x',
  ])('refuses the role %s', async (roleArn) => {
    expect(await failCreate('roleless', { roleArn })).toEqual({
      status: 400,
      type: 'InvalidArn',
      message: `Invalid Role Arn: '${roleArn}'`,
    });
  });

  const destination = {
    cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:g:*' },
  };
  it.each([
    { level: 'ALL' },
    { level: 'ERROR', destinations: [] },
    { level: 'FATAL', destinations: [destination, destination] },
  ])('refuses the logging configuration %j', async (loggingConfiguration) => {
    expect(await failCreate('logging', { loggingConfiguration })).toEqual({
      status: 400,
      type: 'InvalidLoggingConfiguration',
      message: 'Invalid Logging Configuration: Must specify exactly one Log Destination.',
    });
  });

  it('keeps a log destination, also with logging off', async () => {
    const { stateMachineArn } = await create('logged', {
      loggingConfiguration: { destinations: [destination] },
    });
    expect(await test.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      loggingConfiguration: { level: 'OFF', includeExecutionData: false, destinations: [destination] },
    });
  });

  const withLogGroup = (logGroupArn: string) => ({
    loggingConfiguration: { level: 'ALL', destinations: [{ cloudWatchLogsLogGroup: { logGroupArn } }] },
  });

  it('refuses a log group without the qualifier', async () => {
    const logGroup = 'arn:aws:logs:us-east-1:000000000000:log-group:g';
    expect(await failCreate('unqualified', withLogGroup(logGroup))).toEqual({
      status: 400,
      type: 'InvalidLoggingConfiguration',
      message: "Invalid Logging Configuration: Log Group ARN must be provided with '*' qualifier.",
    });
  });

  it.each(['g:*', 'arn:aws:s3:::bucket:*', 'arn:aws:logs:us-east-1:000000000000:log-group::*'])(
    'refuses the log group %s',
    async (logGroup) => {
      expect((await failCreate('no-log-group', withLogGroup(logGroup))).type).toBe('InvalidArn');
    },
  );

  it('refuses a log group that is known not to be there, also in an update', async () => {
    const logGroups = { exists: async (arn: string) => !arn.includes('gone'), close: () => {} };
    const knowing = await startTestApi({ logGroups });
    const logGroup = (name: string) =>
      withLogGroup(`arn:aws:logs:us-east-1:000000000000:log-group:${name}:*`);
    const request = { name: 'logged', definition: PASS_DEFINITION, roleArn: ROLE_ARN };
    const notFound = {
      status: 400,
      type: 'InvalidLoggingConfiguration',
      message: 'Invalid Logging Configuration: Log Destination not found.',
    };
    try {
      expect(await knowing.fail('CreateStateMachine', { ...request, ...logGroup('gone') })).toEqual(notFound);
      const stateMachineArn = (await knowing.call('CreateStateMachine', { ...request, ...logGroup('there') }))
        .stateMachineArn;
      expect(await knowing.fail('UpdateStateMachine', { stateMachineArn, ...logGroup('gone') })).toEqual(
        notFound,
      );
    } finally {
      await knowing.close();
    }
  });

  const kmsKeyId = 'arn:aws:kms:us-east-1:000000000000:key/1';
  it("keeps a customer's key", async () => {
    const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId };
    const { stateMachineArn } = await create('encrypted', { encryptionConfiguration });
    const shown = { ...encryptionConfiguration, kmsDataKeyReusePeriodSeconds: 300 };
    expect(await test.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      encryptionConfiguration: shown,
      definition: PASS_DEFINITION,
    });
    const executionArn = await start(test, stateMachineArn);
    expect(await test.call('DescribeStateMachineForExecution', { executionArn })).toMatchObject({
      encryptionConfiguration: shown,
    });
  });

  it('shows metadata alone only of what a customer’s key would encrypt', async () => {
    const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId };
    const secret = await create('secret', { encryptionConfiguration, publish: true });
    const open = await create('open', { publish: true });
    const includedData = 'METADATA_ONLY';
    for (const [machine, definition] of [
      [secret, '{}'],
      [open, PASS_DEFINITION],
    ] as const) {
      const { stateMachineArn, stateMachineVersionArn } = machine;
      const executionArn = await start(test, stateMachineArn, { input: '{"a":1}' });
      await test.call('StopExecution', { executionArn, error: 'E', cause: 'because' });
      const all = await test.call('DescribeExecution', { executionArn });
      const { input: _, error: __, cause: ___, ...metadata } = all;
      expect(await test.call('DescribeExecution', { executionArn, includedData })).toEqual(
        machine === open ? all : { ...metadata, inputDetails: { included: false } },
      );
      const shown = { definition };
      expect(await test.call('DescribeStateMachine', { stateMachineArn, includedData })).toMatchObject(shown);
      expect(
        await test.call('DescribeStateMachine', { stateMachineArn: stateMachineVersionArn, includedData }),
      ).toMatchObject(shown);
      expect(
        await test.call('DescribeStateMachineForExecution', { executionArn, includedData }),
      ).toMatchObject(shown);
    }
  });

  it.each([
    [{ type: 'CUSTOMER_MANAGED_KMS_KEY' }],
    [{ type: 'AWS_OWNED_KEY', kmsKeyId }],
    [{ type: 'AWS_OWNED_KEY', kmsDataKeyReusePeriodSeconds: 60 }],
  ])('refuses the encryption %j', async (encryptionConfiguration) => {
    expect(await failCreate('badly-encrypted', { encryptionConfiguration })).toMatchObject({
      status: 400,
      type: 'InvalidEncryptionConfiguration',
    });
  });

  it('accepts what deployment tools send', async () => {
    const cdk = await create('cdk', {
      type: 'STANDARD',
      tracingConfiguration: { enabled: true },
      loggingConfiguration: { level: 'OFF', includeExecutionData: false, destinations: [] },
      tags: [{ key: 'aws-cdk:stack', value: 'orders' }],
    });
    const terraform = await create('terraform', {
      loggingConfiguration: { level: 'OFF', includeExecutionData: false, destinations: null },
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY', kmsKeyId: null },
      publish: false,
      versionDescription: null,
      tags: [],
    });
    for (const { stateMachineArn } of [cdk, terraform])
      expect(await test.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      });
  });

  it('refuses a version description without publish', async () => {
    expect(await failCreate('versioned', { versionDescription: 'first' })).toEqual({
      status: 400,
      type: 'ValidationException',
      message: 'Version description can only be set when publish is true',
    });
  });
});

describe('variableReferences', () => {
  const definition = JSON.stringify({
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: '__proto__' },
      ['__proto__']: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'C', States: { C: { Type: 'Pass', Parameters: { 'v.$': '$x' }, End: true } } }],
        ResultSelector: { 'sum.$': 'States.MathAdd($y, $x)' },
        End: true,
      },
    },
  });
  const references = JSON.parse('{"__proto__":["x","y"],"C":["x"]}');

  it('are shown with a state machine and for an execution, as long as there are any', async () => {
    const stateMachineArn = await createMachine(test, 'referring', definition);
    const executionArn = await start(test, stateMachineArn);
    for (const _again of [1, 2])
      expect((await test.call('DescribeStateMachine', { stateMachineArn })).variableReferences).toEqual(
        references,
      );
    await test.call('UpdateStateMachine', { stateMachineArn, definition: PASS_DEFINITION });
    expect(await test.call('DescribeStateMachine', { stateMachineArn })).not.toHaveProperty(
      'variableReferences',
    );
    const running = await test.call('DescribeStateMachineForExecution', { executionArn });
    expect(running.variableReferences).toEqual(references);
  });
});

describe('UpdateStateMachine', () => {
  it('gives each change of definition or role a revision, and none to what changes nothing', async () => {
    const stateMachineArn = await createMachine(test, 'updated');
    const definition = PASS_DEFINITION.replace('hello', 'goodbye');
    const first = await test.call('UpdateStateMachine', { stateMachineArn, definition });
    expect(first.revisionId).toMatch(/^[0-9a-f-]{36}$/);
    const same = await test.call('UpdateStateMachine', { stateMachineArn, definition, roleArn: ROLE_ARN });
    expect(same).toEqual(first);
    const logged = await test.call('UpdateStateMachine', {
      stateMachineArn,
      tracingConfiguration: { enabled: true },
    });
    expect(logged.revisionId).toBe(first.revisionId);
    const role = await test.call('UpdateStateMachine', { stateMachineArn, roleArn: `${ROLE_ARN}-2` });
    expect(role.revisionId).not.toBe(first.revisionId);
    expect(await test.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      definition,
      roleArn: `${ROLE_ARN}-2`,
      revisionId: role.revisionId,
      tracingConfiguration: { enabled: true },
    });
  });

  it('wants something to change', async () => {
    const stateMachineArn = await createMachine(test, 'unchanged');
    expect(await test.fail('UpdateStateMachine', { stateMachineArn })).toEqual({
      status: 400,
      type: 'MissingRequiredParameter',
      message:
        'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    });
  });

  it('refuses a bad definition and leaves the machine as it is', async () => {
    const stateMachineArn = await createMachine(test, 'kept');
    expect(await test.fail('UpdateStateMachine', { stateMachineArn, definition: '{}' })).toMatchObject({
      type: 'InvalidDefinition',
    });
    expect(await test.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      definition: PASS_DEFINITION,
    });
  });

  it('does not touch running executions', async () => {
    const stateMachineArn = await createMachine(test, 'running', WAIT_DEFINITION);
    const executionArn = await start(test, stateMachineArn);
    await test.call('UpdateStateMachine', {
      stateMachineArn,
      definition: PASS_DEFINITION,
      roleArn: `${ROLE_ARN}-2`,
    });
    const shown = await test.call('DescribeStateMachineForExecution', { executionArn });
    expect(shown).toMatchObject({
      stateMachineArn,
      name: 'running',
      definition: WAIT_DEFINITION,
      roleArn: ROLE_ARN,
    });
    expect(shown).not.toHaveProperty('revisionId');
    const later = await start(test, stateMachineArn);
    const { revisionId } = await test.call('DescribeStateMachine', { stateMachineArn });
    expect(await test.call('DescribeStateMachineForExecution', { executionArn: later })).toMatchObject({
      definition: PASS_DEFINITION,
      roleArn: `${ROLE_ARN}-2`,
      revisionId,
    });
  });
});

describe('DeleteStateMachine', () => {
  it('removes a machine without open executions at once, and its name is free', async () => {
    const stateMachineArn = await createMachine(test, 'gone');
    await test.call('DeleteStateMachine', { stateMachineArn });
    expect(await test.fail('DescribeStateMachine', { stateMachineArn })).toEqual({
      status: 400,
      type: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${stateMachineArn}'`,
    });
    expect(await test.call('DeleteStateMachine', { stateMachineArn })).toEqual({});
    expect(await createMachine(test, 'gone', WAIT_DEFINITION)).toBe(stateMachineArn);
  });

  it('keeps a machine with open executions as DELETING, for nothing but looking at it', async () => {
    const stateMachineArn = await createMachine(test, 'dying', WAIT_DEFINITION);
    const executionArn = await start(test, stateMachineArn);
    await test.call('DeleteStateMachine', { stateMachineArn });
    expect(await test.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      status: 'DELETING',
    });
    const deleting = {
      status: 400,
      type: 'StateMachineDeleting',
      message: `State Machine is being deleted: '${stateMachineArn}'`,
    };
    expect(await test.fail('StartExecution', { stateMachineArn })).toEqual(deleting);
    expect(await test.fail('UpdateStateMachine', { stateMachineArn, roleArn: ROLE_ARN })).toEqual(deleting);
    expect(await failCreate('dying', { definition: WAIT_DEFINITION })).toEqual(deleting);
    await test.call('StopExecution', { executionArn });
    expect((await test.fail('DescribeStateMachine', { stateMachineArn })).type).toBe(
      'StateMachineDoesNotExist',
    );
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({
      status: 'ABORTED',
      stateMachineArn,
    });
  });

  it('refuses the ARN of a version', async () => {
    expect(await test.fail('DeleteStateMachine', { stateMachineArn: `${ARN}:versioned:1` })).toMatchObject({
      status: 400,
      type: 'ValidationException',
    });
  });
});

describe('the ARN of a state machine', () => {
  it.each([
    ['not_an_arn', 'InvalidArn', "Invalid Arn: 'Invalid ARN prefix: not_an_arn'"],
    [
      'arn:aws:lambda:us-east-1:000000000000:function:f',
      'InvalidArn',
      /^Invalid Arn: 'Invalid ARN prefix: arn:aws:la/,
    ],
    [`${ARN}:a\u0000`, 'InvalidArn', /^Invalid Arn: 'Invalid ARN prefix: /],
    [
      'arn:aws:states:us-east-1:000000000000:execution:a:b',
      'InvalidArn',
      "Invalid Arn: 'Resource type not valid in this context: execution'",
    ],
    [`${ARN}:absent`, 'StateMachineDoesNotExist', `State Machine Does Not Exist: '${ARN}:absent'`],
    [`${ARN}:absent:1`, 'StateMachineDoesNotExist', `State Machine Does Not Exist: '${ARN}:absent:1'`],
    [ARN.replace('us-east-1', 'eu-west-1').concat(':twice'), 'StateMachineDoesNotExist', /eu-west-1/],
    [ARN.replace('000000000000', '111111111111').concat(':twice'), 'StateMachineDoesNotExist', /1111/],
  ])('%j is answered with %s', async (stateMachineArn, type, message) => {
    const failure = await test.fail('DescribeStateMachine', { stateMachineArn });
    expect(failure).toMatchObject({ status: 400, type });
    if (typeof message === 'string') expect(failure.message).toBe(message);
    else expect(failure.message).toMatch(message);
  });

  it('may not be labelled', async () => {
    expect(await test.fail('DescribeStateMachine', { stateMachineArn: `${ARN}:a/label` })).toMatchObject({
      type: 'ValidationException',
      reason: 'API_DOES_NOT_SUPPORT_LABELED_ARNS',
    });
  });
});

describe('ValidateStateMachineDefinition', () => {
  const faulty = JSON.stringify({ States: { A: { Type: 'Pass', End: true } } });

  it('answers the faults of a definition', async () => {
    expect(await test.call('ValidateStateMachineDefinition', { definition: faulty })).toEqual({
      result: 'FAIL',
      diagnostics: [
        {
          severity: 'ERROR',
          code: 'SCHEMA_VALIDATION_FAILED',
          message: 'These fields are required: [StartAt]',
          location: '/',
        },
      ],
      truncated: false,
    });
    expect(await test.call('ValidateStateMachineDefinition', { definition: PASS_DEFINITION })).toEqual({
      result: 'OK',
      diagnostics: [],
      truncated: false,
    });
    expect(await test.call('ValidateStateMachineDefinition', { definition: 'no definition' })).toMatchObject({
      result: 'FAIL',
      diagnostics: [{ code: 'INVALID_JSON_DESCRIPTION' }],
    });
  });

  it('shows warnings to those who ask for them', async () => {
    const definition = PASS_DEFINITION.replace('"Type":"Pass"', '"Type":"Pass","Parameters":{"a":"$.b"}');
    const warning = {
      severity: 'WARNING',
      code: 'NO_DOLLAR',
      location: expect.stringMatching(/\/Parameters$/),
    };
    const severities = ['ERROR', 'WARNING', undefined] as const;
    for (const severity of severities)
      expect(await test.call('ValidateStateMachineDefinition', { definition, severity })).toMatchObject({
        result: 'OK',
        diagnostics: severity === 'WARNING' ? [warning] : [],
        truncated: false,
      });
    const both = definition.replace('"End":true', '"End":true,"Foo":1');
    expect(
      await test.call('ValidateStateMachineDefinition', { definition: both, severity: 'WARNING' }),
    ).toMatchObject({ result: 'FAIL', diagnostics: [{ severity: 'ERROR' }, warning] });
  });

  it('shows at most maxResults of them', async () => {
    const states = Object.fromEntries(['A', 'B', 'C'].map((name) => [name, { Type: 'Nonsense', End: true }]));
    const definition = JSON.stringify({ StartAt: 'A', States: states });
    const answer = await test.call('ValidateStateMachineDefinition', { definition, maxResults: 2 });
    expect(answer).toMatchObject({ result: 'FAIL', truncated: true });
    expect(answer.diagnostics).toHaveLength(2);
  });
});

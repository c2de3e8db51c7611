import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIntegrations, type Integrations } from '../../integrations/registry.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import { createLogger } from '../../telemetry/log.ts';
import { LambdaEndpoint } from '../support/lambda-endpoint.ts';
import { PLACE } from '../support/place.ts';
import { ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:double';

let functions: LambdaEndpoint;
let integrations: Integrations;
let test: TestApi;

beforeAll(async () => {
  functions = await LambdaEndpoint.start();
  integrations = createIntegrations({
    env: { AWS_ENDPOINT_URL_LAMBDA: functions.url },
    place: PLACE,
    store: () => test.store,
    ceilings: PORTABLE_LIMITS,
    logger: createLogger('silent'),
  });
  test = await startTestApi({ integrations });
});

afterAll(async () => {
  await test.close();
  await integrations.close();
  await functions.close();
});

function run(definition: object, more: object = {}) {
  return test.call('TestState', { definition: JSON.stringify(definition), ...more });
}

function refusal(definition: object, more: object = {}) {
  return test.fail('TestState', { definition: JSON.stringify(definition), ...more });
}

const invalid = (message: string) => ({ status: 400, type: 'ValidationException', message });
const pass = { Type: 'Pass', End: true };
const task = { Type: 'Task', Resource: LAMBDA, End: true };
const service = (suffix: string) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::sqs:sendMessage${suffix}`,
  Parameters: { QueueUrl: 'q', MessageBody: 'm' },
  End: true,
});
const branch = { StartAt: 'B', States: { B: pass } };
const parallel = { Type: 'Parallel', Branches: [branch, { StartAt: 'C', States: { C: pass } }], End: true };
const map = { Type: 'Map', ItemProcessor: branch, End: true };
const exporting = {
  ...map,
  ItemProcessor: { ...branch, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
  ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b' } },
};

describe('TestState', () => {
  it('answers with the output alone, unless asked for more', async () => {
    const definition = { Type: 'Pass', Next: 'Then' };
    const answer = { status: 'SUCCEEDED', output: '{"a":1.0}', nextState: 'Then' };
    expect(await run(definition, { input: '{ "a": 1.0 }' })).toEqual(answer);
    expect(await run(definition, { input: '{ "a": 1.0 }', inspectionLevel: 'DEBUG' })).toEqual({
      ...answer,
      inspectionData: {
        input: '{ "a": 1.0 }',
        afterInputPath: '{"a":1.0}',
        afterParameters: '{"a":1.0}',
        afterResultSelector: '{"a":1.0}',
        afterResultPath: '{"a":1.0}',
      },
    });
  });

  it('tests a state of a whole machine, with variables', async () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { n: 1 }, Next: 'B' },
        B: { Type: 'Pass', Parameters: { 'n.$': '$n' }, End: true },
      },
    };
    const more = { stateName: 'B', variables: '{"n":7}', inspectionLevel: 'TRACE' };
    const { output, inspectionData } = await run(definition, more);
    expect(output).toBe('{"n":7}');
    expect(inspectionData?.variables).toBe('{"n":7}');
  });

  it('shows an Express execution of an unnamed machine, new each time', async () => {
    const definition = { Type: 'Pass', Parameters: { 'id.$': '$$.Execution.Id' }, End: true };
    const [first, second] = [await run(definition), await run(definition)];
    expect(first.output).toMatch(
      /^{"id":"arn:aws:states:us-east-1:000000000000:express:[\w-]{36}:[\w-]{36}"}$/,
    );
    expect(first.output).not.toBe(second.output);
  });

  it('waits', async () => {
    const timestamp = new Date(Date.now() + 1000).toISOString();
    expect(await run({ Type: 'Wait', Timestamp: timestamp, End: true })).toEqual({
      status: 'SUCCEEDED',
      output: '{}',
    });
  });

  it('stores nothing', async () => {
    expect(await test.call('ListStateMachines')).toEqual({ stateMachines: [] });
  });
});

describe('a Task without a mock', () => {
  it('is called', async () => {
    functions.onCall((call) => call.answer({ doubled: Number(call.payload) * 2 }));
    const answer = await run(task, { input: '21', roleArn: ROLE_ARN });
    expect(answer).toEqual({ status: 'SUCCEEDED', output: '{"doubled":42}' });
  });

  it('starts an execution for real, if that is what it does', async () => {
    const definition = JSON.stringify({ StartAt: 'A', States: { A: pass } });
    const machine = { name: 'started-by-a-test', definition, roleArn: ROLE_ARN };
    const { stateMachineArn } = await test.call('CreateStateMachine', machine);
    const starting = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Parameters: { StateMachineArn: stateMachineArn, Name: 'once' },
      End: true,
    };
    const { status, output } = await run(starting, { roleArn: ROLE_ARN });
    const { executions } = await test.call('ListExecutions', { stateMachineArn });
    expect(status).toBe('SUCCEEDED');
    expect(executions).toMatchObject([{ name: 'once', executionArn: JSON.parse(output ?? '').ExecutionArn }]);
    const other = { ...starting, Parameters: { ...starting.Parameters, Input: { other: true } } };
    expect(await run(other, { roleArn: ROLE_ARN })).toMatchObject({
      status: 'FAILED',
      error: 'StepFunctions.ExecutionAlreadyExistsException',
    });
  });

  it('times out after its TimeoutSeconds', async () => {
    functions.onCall(undefined);
    const answer = await run({ ...task, TimeoutSeconds: 1 }, { roleArn: ROLE_ARN });
    expect(answer).toEqual({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('needs a role, and an integration', async () => {
    expect(await refusal(task)).toEqual(invalid('RoleArn must be specified when testing a Task state'));
    expect(await refusal(task, { roleArn: 'me' })).toMatchObject({ type: 'InvalidArn' });
    expect(await refusal(service(''), { roleArn: ROLE_ARN })).toMatchObject({
      type: 'UnsupportedOperationException',
      message: 'Statehouse does not support tests of arn:aws:states:::sqs:sendMessage without a mock yet',
    });
  });

  it.each([
    service('.waitForTaskToken'),
    { ...task, Resource: 'arn:aws:states:us-east-1:000000000000:activity:a' },
  ])('as $Resource cannot be tested', async (definition) => {
    const { type, message } = await refusal(definition, { roleArn: ROLE_ARN });
    expect(type).toBe('InvalidDefinition');
    expect(message).toMatch(/when a mock is not specified\.$/);
  });
});

describe('what is refused', () => {
  it.each([map, parallel])('$Type without a mock', async (definition) => {
    expect(await refusal(definition)).toEqual({
      status: 400,
      type: 'InvalidDefinition',
      message:
        'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    });
  });

  it('a definition with faults, a state that is not in it', async () => {
    expect(await refusal({ Type: 'Pass' })).toMatchObject({
      type: 'InvalidDefinition',
      message: expect.stringMatching(
        /^Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: .* at \/'$/,
      ),
    });
    expect(await refusal({ StartAt: 'B', States: { B: pass } }, { stateName: 'C' })).toEqual(
      invalid('State not found in definition'),
    );
  });

  it.each([
    [{ input: '{' }, 'InvalidExecutionInput'],
    [{ variables: '[]' }, 'ValidationException'],
    [{ variables: '{' }, 'ValidationException'],
    [{ variables: '{"states":1}' }, 'ValidationException'],
    [{ inspectionLevel: 'ALL' }, 'ValidationException'],
    [{ context: '{}' }, 'ValidationException'],
    [{ input: JSON.stringify('x'.repeat(262_143)) }, 'ValidationException'],
  ])('%.40j', async (more, type) => {
    expect(await refusal(pass, more)).toMatchObject({ type });
  });
});

describe('a mock', () => {
  const errorOutput = { error: 'E', cause: 'c' };

  it.each([
    [
      task,
      { result: '{}', errorOutput },
      'A test mock should have only one of the following fields: [result, errorOutput].',
    ],
    [task, {}, 'A test mock should have only one of the following fields: [result, errorOutput].'],
    [task, { result: 'x' }, 'Mocked result must be valid JSON'],
    [pass, { result: '{}' }, "State type 'Pass' is not supported when a mock is specified"],
    [{ Type: 'Fail' }, { errorOutput }, "State type 'Fail' is not supported when a mock is specified"],
    [map, { result: '{}' }, 'Mocked result must be an array.'],
    [exporting, { result: '[]' }, 'Mocked result must be a JSON object.'],
    [parallel, { result: '{}' }, 'Mocked result must be an array.'],
    [
      parallel,
      { result: '[1]' },
      'Mocked result must contain the same number of items as number of Parallel branches.',
    ],
    [service(''), { result: '[]' }, 'Mocked result must be a JSON object.'],
  ])('of %.60j as %j is refused', async (definition, mock, message) => {
    expect(await refusal(definition, { mock })).toEqual(invalid(message));
  });

  it.each([
    [task, { result: '1' }],
    [service('.waitForTaskToken'), { result: '1' }],
    [service(''), { result: '1', fieldValidationMode: 'NONE' }],
    [exporting, { result: '{}' }],
    [parallel, { result: '[1,2]' }],
  ])('of %.60j as %j is taken', async (definition, mock) => {
    expect(await run(definition, { mock, input: '[]' })).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('has a known mode, and no secrets', async () => {
    const mock = { result: '{}' };
    expect(await refusal(task, { mock, revealSecrets: true })).toEqual(
      invalid('TestState does not support RevealSecrets when a mock is specified.'),
    );
    expect(await refusal(task, { mock: { ...mock, fieldValidationMode: 'LAX' } })).toMatchObject({
      type: 'ValidationException',
    });
  });

  it('of an error is answered as the state fails', async () => {
    expect(await run(task, { mock: { errorOutput } })).toEqual({ status: 'FAILED', ...errorOutput });
  });
});

describe('stateConfiguration', () => {
  it.each([
    [{ mapIterationFailureCount: 0 }, 'MapIterationFailureCount'],
    [{ retrierRetryCount: 1 }, 'RetrierRetryCount'],
    [{ mapItemReaderData: '[]' }, 'MapItemReaderData'],
    [{ errorCausedByState: 'B' }, 'ErrorCausedByState'],
  ])('%j needs a mock', async (stateConfiguration, name) => {
    expect(await refusal(map, { stateConfiguration })).toEqual(
      invalid(`TestState does not support ${name} when a mock is not specified.`),
    );
  });

  it('counts no more failed iterations than there are', async () => {
    const more = { input: '[1]', mock: { result: '[1]' } };
    expect(await refusal(map, { ...more, stateConfiguration: { mapIterationFailureCount: 2 } })).toEqual(
      invalid('Map iteration failure count must be less than or equal to the number of Map iterations'),
    );
  });

  it('names a state inside the tested one', async () => {
    const more = { input: '[1]', mock: { errorOutput: { error: 'E' } } };
    const answer = await run(map, { ...more, stateConfiguration: { errorCausedByState: 'B' } });
    expect(answer).toEqual({ status: 'FAILED', error: 'E' });
    const other = await refusal(map, { ...more, stateConfiguration: { errorCausedByState: 'X' } });
    expect(other).toMatchObject({ type: 'ValidationException' });
  });
});

describe('a context', () => {
  const given = (context: unknown) => ({ mock: { result: '{}' }, context: JSON.stringify(context) });

  it.each([
    [{ Pokedex: {} }, "Field 'Pokedex' is not allowed"],
    [{ Execution: { pokemon: 1 } }, "Field 'pokemon' is not allowed"],
    [{ Execution: { constructor: 1 } }, "Field 'constructor' is not allowed"],
    [{ Execution: { Id: 1 } }, 'Execution.Id must be a string'],
    [{ State: { RetryCount: 'x' } }, 'State.RetryCount must be a number'],
    [{ State: [] }, 'State must be an object'],
    [{ Map: {} }, "'Map' field is not supported when mocking a Context object"],
    [
      { Task: { Token: 't' } },
      "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    ],
  ])('%j is refused', async (context, message) => {
    expect(await refusal(task, given(context))).toEqual(
      invalid(`Invalid Context object provided: ${message}`),
    );
  });

  it('is seen by the state', async () => {
    const definition = { ...service('.waitForTaskToken'), ResultSelector: { 'all.$': '$$' } };
    const context = { Execution: { Input: [1] }, Task: { Token: 't' } };
    const { output } = await run(definition, given(context));
    expect(JSON.parse(output ?? '')).toEqual({ all: context });
  });
});

it('a test under way ends when the server closes', async () => {
  const closing = await startTestApi();
  const answer = closing.fail('TestState', {
    definition: JSON.stringify({ Type: 'Wait', Seconds: 600, End: true }),
  });
  await closing.call('ListStateMachines');
  await closing.close();
  expect(await answer).toMatchObject({ status: 503, type: 'ServiceUnavailable' });
});

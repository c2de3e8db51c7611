/** `aws-sdk:sfn:startSyncExecution`: an Express execution in the memory of the worker that runs the task. */
import { describe, expect, test } from 'vitest';
import { createWorld, fail, functionArn, succeed, type World } from './world.ts';

const RESOURCE = 'arn:aws:states:::aws-sdk:sfn:startSyncExecution';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const oneState = (state: object) => ({ StartAt: 'A', States: { A: { ...state, End: true } } });
const oneTask = oneState({ Type: 'Task', Resource: functionArn('f') });
const starting = (Parameters: object, more: object = {}) =>
  oneState({ Type: 'Task', Resource: RESOURCE, Parameters, ...more });

/** The result of an execution that starts another one, and its events. */
async function run(world: World, definition: object, input: unknown = {}) {
  await world.worker();
  const id = await world.start(definition, input);
  const { status, output, error, cause } = await world.ended(id);
  return {
    ended: { status, error, cause },
    output: JSON.parse(output ?? 'null') as Record<string, unknown>,
    events: await world.journal(id),
  };
}

test('its result is that of the execution, with the output as a text', async () => {
  const world = await createWorld({ f: ({ input }) => succeed({ doubled: Number(input.value) * 2 }) });
  const arn = await world.stateMachine(oneTask, 'EXPRESS');
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  const parameters = { StateMachineArn: arn, Name: 'child', 'Input.$': '$.n', TraceHeader: traceHeader };
  const { output, events } = await run(world, starting(parameters), { n: 21 });
  expect(output).toEqual({
    BillingDetails: { BilledDurationInMilliseconds: expect.any(Number), BilledMemoryUsedInMB: 64 },
    ExecutionArn: expect.stringMatching(
      new RegExp(`^${arn.replace('stateMachine', 'express')}:child:${UUID}$`),
    ),
    Input: '21',
    InputDetails: { Included: true },
    Name: 'child',
    Output: '{"doubled":42}',
    OutputDetails: { Included: true },
    StartDate: expect.stringMatching(ISO_DATE),
    StateMachineArn: arn,
    Status: 'SUCCEEDED',
    StopDate: expect.stringMatching(ISO_DATE),
    TraceHeader: traceHeader,
  });
  expect(events.find(({ type }) => type === 'TaskScheduled')?.details).toMatchObject({
    resourceType: 'aws-sdk:sfn',
    resource: 'startSyncExecution',
  });
});

test('an execution that fails is a result too', async () => {
  const world = await createWorld({ f: () => fail('Bad', 'luck') });
  const StateMachineArn = await world.stateMachine(oneTask, 'EXPRESS');
  const { output } = await run(world, starting({ StateMachineArn }));
  expect(output).toMatchObject({ Status: 'FAILED', Error: 'Bad', Cause: 'luck', Input: '{}' });
  expect(output).not.toHaveProperty('Output');
});

test('Express executions start others as well', async () => {
  const world = await createWorld({ f: () => succeed('deep') });
  const inner = await world.stateMachine(oneTask, 'EXPRESS');
  const outer = await world.stateMachine(starting({ StateMachineArn: inner }), 'EXPRESS');
  const { output } = await run(world, starting({ StateMachineArn: outer }));
  const between = JSON.parse(String(output.Output)) as Record<string, unknown>;
  expect(between).toMatchObject({ StateMachineArn: inner, Status: 'SUCCEEDED', Output: '"deep"' });
});

describe('an attempt fails, in the words of the SDK for Java 2,', () => {
  const CAUSE =
    ' \\(Service: Sfn, Status Code: 400, Request ID: [0-9a-f-]{36}\\) \\(SDK Attempt Count: 1\\)$';

  const cases: [string, (world: World) => Promise<object>, error: string, message: string][] = [
    [
      'when the machine is STANDARD',
      async (world) => ({ StateMachineArn: await world.stateMachine(oneTask) }),
      'Sfn.StateMachineTypeNotSupportedException',
      'This operation is not supported by this type of state machine',
    ],
    [
      'when there is no machine',
      async (world) => ({ StateMachineArn: `${await world.stateMachine(oneTask, 'EXPRESS')}x` }),
      'Sfn.StateMachineDoesNotExistException',
      "State Machine Does Not Exist: '.*x'",
    ],
    [
      'when the machine is another account’s',
      async (world) => ({
        StateMachineArn: (await world.stateMachine(oneTask, 'EXPRESS')).replace(
          '000000000000',
          '111111111111',
        ),
      }),
      'Sfn.StateMachineDoesNotExistException',
      'State Machine Does Not Exist: .*',
    ],
    [
      'when its input is no JSON',
      async (world) => ({ StateMachineArn: await world.stateMachine(oneTask, 'EXPRESS'), Input: '{' }),
      'Sfn.InvalidExecutionInputException',
      'Invalid State Machine Execution Input: .*',
    ],
    [
      'when its name is too long',
      async (world) => ({
        StateMachineArn: await world.stateMachine(oneTask, 'EXPRESS'),
        Name: 'n'.repeat(81),
      }),
      'Sfn.ValidationException',
      "1 validation error detected: Value at 'name' failed .*",
    ],
  ];
  test.each(cases)('%s', async (_when, parametersOf, error, message) => {
    const world = await createWorld();
    const { ended } = await run(world, starting(await parametersOf(world)));
    expect(ended).toEqual({
      status: 'FAILED',
      error,
      cause: expect.stringMatching(new RegExp(`^${message}${CAUSE}`)),
    });
  });
});

test('the attempt of a worker that is gone has failed, with an error that Retry can match', async () => {
  let calls = 0;
  const world = await createWorld({ f: () => (++calls === 1 ? new Promise(() => {}) : succeed('again')) });
  const StateMachineArn = await world.stateMachine(oneTask, 'EXPRESS');
  const Retry = [{ ErrorEquals: ['Sfn.SdkClientException'], IntervalSeconds: 1, MaxAttempts: 1 }];
  const worker = await world.worker();
  const id = await world.start(starting({ StateMachineArn }, { Retry }));
  await world.tasks.called('f');
  await worker.stop();
  await world.worker();
  const { output } = await world.ended(id);
  expect(JSON.parse(output ?? 'null')).toMatchObject({ Status: 'SUCCEEDED', Output: '"again"' });
  const failures = (await world.journal(id)).filter(({ type }) => type === 'TaskFailed');
  expect(failures.map(({ details }) => details)).toMatchObject([{ error: 'Sfn.SdkClientException' }]);
});

test('a task that times out ends the execution, and the call that it makes', async () => {
  const world = await createWorld({ f: () => new Promise(() => {}) });
  const StateMachineArn = await world.stateMachine(oneTask, 'EXPRESS');
  const { ended } = await run(world, starting({ StateMachineArn }, { TimeoutSeconds: 1 }));
  expect(ended).toMatchObject({ error: 'States.Timeout' });
  expect(world.tasks.aborted).toHaveLength(1);
});

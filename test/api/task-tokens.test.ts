import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { playWorker } from './play-worker.ts';
import { createMachine, start, startTestApi, type TestApi } from './test-api.ts';

const CALLBACK_DEFINITION = JSON.stringify({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: 'http://queue', MessageBody: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
});
const TIMED_OUT = {
  status: 400,
  type: 'TaskTimedOut',
  message: "Task Timed Out: 'Provided task does not exist anymore'",
};
let test: TestApi;
let stateMachineArn: string;
beforeAll(async () => {
  test = await startTestApi();
  stateMachineArn = await createMachine(test, 'asking', CALLBACK_DEFINITION);
});
afterAll(() => test.close());

/** An execution whose task waits for its token. */
async function ask(): Promise<{ executionArn: string; taskToken: string }> {
  const executionArn = await start(test, stateMachineArn);
  await playWorker(test.store, executionArn, { submitted: ['{}'] });
  const { events } = await test.call('GetExecutionHistory', { executionArn });
  const parameters = events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails
    ?.parameters;
  return { executionArn, taskToken: JSON.parse(parameters ?? '').MessageBody.token };
}

describe('a task that waits for its token', () => {
  it('succeeds with the output of SendTaskSuccess', async () => {
    const { executionArn, taskToken } = await ask();
    expect(await test.call('SendTaskSuccess', { taskToken, output: '{ "n" : 1.0 }' })).toEqual({});
    const { mail } = await playWorker(test.store, executionArn);
    expect(mail).toMatchObject([{ kind: 'CallbackSucceeded', body: '{ "n" : 1.0 }' }]);
    expect(await test.call('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await test.fail('SendTaskSuccess', { taskToken, output: '1' })).toEqual(TIMED_OUT);
  });

  it.each([[{ error: 'Refused', cause: 'not \u0000 today' }], [{}]])(
    'fails with %j of SendTaskFailure',
    async (failure) => {
      const { executionArn, taskToken } = await ask();
      expect(await test.call('SendTaskFailure', { taskToken, ...failure })).toEqual({});
      await playWorker(test.store, executionArn);
      const { status, error, cause } = await test.call('DescribeExecution', { executionArn });
      expect({ status, error, cause }).toEqual({
        status: 'FAILED',
        error: undefined,
        cause: undefined,
        ...failure,
      });
      expect(await test.fail('SendTaskHeartbeat', { taskToken })).toEqual(TIMED_OUT);
    },
  );

  it('stays open after SendTaskHeartbeat', async () => {
    const { executionArn, taskToken } = await ask();
    expect(await test.call('SendTaskHeartbeat', { taskToken })).toEqual({});
    expect(await test.call('SendTaskHeartbeat', { taskToken })).toEqual({});
    const { mail } = await playWorker(test.store, executionArn);
    expect(mail.map(({ kind }) => kind)).toEqual(['HeartbeatReceived', 'HeartbeatReceived']);
    expect(await test.call('SendTaskSuccess', { taskToken, output: 'null' })).toEqual({});
  });

  it('takes no answer once its execution is stopped', async () => {
    const { executionArn, taskToken } = await ask();
    await test.call('StopExecution', { executionArn });
    expect(await test.fail('SendTaskSuccess', { taskToken, output: '1' })).toEqual(TIMED_OUT);
  });

  it('refuses an output that is not JSON, and goes on waiting', async () => {
    const { taskToken } = await ask();
    expect(await test.fail('SendTaskSuccess', { taskToken, output: 'no json' })).toEqual({
      status: 400,
      type: 'InvalidOutput',
      message:
        "Invalid Output: 'Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'",
    });
    expect(await test.call('SendTaskSuccess', { taskToken, output: '1' })).toEqual({});
  });
});

it.each(['x', 'AQCEAAAAKgAAAAMAAAAAAAAAAQ==', '\u0000', 'a'.repeat(2048)])(
  'refuses %j as a token',
  async (taskToken) => {
    const invalid = { status: 400, type: 'InvalidToken', message: "Invalid Token: 'Invalid token'" };
    expect(await test.fail('SendTaskSuccess', { taskToken, output: '1' })).toEqual(invalid);
    expect(await test.fail('SendTaskFailure', { taskToken })).toEqual(invalid);
    expect(await test.fail('SendTaskHeartbeat', { taskToken })).toEqual(invalid);
  },
);

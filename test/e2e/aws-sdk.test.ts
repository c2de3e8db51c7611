/** The official client, with nothing but an endpoint changed. */
import {
  ActivityDoesNotExist,
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteActivityCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionDoesNotExist,
  GetActivityTaskCommand,
  InvalidDefinition,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { untilEnded } from '../support/executions.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const roleArn = 'arn:aws:iam::000000000000:role/statehouse';
const greet = JSON.stringify({
  StartAt: 'Greet',
  States: { Greet: { Type: 'Pass', Result: 'hello', ResultPath: '$.greeting', End: true } },
});
const rest = JSON.stringify({ StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 600, End: true } } });

const folder = temporaryFolder();
let server: ServerProcess;
let sfn: SFNClient;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: folder.path, env: { LOG_LEVEL: 'error' } });
  sfn = new SFNClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
});

afterAll(async () => {
  sfn.destroy();
  await server.stop();
  folder[Symbol.dispose]();
});

test('state machines: create, describe, update, list, delete', async () => {
  const { stateMachineArn, creationDate } = await sfn.send(
    new CreateStateMachineCommand({ name: 'greeter', definition: greet, roleArn }),
  );
  expect(stateMachineArn).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:greeter');
  expect(creationDate).toBeInstanceOf(Date);
  expect(await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
    name: 'greeter',
    definition: greet,
    roleArn,
    type: 'STANDARD',
    status: 'ACTIVE',
  });
  const { revisionId } = await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: rest }));
  expect(await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
    definition: rest,
    revisionId,
  });
  expect((await sfn.send(new ListStateMachinesCommand())).stateMachines).toMatchObject([{ stateMachineArn }]);
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
  expect((await sfn.send(new ListStateMachinesCommand())).stateMachines).toEqual([]);
});

test('executions: start, describe, list, stop, read the history', async () => {
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({ name: 'greet', definition: greet, roleArn }),
  );
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name: 'first', input: '{"to": "Ada"}' }),
  );
  if (executionArn === undefined) throw new Error('StartExecution answered no executionArn');
  await untilEnded(new Client(server.url), executionArn);

  const output = '{"to":"Ada","greeting":"hello"}';
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    executionArn,
    stateMachineArn,
    name: 'first',
    status: 'SUCCEEDED',
    input: '{"to": "Ada"}',
    output,
    stopDate: expect.any(Date),
  });
  const events = [];
  for await (const page of paginateGetExecutionHistory({ client: sfn, pageSize: 2 }, { executionArn })) {
    events.push(...(page.events ?? []));
  }
  expect(events).toMatchObject([
    { id: 1, previousEventId: 0, type: 'ExecutionStarted' },
    { id: 2, previousEventId: 0, type: 'PassStateEntered', stateEnteredEventDetails: { name: 'Greet' } },
    { id: 3, previousEventId: 2, type: 'PassStateExited', stateExitedEventDetails: { output } },
    { id: 4, previousEventId: 3, type: 'ExecutionSucceeded', executionSucceededEventDetails: { output } },
  ]);

  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: rest }));
  expect(await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }))).toMatchObject({
    definition: greet,
  });
  const resting = await sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'second' }));
  await sfn.send(new StopExecutionCommand({ executionArn: resting.executionArn, error: 'Enough' }));
  expect((await sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions).toMatchObject([
    { name: 'second', status: 'ABORTED' },
    { name: 'first', status: 'SUCCEEDED' },
  ]);
});

test('activities: create, work on a task, list, delete', async () => {
  const { activityArn } = await sfn.send(new CreateActivityCommand({ name: 'review' }));
  const definition = JSON.stringify({
    StartAt: 'Review',
    States: { Review: { Type: 'Task', Resource: activityArn, HeartbeatSeconds: 60, End: true } },
  });
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({ name: 'reviewing', definition, roleArn }),
  );
  // The worker is there before its task is.
  const polled = sfn.send(new GetActivityTaskCommand({ activityArn, workerName: 'Ada' }));
  const started = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"text":"draft"}' }));
  const { taskToken, input } = await polled;
  expect(input).toBe('{"text":"draft"}');
  await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"ok":true}' }));
  const { executionArn = '' } = started;
  await untilEnded(new Client(server.url), executionArn);
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"ok":true}',
  });

  expect((await sfn.send(new ListActivitiesCommand())).activities).toMatchObject([{ activityArn }]);
  await sfn.send(new DeleteActivityCommand({ activityArn }));
  await expect(sfn.send(new GetActivityTaskCommand({ activityArn }))).rejects.toBeInstanceOf(
    ActivityDoesNotExist,
  );
});

test('errors arrive as the classes that the SDK has for them', async () => {
  const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:none:such';
  await expect(sfn.send(new DescribeExecutionCommand({ executionArn }))).rejects.toBeInstanceOf(
    ExecutionDoesNotExist,
  );
  await expect(
    sfn.send(new CreateStateMachineCommand({ name: 'bad', definition: '{"StartAt": 1}', roleArn })),
  ).rejects.toBeInstanceOf(InvalidDefinition);
});

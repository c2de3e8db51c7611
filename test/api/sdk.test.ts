/** The official client, with nothing changed but the endpoint. */
import {
  ConflictException,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  ResourceNotFound,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TaskTimedOut,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { playWorker } from './play-worker.ts';
import { PASS_DEFINITION, ROLE_ARN, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

let test: TestApi;
let client: SFNClient;
beforeAll(async () => {
  test = await startTestApi();
  const { url } = await test.api.listen({ host: '127.0.0.1', port: 0 });
  client = new SFNClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterAll(async () => {
  client.destroy();
  await test.close();
});

const create = (name: string, definition = PASS_DEFINITION) =>
  client.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE_ARN }));

async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}

it('creates, describes, updates, lists and deletes state machines', async () => {
  const { stateMachineArn, creationDate } = await create('orders');
  await create('payments');
  const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(described).toMatchObject({
    name: 'orders',
    definition: PASS_DEFINITION,
    creationDate,
    status: 'ACTIVE',
  });
  expect(creationDate).toBeInstanceOf(Date);

  const { updateDate, revisionId } = await client.send(
    new UpdateStateMachineCommand({ stateMachineArn, definition: WAIT_DEFINITION }),
  );
  expect(updateDate?.getTime()).toBeGreaterThanOrEqual(creationDate?.getTime() ?? Number.NaN);
  expect(await client.send(new DescribeStateMachineCommand({ stateMachineArn }))).toMatchObject({
    revisionId,
  });

  const list = () =>
    all(paginateListStateMachines({ client, pageSize: 1 }, {}), (page) => page.stateMachines);
  expect((await list()).map(({ name }) => name)).toEqual(['orders', 'payments']);
  await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  expect((await list()).map(({ name }) => name)).toEqual(['payments']);

  const validated = await client.send(new ValidateStateMachineDefinitionCommand({ definition: '{}' }));
  expect(validated).toMatchObject({ result: 'FAIL', truncated: false });
});

it('starts, describes, lists and stops executions, and reads their history', async () => {
  const { stateMachineArn } = await create('shipping');
  const input = '{"order":"ü"}';
  const { executionArn, startDate } = await client.send(
    new StartExecutionCommand({ stateMachineArn, name: 'first', input }),
  );
  await playWorker(test.store, executionArn ?? '');
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    status: 'SUCCEEDED',
    input,
    output: '"hello"',
    startDate,
    stopDate: startDate,
  });
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true }));
  expect(events?.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  const paged = await all(
    paginateGetExecutionHistory({ client, pageSize: 3 }, { executionArn }),
    (page) => page.events,
  );
  expect(paged.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  expect(paged[0]).toMatchObject({ timestamp: startDate, executionStartedEventDetails: { input } });

  const second = await client.send(new StartExecutionCommand({ stateMachineArn }));
  const { stopDate } = await client.send(
    new StopExecutionCommand({ executionArn: second.executionArn, error: 'Enough', cause: 'no more' }),
  );
  expect(stopDate).toBeInstanceOf(Date);
  const listed = await all(
    paginateListExecutions({ client, pageSize: 1 }, { stateMachineArn }),
    (page) => page.executions,
  );
  expect(listed.map(({ status }) => status)).toEqual(['ABORTED', 'SUCCEEDED']);
  const aborted = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'ABORTED' }));
  expect(aborted.executions?.map((execution) => execution.executionArn)).toEqual([second.executionArn]);
  expect(await client.send(new DescribeStateMachineForExecutionCommand({ executionArn }))).toMatchObject({
    stateMachineArn,
    definition: PASS_DEFINITION,
    roleArn: ROLE_ARN,
  });
});

it('answers task tokens', async () => {
  const definition = JSON.stringify({
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
  const { stateMachineArn } = await create('asking', definition);
  const ask = async () => {
    const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn }));
    await playWorker(test.store, executionArn, { submitted: ['{}'] });
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    const details = events?.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails;
    return { executionArn, taskToken: JSON.parse(details?.parameters ?? '').MessageBody.token as string };
  };
  const succeeding = await ask();
  await client.send(new SendTaskHeartbeatCommand({ taskToken: succeeding.taskToken }));
  await client.send(new SendTaskSuccessCommand({ taskToken: succeeding.taskToken, output: '42' }));
  await playWorker(test.store, succeeding.executionArn);
  expect(await client.send(new DescribeExecutionCommand(succeeding))).toMatchObject({
    status: 'SUCCEEDED',
    output: '42',
  });

  const failing = await ask();
  await client.send(new SendTaskFailureCommand({ taskToken: failing.taskToken, error: 'Refused' }));
  await playWorker(test.store, failing.executionArn);
  expect(await client.send(new DescribeExecutionCommand(failing))).toMatchObject({
    status: 'FAILED',
    error: 'Refused',
  });
  const late = client.send(new SendTaskHeartbeatCommand({ taskToken: failing.taskToken }));
  await expect(late).rejects.toBeInstanceOf(TaskTimedOut);
});

it('publishes versions and routes an alias to them', async () => {
  const { stateMachineArn, stateMachineVersionArn: first } = await client.send(
    new CreateStateMachineCommand({
      name: 'versioned',
      definition: PASS_DEFINITION,
      roleArn: ROLE_ARN,
      publish: true,
    }),
  );
  await client.send(new UpdateStateMachineCommand({ stateMachineArn, definition: WAIT_DEFINITION }));
  const { stateMachineVersionArn: second } = await client.send(
    new PublishStateMachineVersionCommand({ stateMachineArn, description: 'slower' }),
  );
  const { stateMachineVersions } = await client.send(
    new ListStateMachineVersionsCommand({ stateMachineArn }),
  );
  expect(stateMachineVersions?.map((version) => version.stateMachineVersionArn)).toEqual([second, first]);

  const routingConfiguration = [{ stateMachineVersionArn: second, weight: 100 }];
  const { stateMachineAliasArn } = await client.send(
    new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }),
  );
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: stateMachineAliasArn }),
  );
  expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
    stateMachineArn,
    stateMachineAliasArn,
    stateMachineVersionArn: second,
  });
  const deleting = client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: second }));
  await expect(deleting).rejects.toBeInstanceOf(ConflictException);
  const missing = { stateMachineAliasArn: `${stateMachineAliasArn}-2` };
  await expect(client.send(new DescribeStateMachineAliasCommand(missing))).rejects.toBeInstanceOf(
    ResourceNotFound,
  );
});

it('throws the errors of the service', async () => {
  const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:none:none';
  const describing = client.send(new DescribeExecutionCommand({ executionArn }));
  await expect(describing).rejects.toBeInstanceOf(ExecutionDoesNotExist);
  await expect(describing).rejects.toMatchObject({
    message: `Execution Does Not Exist: '${executionArn}'`,
    $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
  const listing = client.send(new ListExecutionsCommand({}));
  await expect(listing).rejects.toBeInstanceOf(ValidationException);
  await expect(listing).rejects.toMatchObject({ reason: 'MISSING_REQUIRED_PARAMETER' });
});

/** Accounts and regions of one installation are kept apart: what one has does not exist for another. */
import { randomUUID } from 'node:crypto';
import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteActivityCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeActivityCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachinesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateMapRunCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArnPlace } from '../../../runtime/execution/arn.ts';
import { playWorker } from '../play-worker.ts';
import { PASS_DEFINITION, ROLE_ARN, startTestApi, type TestApi } from '../test-api.ts';
import { send, sign } from './signed-requests.ts';

const DEFINITION = JSON.stringify({
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

const PLACES: Readonly<Record<string, ArnPlace>> = {
  ada: { partition: 'aws', region: 'us-east-1', accountId: '111111111111' },
  'another account': { partition: 'aws', region: 'us-east-1', accountId: '222222222222' },
  'another region': { partition: 'aws', region: 'eu-central-1', accountId: '111111111111' },
  'another partition': { partition: 'aws-us-gov', region: 'us-east-1', accountId: '111111111111' },
};

/**
 * Who has one state machine, `orders`, with a version and an alias, and an execution, `run`, that waits for its token
 * and has a Map Run; and an activity, `pack`.
 */
interface Tenant {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
  readonly versionArn: string;
  readonly aliasArn: string;
  readonly executionArn: string;
  readonly mapRunArn: string;
  readonly activityArn: string;
  readonly taskToken: string;
}

let test: TestApi;
const tenants = new Map<string, Tenant>();
beforeAll(async () => {
  test = await startTestApi({ auth: 'sigv4' });
  const { url } = await test.api.listen({ host: '127.0.0.1', port: 0 });
  for (const [name, place] of Object.entries(PLACES)) tenants.set(name, await moveIn(url, place));
});
afterAll(async () => {
  for (const { client } of tenants.values()) client.destroy();
  await test.close();
});

async function moveIn(endpoint: string, place: ArnPlace): Promise<Tenant> {
  const credentials = await test.store.apiKeys.create({ place, description: undefined });
  const client = new SFNClient({ endpoint, region: place.region, credentials, disableHostPrefix: true });
  const created = await client.send(
    new CreateStateMachineCommand({
      name: 'orders',
      definition: DEFINITION,
      roleArn: ROLE_ARN,
      publish: true,
    }),
  );
  const { stateMachineArn = '', stateMachineVersionArn: versionArn = '' } = created;
  const routingConfiguration = [{ stateMachineVersionArn: versionArn, weight: 100 }];
  const alias = new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration });
  const { stateMachineAliasArn: aliasArn = '' } = await client.send(alias);
  const { executionArn = '' } = await client.send(
    new StartExecutionCommand({ stateMachineArn, name: 'run' }),
  );
  await playWorker(test.store, executionArn, { submitted: ['{}'] });
  const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
  const details = events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails;
  const taskToken = JSON.parse(details?.parameters ?? '').MessageBody.token as string;
  const mapRunArn = await mapRun(place);
  const { activityArn = '' } = await client.send(new CreateActivityCommand({ name: 'pack' }));
  return { client, stateMachineArn, versionArn, aliasArn, executionArn, mapRunArn, activityArn, taskToken };
}

/** Written as Distributed Map states will. @returns its ARN */
async function mapRun(place: ArnPlace): Promise<string> {
  const { partition, region, accountId } = place;
  const uuid = randomUUID();
  await test.query(
    `insert into statehouse.map_runs (execution_id, label, uuid, item_counts, execution_counts)
     select e.id, 'items', $1, '{}', '{}' from statehouse.executions e
     join statehouse.state_machines m on m.id = e.state_machine_id where m.place = $2`,
    [uuid, `${partition}:${region}:${accountId}`],
  );
  return `arn:${partition}:states:${region}:${accountId}:mapRun:orders/items:${uuid}`;
}

function tenant(name: string): Tenant {
  const found = tenants.get(name);
  if (found === undefined) throw new Error(`no tenant ${name}`);
  return found;
}

it('the same names are taken in each, and ARNs bear the place', () => {
  expect([...tenants.values()].map(({ stateMachineArn }) => stateMachineArn)).toEqual([
    'arn:aws:states:us-east-1:111111111111:stateMachine:orders',
    'arn:aws:states:us-east-1:222222222222:stateMachine:orders',
    'arn:aws:states:eu-central-1:111111111111:stateMachine:orders',
    'arn:aws-us-gov:states:us-east-1:111111111111:stateMachine:orders',
  ]);
});

it('each has its own', async () => {
  for (const { client, executionArn, mapRunArn, activityArn } of tenants.values()) {
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ executionArn });
    expect(await client.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({ executionArn });
    expect(await client.send(new DescribeActivityCommand({ activityArn }))).toMatchObject({ activityArn });
  }
});

describe.each(Object.keys(PLACES).slice(1))('what ada has, for %s', (stranger) => {
  it('does not exist', async () => {
    const { stateMachineArn, versionArn, aliasArn, executionArn, mapRunArn, activityArn } = tenant('ada');
    const { client } = tenant(stranger);
    const routingConfiguration = [{ stateMachineVersionArn: versionArn, weight: 100 }];
    const execution = { name: 'ExecutionDoesNotExist' };
    const machine = { name: 'StateMachineDoesNotExist' };
    const resource = { name: 'ResourceNotFound' };
    const activity = { name: 'ActivityDoesNotExist' };
    const tags = [{ key: 'seen', value: 'yes' }];
    for (const [call, refusal] of [
      [() => client.send(new DescribeStateMachineCommand({ stateMachineArn })), machine],
      [() => client.send(new UpdateStateMachineCommand({ stateMachineArn, roleArn: ROLE_ARN })), machine],
      [() => client.send(new StartExecutionCommand({ stateMachineArn })), machine],
      [() => client.send(new ListExecutionsCommand({ stateMachineArn })), machine],
      [() => client.send(new DescribeExecutionCommand({ executionArn })), execution],
      [() => client.send(new DescribeStateMachineForExecutionCommand({ executionArn })), execution],
      [() => client.send(new GetExecutionHistoryCommand({ executionArn })), execution],
      [() => client.send(new StopExecutionCommand({ executionArn })), execution],
      [() => client.send(new TagResourceCommand({ resourceArn: stateMachineArn, tags })), resource],
      [
        () => client.send(new UntagResourceCommand({ resourceArn: stateMachineArn, tagKeys: ['a'] })),
        resource,
      ],
      [() => client.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn })), resource],
      [() => client.send(new PublishStateMachineVersionCommand({ stateMachineArn })), machine],
      [() => client.send(new ListStateMachineVersionsCommand({ stateMachineArn })), machine],
      [() => client.send(new ListStateMachineAliasesCommand({ stateMachineArn })), machine],
      [() => client.send(new CreateStateMachineAliasCommand({ name: 'x', routingConfiguration })), resource],
      [() => client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: aliasArn })), resource],
      [
        () =>
          client.send(
            new UpdateStateMachineAliasCommand({ stateMachineAliasArn: aliasArn, description: 'x' }),
          ),
        resource,
      ],
      [() => client.send(new StartExecutionCommand({ stateMachineArn: versionArn })), machine],
      [() => client.send(new StartExecutionCommand({ stateMachineArn: aliasArn })), machine],
      [() => client.send(new DescribeMapRunCommand({ mapRunArn })), resource],
      [() => client.send(new UpdateMapRunCommand({ mapRunArn, maxConcurrency: 1 })), resource],
      [() => client.send(new ListMapRunsCommand({ executionArn })), execution],
      [() => client.send(new DescribeActivityCommand({ activityArn })), activity],
      [() => client.send(new GetActivityTaskCommand({ activityArn })), activity],
      [() => client.send(new TagResourceCommand({ resourceArn: activityArn, tags })), resource],
      [() => client.send(new ListTagsForResourceCommand({ resourceArn: activityArn })), resource],
      [() => client.send(new ListExecutionsCommand({ mapRunArn })), resource],
    ] as const)
      await expect(call()).rejects.toMatchObject(refusal);
    const place = PLACES[stranger] ?? expect.unreachable();
    const key = await test.store.apiKeys.create({ place, description: undefined });
    const path = `/api/v1/executions/${encodeURIComponent(executionArn)}`;
    const logs = (arn: string) => ({ path: '/api/v1/logs', query: { arn } });
    for (const [request, type] of [
      [{ path }, 'ExecutionDoesNotExist'],
      [logs(executionArn), 'ExecutionDoesNotExist'],
      [logs(stateMachineArn), 'StateMachineDoesNotExist'],
    ] as const) {
      const signed = await sign({ key, time: Date.now() }, { method: 'GET', ...request });
      expect(await send(test.api, signed)).toMatchObject({ status: 400, type });
    }
  });

  it('is not run synchronously, even right after ada has', async () => {
    const { client: ada } = tenant('ada');
    const created = await ada.send(
      new CreateStateMachineCommand({
        name: 'quick',
        type: 'EXPRESS',
        definition: PASS_DEFINITION,
        roleArn: ROLE_ARN,
      }),
    );
    const { stateMachineArn = '' } = created;
    const start = new StartSyncExecutionCommand({ stateMachineArn });
    expect(await ada.send(start)).toMatchObject({ status: 'SUCCEEDED' });
    await expect(tenant(stranger).client.send(start)).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
    });
    await ada.send(new DeleteStateMachineCommand({ stateMachineArn }));
  });

  it('is in no list, and cannot be deleted', async () => {
    const { stateMachineArn, versionArn, aliasArn, activityArn, client: ada } = tenant('ada');
    const { client, stateMachineArn: own, activityArn: ownActivity } = tenant(stranger);
    // AWS's answers when there is nothing
    await client.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn: aliasArn }));
    await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: versionArn }));
    await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
    await client.send(new DeleteActivityCommand({ activityArn }));
    const { stateMachines } = await client.send(new ListStateMachinesCommand());
    expect(stateMachines?.map((machine) => machine.stateMachineArn)).toEqual([own]);
    const { activities } = await client.send(new ListActivitiesCommand());
    expect(activities?.map((activity) => activity.activityArn)).toEqual([ownActivity]);
    expect(await ada.send(new DescribeActivityCommand({ activityArn }))).toMatchObject({ activityArn });
    for (const arn of [stateMachineArn, versionArn])
      expect(await ada.send(new DescribeStateMachineCommand({ stateMachineArn: arn }))).toMatchObject({
        status: 'ACTIVE',
      });
    const { routingConfiguration } = await ada.send(
      new DescribeStateMachineAliasCommand({ stateMachineAliasArn: aliasArn }),
    );
    expect(routingConfiguration).toEqual([{ stateMachineVersionArn: versionArn, weight: 100 }]);
    expect(await ada.send(new ListTagsForResourceCommand({ resourceArn: stateMachineArn }))).toMatchObject({
      tags: [],
    });
  });

  it('cannot be paged through', async () => {
    const { client } = tenant('ada');
    for (const name of ['second', 'third'])
      await client.send(new CreateStateMachineCommand({ name, definition: DEFINITION, roleArn: ROLE_ARN }));
    const { nextToken } = await client.send(new ListStateMachinesCommand({ maxResults: 1 }));
    const next = new ListStateMachinesCommand({ nextToken });
    await expect(tenant(stranger).client.send(next)).rejects.toMatchObject({ name: 'InvalidToken' });
    expect((await client.send(next)).stateMachines).toHaveLength(2);
  });

  it('takes no answer by its task token', async () => {
    const { taskToken, executionArn, client: ada } = tenant('ada');
    const { client } = tenant(stranger);
    for (const call of [
      () => client.send(new SendTaskHeartbeatCommand({ taskToken })),
      () => client.send(new SendTaskSuccessCommand({ taskToken, output: '1' })),
      () => client.send(new SendTaskFailureCommand({ taskToken })),
    ])
      await expect(call()).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await ada.send(new SendTaskHeartbeatCommand({ taskToken })); // it is still open
    expect(await ada.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'RUNNING',
    });
  });
});

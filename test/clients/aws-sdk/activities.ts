import {
  ActivityDoesNotExist,
  CreateActivityCommand,
  DeleteActivityCommand,
  DescribeActivityCommand,
  ExecutionNotRedrivable,
  GetActivityTaskCommand,
  InvalidName,
  InvalidOutput,
  InvalidToken,
  ListActivitiesCommand,
  paginateListActivities,
  RedriveExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { arnOf, work } from '../definitions.ts';
import { all, createMachine, expectError, start, untilEnded } from './sdk.ts';

export function activities(sfn: () => SFNClient): void {
  const create = (name: string) => sfn().send(new CreateActivityCommand({ name }));
  const describe = (activityArn: string) => sfn().send(new DescribeActivityCommand({ activityArn }));
  const poll = (activityArn: string) =>
    sfn().send(new GetActivityTaskCommand({ activityArn, workerName: 'worker-1' }));
  const succeed = (taskToken: string, output = '42') =>
    sfn().send(new SendTaskSuccessCommand({ taskToken, output }));

  test('are created, described, listed and deleted', async () => {
    const { activityArn = '', creationDate } = await create('pack');
    expect(activityArn).toBe(arnOf('activity', 'pack'));
    expect(await describe(activityArn)).toMatchObject({ name: 'pack', creationDate });
    await create('ship');
    expect((await sfn().send(new ListActivitiesCommand())).activities).toHaveLength(2);
    const pages = paginateListActivities({ client: sfn(), pageSize: 1 }, {});
    expect((await all(pages, (page) => page.activities)).map(({ name }) => name)).toEqual(['pack', 'ship']);
    await sfn().send(new DeleteActivityCommand({ activityArn }));
    await expectError(describe(activityArn), ActivityDoesNotExist);
  });

  test('hand tasks to workers, who answer them', async () => {
    const { activityArn = '' } = await create('work');
    const stateMachineArn = await createMachine(sfn(), 'working', work(activityArn));

    // The worker is there before its task is.
    const polled = poll(activityArn);
    const succeeding = await start(sfn(), stateMachineArn, { input: '{"order":7}' });
    const { taskToken = '', input } = await polled;
    expect(input).toBe('{"order":7}');
    await sfn().send(new SendTaskHeartbeatCommand({ taskToken }));
    await expectError(succeed(taskToken, '{'), InvalidOutput);
    await succeed(taskToken);
    expect(await untilEnded(sfn(), succeeding)).toMatchObject({ status: 'SUCCEEDED', output: '42' });
    await expectError(succeed(taskToken), TaskTimedOut);

    const failing = await start(sfn(), stateMachineArn);
    const failed = await poll(activityArn);
    await sfn().send(
      new SendTaskFailureCommand({ taskToken: failed.taskToken, error: 'Broken', cause: 'x' }),
    );
    const broken = { status: 'FAILED', error: 'Broken', cause: 'x' };
    expect(await untilEnded(sfn(), failing)).toMatchObject(broken);
  });

  test('offer a task again when its execution is redriven', async () => {
    const { activityArn = '' } = await create('rework');
    const executionArn = await start(sfn(), await createMachine(sfn(), 'reworking', work(activityArn)));
    const { taskToken } = await poll(activityArn);
    await sfn().send(new SendTaskFailureCommand({ taskToken }));
    await untilEnded(sfn(), executionArn);
    const redrive = () => sfn().send(new RedriveExecutionCommand({ executionArn }));
    const { redriveDate } = await redrive();
    expect(redriveDate).toBeInstanceOf(Date);
    await succeed(String((await poll(activityArn)).taskToken));
    expect(await untilEnded(sfn(), executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      redriveDate,
    });
    await expectError(redrive(), ExecutionNotRedrivable);
  });

  test('are refused with the errors that the client has classes for', async () => {
    await expectError(create('no good'), InvalidName);
    await expectError(poll(arnOf('activity', 'none')), ActivityDoesNotExist);
    await expectError(succeed('forged'), InvalidToken);
  });
}

import {
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidExecutionInput,
  InvalidToken,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  type SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  StateMachineDoesNotExist,
  StateMachineTypeNotSupported,
  StopExecutionCommand,
  UpdateStateMachineCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { arnOf, GREET, REST, ROLE_ARN } from '../definitions.ts';
import { all, createMachine, expectError, start, untilEnded } from './sdk.ts';

export function executions(sfn: () => SFNClient): void {
  const describe = (executionArn: string) => sfn().send(new DescribeExecutionCommand({ executionArn }));

  test('run to their end, and have a history', async () => {
    const stateMachineArn = await createMachine(sfn(), 'run', GREET);
    const executionArn = await start(sfn(), stateMachineArn, { name: 'first', input: '{"to": "Ada"}' });
    await untilEnded(sfn(), executionArn);
    const output = '{"to":"Ada","greeting":"hello"}';
    expect(await describe(executionArn)).toMatchObject({
      executionArn,
      stateMachineArn,
      name: 'first',
      status: 'SUCCEEDED',
      input: '{"to": "Ada"}',
      output,
      startDate: expect.any(Date),
      stopDate: expect.any(Date),
    });
    const pages = paginateGetExecutionHistory({ client: sfn(), pageSize: 3 }, { executionArn });
    expect(await all(pages, ({ events }) => events)).toMatchObject([
      { id: 1, previousEventId: 0, type: 'ExecutionStarted', timestamp: expect.any(Date) },
      { id: 2, previousEventId: 0, type: 'PassStateEntered', stateEnteredEventDetails: { name: 'Greet' } },
      { id: 3, previousEventId: 2, type: 'PassStateExited', stateExitedEventDetails: { output } },
      { id: 4, previousEventId: 3, type: 'ExecutionSucceeded', executionSucceededEventDetails: { output } },
    ]);
    const backwards = new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 });
    expect((await sfn().send(backwards)).events).toMatchObject([{ id: 4 }]);
  });

  test('keep the state machine that they began with', async () => {
    const stateMachineArn = await createMachine(sfn(), 'kept', GREET);
    const executionArn = await start(sfn(), stateMachineArn);
    await sfn().send(new UpdateStateMachineCommand({ stateMachineArn, definition: REST }));
    const command = new DescribeStateMachineForExecutionCommand({ executionArn });
    expect(await sfn().send(command)).toMatchObject({
      stateMachineArn,
      definition: GREET,
      roleArn: ROLE_ARN,
    });
  });

  test('are stopped and listed', async () => {
    const stateMachineArn = await createMachine(sfn(), 'stopped', REST);
    const stopped = await start(sfn(), stateMachineArn, { name: 'one' });
    await start(sfn(), stateMachineArn, { name: 'two' });
    await start(sfn(), stateMachineArn, { name: 'three' });
    const { stopDate } = await sfn().send(
      new StopExecutionCommand({ executionArn: stopped, error: 'Enough', cause: 'no more' }),
    );
    expect(await describe(stopped)).toMatchObject({
      status: 'ABORTED',
      error: 'Enough',
      cause: 'no more',
      stopDate,
    });
    const pages = paginateListExecutions({ client: sfn(), pageSize: 2 }, { stateMachineArn });
    expect((await all(pages, (page) => page.executions)).map(({ name }) => name)).toEqual([
      'three',
      'two',
      'one',
    ]);
    const aborted = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'ABORTED' });
    expect((await sfn().send(aborted)).executions).toMatchObject([{ executionArn: stopped, name: 'one' }]);
  });

  test('of a name are started once', async () => {
    const stateMachineArn = await createMachine(sfn(), 'once', REST);
    const startNamed = (input: string) =>
      sfn().send(new StartExecutionCommand({ stateMachineArn, name: 'only', input }));
    const first = await startNamed('{"n":1}');
    expect(await startNamed('{"n":1}')).toMatchObject({
      executionArn: first.executionArn,
      startDate: first.startDate,
    });
    await expectError(startNamed('{"n":2}'), ExecutionAlreadyExists, String(first.executionArn));
  });

  test('of EXPRESS machines are answered with their result', async () => {
    const stateMachineArn = await createMachine(sfn(), 'express', GREET, { type: 'EXPRESS' });
    const input = '{"to":"Zo\u00eb"}';
    expect(await sfn().send(new StartSyncExecutionCommand({ stateMachineArn, input }))).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"to":"Zoë","greeting":"hello"}',
      input,
      billingDetails: { billedMemoryUsedInMB: 64 },
    });
    const executionArn = await start(sfn(), stateMachineArn, { name: 'one' });
    expect(executionArn).toMatch(/:express:express:one:[0-9a-f-]{36}$/);
  });

  test('are refused with the errors that the client has classes for', async () => {
    const stateMachineArn = await createMachine(sfn(), 'refused', GREET);
    await expectError(start(sfn(), stateMachineArn, { input: '{' }), InvalidExecutionInput);
    await expectError(start(sfn(), arnOf('stateMachine', 'none')), StateMachineDoesNotExist);
    const synchronous = new StartSyncExecutionCommand({ stateMachineArn });
    await expectError(sfn().send(synchronous), StateMachineTypeNotSupported);
    const none = arnOf('execution', 'none:none');
    await expectError(describe(none), ExecutionDoesNotExist, `Execution Does Not Exist: '${none}'`);
    await expectError(describe('nonsense'), InvalidArn);
    await expectError(
      sfn().send(new GetExecutionHistoryCommand({ executionArn: none })),
      ExecutionDoesNotExist,
    );
    await expectError(sfn().send(new StopExecutionCommand({ executionArn: none })), ExecutionDoesNotExist);
    const page = new ListExecutionsCommand({ stateMachineArn, nextToken: 'forged' });
    await expectError(sfn().send(page), InvalidToken);
    await expectError(sfn().send(new ListExecutionsCommand({})), ValidationException);
  });
}

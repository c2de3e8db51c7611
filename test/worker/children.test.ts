/** states:startExecution, by workers on a real database. */
import { describe, expect, test, vi } from 'vitest';
import type { Payload } from '../../runtime/index.ts';
import { PLACE } from '../support/place.ts';
import {
  detailsOf,
  executionsOf,
  FAILING,
  type Form,
  LONG,
  SHORT,
  starter,
  starts,
  typesOf,
} from './child-executions.ts';
import { sequence } from './small-machines.ts';
import { createWorld, functionArn, succeed, type World } from './world.ts';

const ENTERED = ['ExecutionStarted', 'TaskStateEntered', 'TaskScheduled', 'TaskStarted'];
const LEFT = ['TaskSucceeded', 'TaskStateExited', 'ExecutionSucceeded'];

function output(details: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse((details.output as Payload).text);
}

/** Resolves when the execution waits, with its last event of this type. */
async function waiting(world: World, executionId: string, type = 'TaskSubmitted'): Promise<void> {
  await vi.waitFor(async () => expect((await world.journal(executionId)).at(-1)?.type).toBe(type), 10_000);
}

describe('the four forms', () => {
  test('request-response goes on at once, with what StartExecution answers', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(LONG);
    const executionId = await world.start(
      starter(child, '', { Parameters: { Name: 'child', Input: { a: 1 } } }),
    );
    const { output: result } = await world.ended(executionId);
    const [started] = await executionsOf(world, child);
    expect(started).toMatchObject({ name: 'child', status: 'RUNNING', input: '{"a":1}' });
    expect(typesOf(await world.journal(executionId))).toEqual([...ENTERED, ...LEFT]);
    expect(Object.keys(JSON.parse(result ?? ''))).toEqual([
      'ExecutionArn',
      'SdkHttpMetadata',
      'SdkResponseMetadata',
      'StartDate',
    ]);
    expect(JSON.parse(result ?? '')).toMatchObject({
      ExecutionArn: `${child.replace(':stateMachine:', ':execution:')}:child`,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      StartDate: started?.startedAt,
    });
  });

  test.each([
    ['.sync', '{"a":1}', '{"a":1}'],
    ['.sync:2', { a: 1 }, { a: 1 }],
  ] as const)('%s waits, and gives the description of the child', async (form, input, childOutput) => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(SHORT);
    const executionId = await world.start(
      starter(child, form, { Parameters: { Name: 'child', Input: { a: 1 } } }),
    );
    await world.ended(executionId);
    const journal = await world.journal(executionId);
    expect(typesOf(journal)).toEqual([...ENTERED, 'TaskSubmitted', ...LEFT]);
    const [ended] = await executionsOf(world, child);
    const result = output(detailsOf(journal, 'TaskSucceeded'));
    expect(Object.entries(result)).toEqual([
      ['ExecutionArn', output(detailsOf(journal, 'TaskSubmitted')).ExecutionArn],
      ['Input', input],
      ['InputDetails', { Included: true }],
      ['Name', 'child'],
      ['Output', childOutput],
      ['OutputDetails', { Included: true }],
      ['StartDate', ended?.startedAt],
      ['StateMachineArn', child],
      ['Status', 'SUCCEEDED'],
      ['StopDate', ended?.stoppedAt],
    ]);
  });

  test('a child that fails fails the task, with its description as the cause', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(FAILING);
    const executionId = await world.start(starter(child, '.sync', { Parameters: { Name: 'child' } }));
    const { error, cause } = await world.ended(executionId);
    expect(error).toBe('States.TaskFailed');
    expect(Object.keys(JSON.parse(cause ?? ''))).toEqual([
      ...['Cause', 'Error', 'ExecutionArn', 'Input', 'InputDetails', 'Name'],
      ...['StartDate', 'StateMachineArn', 'Status', 'StopDate'],
    ]);
    expect(JSON.parse(cause ?? '')).toMatchObject({
      Cause: 'It broke',
      Error: 'Bad',
      Input: '{}',
      Status: 'FAILED',
    });
  });

  test('.waitForTaskToken waits for the answer that the child, or anybody, gives', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(SHORT);
    const executionId = await world.start(
      starter(child, '.waitForTaskToken', { Parameters: { Input: { 'token.$': '$$.Task.Token' } } }),
    );
    await waiting(world, executionId);
    const [started] = await executionsOf(world, child);
    const { token } = JSON.parse(started?.input ?? '');
    await world.store.executions.waitForEnd(started?.id ?? '', 10_000);
    expect((await world.record(executionId)).status).toBe('RUNNING');
    const answer = { token, place: PLACE, kind: 'CallbackSucceeded', body: '"done"' } as const;
    expect(await world.store.leases.signal(answer)).toBe('sent');
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  });

  test('.sync can be answered by its token too; then the child goes on by itself', async () => {
    const world = await createWorld();
    const worker = await world.worker();
    const child = await world.stateMachine(LONG);
    const executionId = await world.start(
      starter(child, '.sync', { Parameters: { Input: { 'token.$': '$$.Task.Token' } } }),
    );
    await waiting(world, executionId);
    const [started] = await executionsOf(world, child);
    const { token } = JSON.parse(started?.input ?? '');
    const answer = { token, place: PLACE, kind: 'CallbackSucceeded', body: '"done"' } as const;
    expect(await world.store.leases.signal(answer)).toBe('sent');
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
    await worker.services.orphans.runOnce();
    expect(await executionsOf(world, child)).toMatchObject([{ status: 'RUNNING' }]);
  });
});

describe('a start that is refused fails the task, as the AWS SDK names it', () => {
  const MISSING = 'arn:aws:states:us-east-1:000000000000:stateMachine:missing';
  test.each<[error: string, cause: string, parameters: object]>([
    ['StateMachineDoesNotExist', `State Machine Does Not Exist: '${MISSING}'`, { StateMachineArn: MISSING }],
    [
      'StateMachineDoesNotExist',
      "State Machine Does Not Exist: 'arn:aws:states:eu-west-1:000000000000:stateMachine:elsewhere'",
      { StateMachineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:elsewhere' },
    ],
    ['InvalidArn', "Invalid Arn: 'Invalid ARN prefix: none'", { StateMachineArn: 'none' }],
    [
      'InvalidArn',
      "Invalid Arn: 'Resource type not valid in this context: activity'",
      { StateMachineArn: MISSING.replace('stateMachine', 'activity') },
    ],
    ['InvalidName', "Invalid Name: 'a b'", { Name: 'a b' }],
    [
      'InvalidExecutionInput',
      "Invalid State Machine Execution Input: 'Unrecognized token 'oops'",
      { Input: 'oops' },
    ],
  ])('%s (%s)', async (error, message, parameters) => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(SHORT);
    const executionId = await world.start(starter(child, '', { Parameters: parameters }));
    const failed = await world.ended(executionId);
    expect(failed).toMatchObject({ status: 'FAILED', error: `StepFunctions.${error}Exception` });
    expect(failed.cause?.slice(0, message.length)).toBe(message);
    expect(failed.cause).toMatch(
      new RegExp(
        `\\(Service: AWSStepFunctions; Status Code: 400; Error Code: ${error}; Request ID: [-\\da-f]{36}; Proxy: null\\)$`,
      ),
    );
    expect(typesOf(await world.journal(executionId))).toEqual([...ENTERED, 'TaskFailed', 'ExecutionFailed']);
    expect(await executionsOf(world, child)).toEqual([]);
  });

  test('a name that a closed execution has', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(SHORT);
    const twice = starts(child, '.sync', { Parameters: { Name: 'once' } });
    const executionId = await world.start(
      sequence([
        ['first', twice],
        ['second', twice],
      ]),
    );
    const { error, cause } = await world.ended(executionId);
    expect(error).toBe('StepFunctions.ExecutionAlreadyExistsException');
    expect(cause).toContain(`Execution Already Exists: '${child.replace('stateMachine', 'execution')}:once'`);
  });

  test('a state machine that is being deleted', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(LONG);
    const first = await world.start(starter(child, ''));
    await world.ended(first);
    await world.store.stateMachines.delete(PLACE, child.split(':').at(-1) ?? '');
    // The service that ends what runs of it may have been faster: then it is gone.
    const { error } = await world.ended(await world.start(starter(child, '')));
    expect(error).toMatch(/^StepFunctions\.StateMachine(Deleting|DoesNotExist)Exception$/);
  });

  test('parameters that StartExecution does not have', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(SHORT);
    const executionId = await world.start(starter(child, '', { Parameters: { 'Oops.$': '$.a' } }), { a: 1 });
    const { error, cause } = await world.ended(executionId);
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("The field 'Oops' is not supported by Step Functions");
  });

  test('a Retrier matches it, and each attempt starts a child of its own', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(FAILING);
    const Retry = [
      { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 },
    ];
    const executionId = await world.start(starter(child, '.sync', { Retry }));
    expect(await world.ended(executionId)).toMatchObject({ status: 'FAILED' });
    expect(await executionsOf(world, child)).toHaveLength(3);
  });
});

describe('idempotency', () => {
  test.each<[Form, string[]]>([
    ['', []],
    ['.sync', ['TaskSubmitted']],
  ])('a running execution with the name and the input counts as started (%s)', async (form, submitted) => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine({
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', Seconds: 1, End: true } },
    });
    const parameters = { Parameters: { Name: 'same', Input: { a: 1 } } };
    const parents = [
      await world.start(starter(child, '', parameters)),
      await world.start(starter(child, form, parameters)),
    ];
    for (const executionId of parents)
      expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await executionsOf(world, child)).toHaveLength(1);
    const journal = await world.journal(parents[1] ?? '');
    expect(typesOf(journal)).toEqual([...ENTERED, ...submitted, ...LEFT]);
  });
});

describe('nesting', () => {
  test('three levels, each waiting for the next', async () => {
    const world = await createWorld();
    await world.worker();
    const third = await world.stateMachine(SHORT);
    const second = await world.stateMachine(
      starter(third, '.sync:2', { Parameters: { 'Input.$': '$' }, OutputPath: '$.Output' }),
    );
    const first = starter(second, '.sync:2', { Parameters: { 'Input.$': '$' }, OutputPath: '$.Output' });
    const executionId = await world.start(first, { deep: [1.0, 'é'] });
    expect(await world.ended(executionId)).toMatchObject({ status: 'SUCCEEDED', output: '{"deep":[1,"é"]}' });
  });

  test('ends at a hundred levels with an error that a Catch can match', async () => {
    const world = await createWorld();
    await world.worker();
    // It starts itself: its own ARN is handed on.
    const itself = await world.stateMachine(
      sequence([
        [
          'again',
          {
            Type: 'Task',
            Resource: 'arn:aws:states:::states:startExecution',
            Parameters: { 'StateMachineArn.$': '$.arn', 'Input.$': '$' },
            Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'end', ResultPath: '$.error' }],
          },
        ],
        ['end', { Type: 'Pass' }],
      ]),
    );
    const executionId = await world.start(starter(itself, '', { Parameters: { Input: { arn: itself } } }));
    await world.ended(executionId);
    await vi.waitFor(async () => {
      const executions = await executionsOf(world, itself);
      expect(executions).toHaveLength(100);
      expect(executions.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
    }, 30_000);
    const last = (await executionsOf(world, itself)).find(({ output }) => output?.includes('"error"'));
    expect(JSON.parse(last?.output ?? '').error.Error).toBe('StepFunctions.ExecutionLimitExceededException');
  });
});

test('a Map starts forty children with few questions to the database', async () => {
  const world = await createWorld();
  const asked = { startRecord: 0, children: 0 };
  const counted =
    <Name extends keyof typeof asked, Args extends unknown[], Result>(
      name: Name,
      ask: (...args: Args) => Result,
    ) =>
    (...args: Args): Result => {
      asked[name]++;
      return ask(...args);
    };
  const { stateMachines, executions } = world.store;
  stateMachines.startRecord = counted('startRecord', stateMachines.startRecord);
  executions.children = counted('children', executions.children);
  await world.worker();
  const child = await world.stateMachine(SHORT);
  const executionId = await world.start(
    sequence([
      [
        'each',
        {
          Type: 'Map',
          ItemProcessor: starter(child, '.sync:2', {
            Parameters: { 'Input.$': '$' },
            OutputPath: '$.Output',
          }),
        },
      ],
    ]),
    Array.from({ length: 40 }, (_, n) => ({ n })),
  );
  const { output: result } = await world.ended(executionId);
  expect(JSON.parse(result ?? '')).toEqual(Array.from({ length: 40 }, (_, n) => ({ n })));
  expect(await executionsOf(world, child)).toHaveLength(40);
  expect(asked).toEqual({ startRecord: 1, children: 1 });
});

describe('Express executions', () => {
  test.each(['', '.waitForTaskToken'] as const)('are started as well (form "%s")', async (form) => {
    const world = await createWorld({ f: () => succeed(1) });
    await world.worker();
    const call = { Type: 'Task', Resource: functionArn('f'), End: true };
    const child = await world.stateMachine({ StartAt: 'A', States: { A: call } }, 'EXPRESS');
    const executionId = await world.start(starter(child, form, { Parameters: { Name: 'child' } }));
    const { executionArn } = await world.tasks.called('f');
    expect(executionArn).toContain(`${child.replace(':stateMachine:', ':express:')}:child:`);
    if (form !== '') return;
    const { output: result } = await world.ended(executionId);
    expect(JSON.parse(result ?? '')).toMatchObject({ ExecutionArn: executionArn });
  });

  test('cannot be waited for', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(SHORT, 'EXPRESS');
    const ended = await world.ended(await world.start(starter(child, '.sync')));
    expect(ended).toMatchObject({
      status: 'FAILED',
      error: 'StepFunctions.StateMachineTypeNotSupportedException',
    });
  });

  test('start executions themselves', async () => {
    const world = await createWorld();
    await world.worker();
    const child = await world.stateMachine(SHORT);
    const middle = await world.stateMachine(starter(child, ''), 'EXPRESS');
    await world.ended(await world.start(starter(middle, '')));
    await vi.waitFor(
      async () => expect(await executionsOf(world, child)).toMatchObject([{ status: 'SUCCEEDED' }]),
      10_000,
    );
  });
});

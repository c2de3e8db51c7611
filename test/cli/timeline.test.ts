import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../cli/client.ts';
import { Timeline } from '../../cli/timeline.ts';

type Row = readonly [
  previousEventId: number,
  seconds: number,
  type: string,
  details?: Record<string, unknown>,
];

/** Tells a history, one `seconds depth state | mark text` a line. */
function tell(rows: readonly Row[]): string[] {
  const timeline = new Timeline();
  return rows
    .map(([previousEventId, seconds, type, details], i): HistoryEvent => {
      const member = detailsMember(type);
      return {
        id: i + 1,
        previousEventId,
        timestamp: 1_700_000_000 + seconds,
        type,
        ...(details && { [member]: details }),
      };
    })
    .flatMap((event) => timeline.add(event))
    .map(
      ({ seconds, depth, state, mark, text }) => `${seconds} ${'│'.repeat(depth)}${state} ${mark} ${text}`,
    );
}

function detailsMember(type: string): `${string}EventDetails` {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

test('a task that is retried and then caught', () => {
  const cause = JSON.stringify({ errorType: 'Busy', errorMessage: 'come back later', stackTrace: [] });
  expect(
    tell([
      [0, 0, 'ExecutionStarted', { input: '{"order": 1}' }],
      [0, 0, 'TaskStateEntered', { name: 'Charge' }],
      [
        2,
        0,
        'TaskScheduled',
        { resourceType: 'lambda', resource: 'invoke', parameters: '{"FunctionName":"charge"}' },
      ],
      [3, 0, 'TaskStarted'],
      [4, 1, 'TaskFailed', { error: 'Busy', cause }],
      [
        5,
        3,
        'TaskScheduled',
        { resourceType: 'lambda', resource: 'invoke', parameters: '{"FunctionName":"charge"}' },
      ],
      [6, 3, 'TaskStarted'],
      [7, 4, 'TaskFailed', { error: 'Busy', cause }],
      [8, 4, 'TaskStateExited', { name: 'Charge', output: '{}' }],
      [9, 4, 'FailStateEntered', { name: 'Give up' }],
      [10, 4, 'ExecutionFailed', { error: 'Busy', cause: 'no luck' }],
    ]),
  ).toEqual([
    '0  ● started with {"order": 1}',
    '0 Charge ▸ calls charge',
    '1 Charge ✗ Busy: come back later',
    '3 Charge ↻ retry 1 after 2.0 s: calls charge',
    '4 Charge ✗ Busy: come back later',
    '4 Charge ↪ caught: goes on with Give up',
    '4 Give up ✗ ends the execution as failed',
    '4  ● FAILED: Busy: no luck',
  ]);
});

test('a Map inside a Parallel branch, and what comes after them', () => {
  expect(
    tell([
      [0, 0, 'ExecutionStarted', { input: '{}' }],
      [0, 0, 'ParallelStateEntered', { name: 'Both' }],
      [2, 0, 'ParallelStateStarted'],
      [3, 0, 'MapStateEntered', { name: 'Each' }],
      [4, 0, 'MapStateStarted', { length: 2 }],
      [5, 0, 'MapIterationStarted', { name: 'Each', index: 0 }],
      [6, 0, 'PassStateEntered', { name: 'Step' }],
      [7, 0, 'PassStateExited', { name: 'Step', output: '"a"' }],
      [8, 0, 'MapIterationSucceeded', { name: 'Each', index: 0 }],
      [8, 0, 'MapIterationStarted', { name: 'Each', index: 1 }],
      [10, 0, 'PassStateEntered', { name: 'Step' }],
      [11, 0, 'PassStateExited', { name: 'Step', output: '"b"' }],
      [12, 0, 'MapIterationSucceeded', { name: 'Each', index: 1 }],
      [13, 0, 'MapStateSucceeded'],
      [13, 0, 'MapStateExited', { name: 'Each', output: '[]' }],
      [15, 0, 'ParallelStateSucceeded'],
      [15, 0, 'ParallelStateExited', { name: 'Both', output: '[]' }],
      [17, 0, 'ChoiceStateEntered', { name: 'Which?' }],
      [18, 0, 'ChoiceStateExited', { name: 'Which?', output: '[]' }],
      [19, 0, 'WaitStateEntered', { name: 'Rest' }],
      [20, 2, 'WaitStateExited', { name: 'Rest', output: '[]' }],
      [21, 2, 'ExecutionSucceeded', { output: '[]' }],
    ]),
  ).toEqual([
    '0  ● started with {}',
    '0 Both ⇉ runs its branches side by side',
    '0 │Each ⇉ maps over 2 items',
    '0 ││Step [0] · passes on "a"',
    '0 ││Step [1] · passes on "b"',
    '0 │Each ✓ all items are done',
    '0 Both ✓ all branches are done',
    '0 Which? ◇ chooses Rest',
    '0 Rest ◷ waits',
    '2 Rest ✓ waited 2.0 s',
    '2  ● SUCCEEDED with []',
  ]);
});

test('an execution that was redriven', () => {
  expect(
    tell([
      [0, 0, 'ExecutionStarted', { input: '{}' }],
      [0, 0, 'ParallelStateEntered', { name: 'Both' }],
      [2, 0, 'ParallelStateStarted'],
      [3, 0, 'TaskStateEntered', { name: 'Charge' }],
      [
        4,
        0,
        'LambdaFunctionScheduled',
        { resource: 'arn:aws:lambda:us-east-1:000000000000:function:charge' },
      ],
      [5, 0, 'LambdaFunctionStarted'],
      [6, 1, 'LambdaFunctionFailed', { error: 'Busy' }],
      [7, 1, 'TaskStateAborted'],
      [7, 1, 'ParallelStateFailed'],
      [9, 1, 'ExecutionFailed', { error: 'Busy' }],
      [10, 60, 'ExecutionRedriven', { redriveCount: 1 }],
      [
        4,
        60,
        'LambdaFunctionScheduled',
        { resource: 'arn:aws:lambda:us-east-1:000000000000:function:charge' },
      ],
      [12, 60, 'LambdaFunctionStarted'],
      [13, 61, 'LambdaFunctionSucceeded', { output: '1' }],
      [14, 61, 'TaskStateExited', { name: 'Charge', output: '1' }],
      [15, 61, 'ParallelStateSucceeded'],
      [15, 61, 'ParallelStateExited', { name: 'Both', output: '[1]' }],
      [17, 61, 'ExecutionSucceeded', { output: '[1]' }],
    ]),
  ).toEqual([
    '0  ● started with {}',
    '0 Both ⇉ runs its branches side by side',
    '0 │Charge ▸ calls charge',
    '1 │Charge ✗ Busy',
    '1 Both ✗ failed',
    '1  ● FAILED: Busy',
    '60  ↻ redriven (1)',
    '60 │Charge ▸ calls charge',
    '61 │Charge ✓ 1',
    '61 Both ✓ all branches are done',
    '61  ● SUCCEEDED with [1]',
  ]);
});

test('whatever a cause holds, it is told in one line', () => {
  const [, line] = tell([
    [0, 0, 'ExecutionStarted', {}],
    [0, 0, 'ExecutionFailed', { error: 'E', cause: `{"errorMessage":"line one\\nline two"}` }],
  ]);
  expect(line).toBe('0  ● FAILED: E: line one line two');
});

test('a task of an activity', () => {
  const resource = 'arn:aws:states:us-east-1:000000000000:activity:review';
  expect(
    tell([
      [0, 0, 'ExecutionStarted', { input: '{}' }],
      [0, 0, 'TaskStateEntered', { name: 'Review' }],
      [2, 0, 'ActivityScheduled', { resource, input: '{}' }],
      [3, 1, 'ActivityStarted', { workerName: 'Ada' }],
      [4, 2, 'ActivityFailed', { error: 'Refused' }],
      [5, 3, 'ActivityScheduled', { resource, input: '{}' }],
      [6, 4, 'ActivityStarted', {}],
      [7, 5, 'ActivitySucceeded', { output: '"fine"' }],
    ]),
  ).toEqual([
    '0  ● started with {}',
    '0 Review ▸ waits for a worker of review',
    '1 Review … taken by Ada',
    '2 Review ✗ Refused',
    '3 Review ↻ retry 1 after 1.0 s: waits for a worker of review',
    '4 Review … taken by a worker',
    '5 Review ✓ "fine"',
  ]);
});

test.each([
  [
    'TaskScheduled',
    { resourceType: 'states', resource: 'startExecution.sync:2' },
    'states:startExecution.sync:2',
  ],
  [
    'TaskScheduled',
    { resourceType: 'aws-sdk:sfn', resource: 'startSyncExecution' },
    'aws-sdk:sfn:startSyncExecution',
  ],
  ['TaskScheduled', { resourceType: 'lambda', parameters: '{"FunctionName":"charge:live"}' }, 'charge:live'],
  [
    'LambdaFunctionScheduled',
    { resource: 'arn:aws:lambda:us-east-1:000000000000:function:charge:live' },
    'charge:live',
  ],
])('a %s names what is called: %j', (type, details, callee) => {
  const [, line] = tell([
    [0, 0, 'ExecutionStarted', { input: '{}' }],
    [0, 0, 'TaskStateEntered', { name: 'Charge' }],
    [2, 0, type, details],
  ]);
  expect(line).toBe(`0 Charge ▸ calls ${callee}`);
});

import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../cli/client.ts';
import { historyFaults } from './history-checker.ts';

/** A machine of one Task that fails once and is retried, then a Pass. */
const GOOD: readonly (readonly [id: number, previousEventId: number, type: string, state?: string])[] = [
  [1, 0, 'ExecutionStarted'],
  [2, 0, 'TaskStateEntered', 'Charge'],
  [3, 2, 'LambdaFunctionScheduled'],
  [4, 3, 'LambdaFunctionStarted'],
  [5, 4, 'LambdaFunctionFailed'],
  [6, 5, 'LambdaFunctionScheduled'],
  [7, 6, 'LambdaFunctionStarted'],
  [8, 7, 'LambdaFunctionSucceeded'],
  [9, 8, 'TaskStateExited', 'Charge'],
  [10, 9, 'PassStateEntered', 'Thank'],
  [11, 10, 'PassStateExited', 'Thank'],
  [12, 11, 'ExecutionSucceeded'],
];

function history(rows: typeof GOOD = GOOD): HistoryEvent[] {
  return rows.map(([id, previousEventId, type, state]) => ({
    id,
    previousEventId,
    type,
    timestamp: 1_700_000_000 + id,
    ...(type.endsWith('Entered') && { stateEnteredEventDetails: { name: state } }),
    ...(type.endsWith('Exited') && { stateExitedEventDetails: { name: state } }),
  }));
}

/** The good history with some events replaced. */
function withFault(...replacements: readonly Partial<HistoryEvent>[]): HistoryEvent[] {
  return history().map((event) => ({ ...event, ...replacements.find(({ id }) => id === event.id) }));
}

test('a good history has no faults', () => {
  expect(historyFaults(history())).toEqual([]);
});

test('a failure that nothing handles may leave its state open, but not its call', () => {
  expect(historyFaults(history([...GOOD.slice(0, 5), [6, 5, 'ExecutionFailed']]))).toEqual([]);
  expect(historyFaults(history([...GOOD.slice(0, 4), [5, 4, 'ExecutionFailed']]))).toEqual([
    'event 4 LambdaFunctionStarted has no end',
  ]);
});

/** A Parallel of two calls, of which one fails; the failure is caught, and another call follows. */
const BESIDE_A_FAILURE: typeof GOOD = [
  [1, 0, 'ExecutionStarted'],
  [2, 0, 'ParallelStateEntered', 'Both'],
  [3, 2, 'ParallelStateStarted'],
  [4, 3, 'TaskStateEntered', 'Left'],
  [5, 4, 'LambdaFunctionScheduled'],
  [6, 3, 'TaskStateEntered', 'Right'],
  [7, 6, 'LambdaFunctionScheduled'],
  [8, 5, 'LambdaFunctionFailed'],
  [9, 8, 'TaskStateAborted'],
  [10, 8, 'ParallelStateFailed'],
  [11, 10, 'ParallelStateExited', 'Both'],
  [12, 11, 'TaskStateEntered', 'After'],
  [13, 12, 'LambdaFunctionScheduled'],
  [14, 13, 'LambdaFunctionSucceeded'],
  [15, 14, 'TaskStateExited', 'After'],
  [16, 15, 'ExecutionSucceeded'],
];

test('a failure beside a call cuts it short, but no call that comes after', () => {
  expect(historyFaults(history(BESIDE_A_FAILURE))).toEqual([]);
  const without14 = BESIDE_A_FAILURE.map((row): typeof row =>
    row[0] === 14 ? [14, 13, 'PassStateEntered'] : row,
  );
  expect(historyFaults(history(without14))).toContain('event 13 LambdaFunctionScheduled has no end');
});

test('a Parallel that succeeds cuts no call short', () => {
  const succeeding = BESIDE_A_FAILURE.map(
    ([id, previous, type, state]): (typeof BESIDE_A_FAILURE)[number] => {
      if (id === 8) return [8, 5, 'LambdaFunctionSucceeded'];
      if (id === 9) return [9, 8, 'TaskStateExited', 'Left'];
      return [id, previous, type.replace('ParallelStateFailed', 'ParallelStateSucceeded'), state];
    },
  );
  expect(historyFaults(history(succeeding))).toContain('event 7 LambdaFunctionScheduled has no end');
});

test('an end from outside cuts calls short', () => {
  expect(historyFaults(history([...GOOD.slice(0, 4), [5, 0, 'ExecutionAborted']]))).toEqual([]);
});

const REDRIVEN: typeof GOOD = [
  ...GOOD.slice(0, 5),
  [6, 5, 'ExecutionFailed'],
  [7, 6, 'ExecutionRedriven'],
  [8, 2, 'LambdaFunctionScheduled'],
  [9, 8, 'LambdaFunctionStarted'],
  [10, 9, 'LambdaFunctionSucceeded'],
  [11, 10, 'TaskStateExited', 'Charge'],
  [12, 11, 'ExecutionSucceeded'],
];

test('an execution may go on after its end, where it is redriven', () => {
  expect(historyFaults(history(REDRIVEN))).toEqual([]);
});

test('one that was stopped at once enters its first state after a redrive', () => {
  const stoppedAtOnce: typeof GOOD = [
    [1, 0, 'ExecutionStarted'],
    [2, 0, 'ExecutionAborted'],
    [3, 2, 'ExecutionRedriven'],
    [4, 0, 'PassStateEntered', 'Thank'],
    [5, 4, 'PassStateExited', 'Thank'],
    [6, 5, 'ExecutionSucceeded'],
  ];
  expect(historyFaults(history(stoppedAtOnce))).toEqual([]);
});

const planted: Record<string, readonly [HistoryEvent[], string]> = {
  'a redrive before the end': [
    history(REDRIVEN.map((row) => (row[0] === 6 ? [6, 5, 'LambdaFunctionScheduled'] : row))),
    'event 6 LambdaFunctionScheduled: it is redriven before its end',
  ],
  'a lost event': [history(GOOD.filter(([id]) => id !== 4)), 'event 4 has the id 5'],
  'an event written twice': [history([...GOOD.slice(0, 11), ...GOOD.slice(10)]), 'event 12 has the id 11'],
  'a chain into the future': [
    withFault({ id: 9, previousEventId: 10 }),
    'event 9 TaskStateExited chains forward to 10',
  ],
  'a chain into nothing': [
    withFault({ id: 9, previousEventId: 0 }),
    'event 9 TaskStateExited chains to 0, which is no event',
  ],
  'a clock that ran backwards': [
    withFault({ id: 9, timestamp: 1_700_000_007 }),
    'event 9 TaskStateExited is earlier than event 8 LambdaFunctionSucceeded',
  ],
  'two results of one call': [
    withFault({ id: 9, type: 'LambdaFunctionSucceeded', previousEventId: 7 }),
    'event 7 LambdaFunctionStarted goes on twice: event 8 LambdaFunctionSucceeded, event 9 LambdaFunctionSucceeded',
  ],
  'a call without a result': [
    withFault({ id: 8, type: 'PassStateEntered' }),
    'event 7 LambdaFunctionStarted has no end',
  ],
  'a state left twice': [
    withFault({ id: 11, stateExitedEventDetails: { name: 'Charge' } }),
    'event 11 PassStateExited leaves "Charge", which was not entered',
  ],
  'a state never left': [
    withFault({ id: 11, stateExitedEventDetails: { name: 'Charge' } }),
    '"Thank" is entered but never left',
  ],
  'an execution that never ends': [history(GOOD.slice(0, 11)), 'the last event does not end the execution'],
  'an execution that goes on': [
    withFault({ id: 10, type: 'ExecutionFailed' }),
    'event 10 ExecutionFailed: it goes on after its end',
  ],
  'an execution that starts again': [
    withFault({ id: 10, type: 'ExecutionStarted' }),
    'event 10 ExecutionStarted: it starts again',
  ],
};

test.each(Object.entries(planted))('finds %s', (_fault, [events, sentence]) => {
  expect(historyFaults(events)).toContain(sentence);
});

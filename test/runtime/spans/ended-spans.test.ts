/** The spans of small executions, as a tree that can be read; docs/traces.md tells the rules. */
import { expect, test } from 'vitest';
import type { ExecutionSpan, JournalEvent, Machine } from '../../../runtime/index.ts';
import { Run, START_TIME, type TaskAnswer } from '../../support/in-memory-run.ts';
import { spansOf } from '../../support/span-replay.ts';

const TASK = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f' };

/** A line a span: `kind name start–end outcome error`, in seconds since the start, within its parent. */
function tree({ machine, journal }: { machine: Machine; journal: readonly JournalEvent[] }): string[] {
  const spans = spansOf(machine, journal);
  const lines = (parentId: string | undefined, indent: string): string[] =>
    spans
      .filter((span) => span.parentId === parentId)
      .sort((a, b) => a.eventId - b.eventId || a.startTime - b.startTime)
      .flatMap((span) => [indent + shown(span), ...lines(span.id, `${indent}  `)]);
  return lines(undefined, '');
}

function shown(span: ExecutionSpan): string {
  const name = span.kind === 'execution' ? `${span.redriveCount}` : span.state;
  const index = span.kind === 'iteration' ? `[${span.index}]` : '';
  const [start, end] = [span.startTime, span.endTime].map((time) => (time - START_TIME) / 1000);
  const error = span.failure === undefined ? '' : ` ${span.failure.error}`;
  return `${span.kind} ${name}${index} ${start}–${end} ${span.outcome}${error}`;
}

async function run(definition: object, answers: readonly TaskAnswer[] = []): Promise<Run> {
  let call = 0;
  const run = new Run(definition, { tasks: () => answers[call++] ?? { output: {} } });
  await run.toEnd();
  return run;
}

test('attempts, the waits between them, a wait of a day, and a failure that is caught', async () => {
  const Retry = [{ ErrorEquals: ['Again'], IntervalSeconds: 3, MaxAttempts: 2, BackoffRate: 2 }];
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Long' }];
  const machine = {
    StartAt: 'Try',
    States: {
      Try: { ...TASK, Retry, Next: 'Caught' },
      Caught: { ...TASK, Catch, Next: 'Long' },
      Long: { Type: 'Wait', Seconds: 86_400, Next: 'No' },
      No: { Type: 'Fail', Error: 'Enough', Cause: 'for today' },
    },
  };
  const answers = [{ error: 'Again' }, { error: 'Again' }, { output: {} }, { error: 'Broken' }];
  expect(tree(await run(machine, answers))).toEqual([
    'execution 0 0–86409 failed Enough',
    '  state Try 0–9 succeeded',
    '    attempt Try 0–0 failed Again',
    '    retry-wait Try 0–3 succeeded',
    '    attempt Try 3–3 failed Again',
    '    retry-wait Try 3–9 succeeded',
    '    attempt Try 9–9 succeeded',
    '  state Caught 9–9 caught Broken',
    '    attempt Caught 9–9 failed Broken',
    '  state Long 9–86409 succeeded',
    '  state No 86409–86409 failed Enough',
  ]);
});

test('a failing branch fails what is around it, and aborts what is beside it', async () => {
  const Slow = { Type: 'Wait', Seconds: 60, End: true };
  const machine = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemsPath: '$.items',
        ItemProcessor: {
          StartAt: 'Both',
          States: {
            Both: {
              Type: 'Parallel',
              Branches: [
                { StartAt: 'Slow', States: { Slow } },
                { StartAt: 'Work', States: { Work: { ...TASK, End: true } } },
              ],
              End: true,
            },
          },
        },
        End: true,
      },
    },
  };
  let calls = 0;
  const tasks = (): TaskAnswer => (calls++ === 1 ? { error: 'Broken' } : 'never');
  const run = new Run(machine, { input: '{"items":[1,2]}', tasks });
  await run.toEnd();
  expect(tree(run)).toEqual([
    'execution 0 0–0 failed Broken',
    '  state Each 0–0 failed Broken',
    '    iteration Each[0] 0–0 aborted',
    '      state Both 0–0 aborted',
    '        state Slow 0–0 aborted',
    '        state Work 0–0 aborted',
    '          attempt Work 0–0 aborted',
    '    iteration Each[1] 0–0 failed Broken',
    '      state Both 0–0 failed Broken',
    '        state Slow 0–0 aborted',
    '        state Work 0–0 failed Broken',
    '          attempt Work 0–0 failed Broken',
  ]);
});

test('a Map whose next input cannot be made begins anew without the iterations that ran', async () => {
  const machine = {
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Items: [1, 2, 3],
        MaxConcurrency: 2,
        ItemSelector: "{% $states.context.Map.Item.Value = 3 ? $error('no') : 1 %}",
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 1 }],
        ItemProcessor: { StartAt: 'Work', States: { Work: { ...TASK, End: true } } },
        End: true,
      },
    },
  };
  expect(tree(await run(machine))).toEqual([
    'execution 0 0–5 failed States.QueryEvaluationError',
    '  state Each 0–5 failed States.QueryEvaluationError',
    '    iteration Each[0] 0–0 succeeded',
    '      state Work 0–0 succeeded',
    '        attempt Work 0–0 succeeded',
    '    iteration Each[1] 0–0 aborted',
    '      state Work 0–0 aborted',
    '        attempt Work 0–0 aborted',
    '    retry-wait Each 0–5 succeeded',
    '    iteration Each[0] 5–5 succeeded',
    '      state Work 5–5 succeeded',
    '        attempt Work 5–5 succeeded',
    '    iteration Each[1] 5–5 aborted',
    '      state Work 5–5 aborted',
    '        attempt Work 5–5 aborted',
  ]);
});

test('a retry that leads from a Fail state has a span beside that state’s', async () => {
  const machine = {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Again' } } }],
        Retry: [{ ErrorEquals: ['Again'], IntervalSeconds: 2, MaxAttempts: 1 }],
        End: true,
      },
    },
  };
  expect(tree(await run(machine))).toEqual([
    'execution 0 0–2 failed Again',
    '  state Both 0–2 failed Again',
    '    state No 0–0 failed Again',
    '    retry-wait Both 0–2 succeeded',
    '    state No 2–2 failed Again',
  ]);
});

test('a timeout of the execution, and of a task', async () => {
  const work = { ...TASK, TimeoutSeconds: 4, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Rest' }] };
  const machine = {
    StartAt: 'Work',
    TimeoutSeconds: 10,
    States: { Work: { ...work, End: true }, Rest: { Type: 'Wait', Seconds: 60, End: true } },
  };
  expect(tree(await run(machine, ['never']))).toEqual([
    'execution 0 0–10 timed-out States.Timeout',
    '  state Work 0–4 caught States.Timeout',
    '    attempt Work 0–4 timed-out States.Timeout',
    '  state Rest 4–10 aborted',
  ]);
});

test('a redrive is a span within the execution’s, and what goes on in it is told anew', async () => {
  const machine = {
    StartAt: 'Done',
    States: {
      Done: { Type: 'Pass', Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 90, End: true } } },
          { StartAt: 'Work', States: { Work: { ...TASK, End: true } } },
        ],
        End: true,
      },
    },
  };
  const redriven = await run(machine, [{ error: 'Broken' }]);
  redriven.redrive(60);
  await redriven.toEnd();
  expect(tree(redriven)).toEqual([
    'execution 0 0–0 failed Broken',
    '  state Done 0–0 succeeded',
    '  state Both 0–0 failed Broken',
    '    state Rest 0–0 aborted',
    '    state Work 0–0 failed Broken',
    '      attempt Work 0–0 failed Broken',
    '  execution 1 60–90 succeeded',
    '    state Both 60–90 succeeded',
    '      state Rest 60–90 succeeded',
    '      state Work 60–60 succeeded',
    '        attempt Work 60–60 succeeded',
  ]);
});

test('a stop', async () => {
  const stopped = new Run({ StartAt: 'Work', States: { Work: { ...TASK, End: true } } });
  await stopped.toEnd(1);
  stopped.stop();
  expect(tree(stopped)).toEqual([
    'execution 0 0–0 aborted undefined',
    '  state Work 0–0 aborted',
    '    attempt Work 0–0 aborted',
  ]);
});

test('an attempt tells the execution that it has started', async () => {
  const machine = {
    StartAt: 'Start',
    States: {
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:child' },
        End: true,
      },
    },
  };
  const ExecutionArn = 'arn:aws:states:us-east-1:000000000000:execution:child:1';
  const { machine: parsed, journal } = await run(machine, [{ output: { ExecutionArn } }]);
  expect(spansOf(parsed, journal).filter(({ kind }) => kind === 'attempt')).toMatchObject([
    { childExecutionArn: ExecutionArn },
  ]);
});

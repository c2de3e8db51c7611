/** State machines of every kind whose histories do not depend on who runs them, and the answers of their tasks. */
import type { TaskResult } from '../../integrations/integration.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:attempt';

/** Fails so many times as it is told to, by the number of the attempt that it is told. */
function attempt(failures: number, more: object): object {
  return {
    Type: 'Task',
    Resource: FUNCTION,
    Parameters: { 'retry.$': '$$.State.RetryCount', failures },
    ...more,
  };
}

export function answerByAttempt(payload: string): TaskResult {
  const { retry, failures } = JSON.parse(payload) as { retry: number; failures: number };
  if (retry >= failures) return { kind: 'succeeded', output: payload };
  return { kind: 'failed', failure: { error: 'Again', cause: `attempt ${retry}` } };
}

const Retry = [{ ErrorEquals: ['Again'], IntervalSeconds: 1, MaxAttempts: 2 }];
const pass = (name: string, more: object = { End: true }) => ({
  StartAt: name,
  States: { [name]: { Type: 'Pass', ...more } },
});

export const SCENARIOS: Readonly<Record<string, { readonly definition: object; readonly input: string }>> = {
  'tasks, one retried, one caught': {
    definition: {
      StartAt: 'Well',
      States: {
        Well: attempt(0, { ResultPath: '$.well', Next: 'Retried' }),
        Retried: attempt(2, { Retry, ResultPath: '$.retried', Next: 'Caught' }),
        Caught: attempt(9, {
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'End' }],
          End: true,
        }),
        End: { Type: 'Succeed' },
      },
    },
    input: '{"a":1}',
  },
  'a failure that nothing handles': {
    definition: { StartAt: 'Fails', States: { Fails: attempt(9, { Retry, End: true }) } },
    input: '{}',
  },
  'branches in branches': {
    definition: {
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [
            pass('Left', { Result: 'left', End: true }),
            {
              StartAt: 'Each',
              States: {
                Each: {
                  Type: 'Map',
                  ItemsPath: '$.items',
                  MaxConcurrency: 2,
                  ItemProcessor: pass('Item', { Parameters: { 'item.$': '$$.Map.Item' }, End: true }),
                  End: true,
                },
              },
            },
          ],
          Next: 'After',
        },
        After: { Type: 'Pass', OutputPath: '$[1]', End: true },
      },
    },
    input: '{"items":[1,2,3]}',
  },
  'a choice, variables and a wait': {
    definition: {
      StartAt: 'Assign',
      States: {
        Assign: { Type: 'Pass', Assign: { 'kept.$': '$.n' }, Next: 'Rest' },
        Rest: { Type: 'Wait', Seconds: 1, Next: 'Large' },
        Large: {
          Type: 'Choice',
          Choices: [{ Variable: '$kept', NumericGreaterThan: 5, Next: 'Yes' }],
          Default: 'No',
        },
        Yes: { Type: 'Pass', Parameters: { 'kept.$': '$kept' }, End: true },
        No: { Type: 'Fail', Error: 'Small' },
      },
    },
    input: '{"n":7}',
  },
  'JSONata, and a Map that fails': {
    definition: {
      QueryLanguage: 'JSONata',
      StartAt: 'Sum',
      States: {
        Sum: {
          Type: 'Pass',
          Output: '{% { "list": $states.input.list, "sum": $sum($states.input.list) } %}',
          Next: 'Each',
        },
        Each: {
          Type: 'Map',
          Items: '{% $states.input.list %}',
          MaxConcurrency: 1,
          ItemProcessor: {
            StartAt: 'Odd',
            States: {
              Odd: {
                Type: 'Choice',
                Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'Even' }],
                Default: 'Fine',
              },
              Fine: { Type: 'Succeed' },
              Even: { Type: 'Fail', Error: 'Even', Cause: '{% $string($states.input) %}' },
            },
          },
          Catch: [{ ErrorEquals: ['Even'], Output: '{% $states.errorOutput %}', Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Pass', End: true },
      },
    },
    input: '{"list":[1,2,3]}',
  },
};

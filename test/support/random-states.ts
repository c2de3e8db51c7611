/**
 * What the states of random machines are picked from, by query language; names and transitions are added. Names
 * of variables end in `_DEPTH`, which becomes the depth of the scope: an inner scope may not assign an outer one's.
 */
import type { QueryLanguage } from '../../runtime/machine/machine.ts';

export type Leaf = 'Pass' | 'Task' | 'Callback' | 'Wait' | 'Fail';
type Variants<T> = Readonly<Record<QueryLanguage, readonly T[]>>;
export interface State {
  readonly Type: string;
  readonly [field: string]: unknown;
}

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const INPUT = '$$.Execution.Input';

/** What an attempt is told: enough to tell it from others, and nothing that differs between two runs. */
const ATTEMPT = {
  'state.$': '$$.State.Name',
  'attempt.$': '$$.State.RetryCount',
};
const ATTEMPT_JSONATA = {
  state: '{% $states.context.State.Name %}',
  attempt: '{% $states.context.State.RetryCount %}',
};

const CALLBACK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' };

export const LEAVES: Readonly<Record<Leaf, Variants<State>>> = {
  Pass: {
    JSONPath: [
      { Type: 'Pass' },
      pass({ Result: { items: [], n: 0.5 }, ResultPath: '$.result' }),
      pass({ Assign: { 'v_DEPTH.$': '$$.State.Name', list_DEPTH: [1] } }),
      pass({
        Parameters: { 'all.$': INPUT, 'sum.$': `States.MathAdd(${INPUT}.n, 2)` },
        ResultPath: '$.more',
      }),
      pass({ Parameters: { 'some.$': `${INPUT}.items[?(@ > 1)]`, 'x.$': `${INPUT}..x` } }),
      pass({ InputPath: `${INPUT}.deep`, OutputPath: '$.list[0]' }),
      pass({ InputPath: '$.items', ResultPath: '$.copy' }),
      pass({ Parameters: { 'v.$': '$v_DEPTH' } }),
      pass({ Parameters: { 'text.$': `States.Format('{}:{}', ${INPUT}.text, $$.State.Name)` } }),
    ],
    JSONata: [
      { Type: 'Pass' },
      pass({ Output: { n: '{% $states.context.Execution.Input.n * 2 %}', again: '{% $states.input %}' } }),
      pass({ Assign: { v_DEPTH: '{% $states.context.State.Name %}', list_DEPTH: '{% [1..3] %}' } }),
      pass({ Output: '{% $merge([$states.context.Execution.Input, {"merged": true}]) %}' }),
      pass({ Output: '{% $states.input.items[0] %}' }),
      pass({ Output: '{% $v_DEPTH %}' }),
    ],
  },
  Task: {
    JSONPath: [
      task({ Parameters: ATTEMPT, ResultPath: '$.result' }),
      task({ Parameters: ATTEMPT, TimeoutSeconds: 60 }),
      task({ Parameters: ATTEMPT, ResultSelector: { 'ok.$': '$.ok' }, ResultPath: '$.selected' }),
      task({ Parameters: ATTEMPT, ResultPath: null, Assign: { 'v_DEPTH.$': '$' } }),
      task({ Parameters: ATTEMPT, TimeoutSecondsPath: `${INPUT}.n`, OutputPath: '$.ok' }),
    ],
    JSONata: [
      task({ Arguments: ATTEMPT_JSONATA }),
      task({ Arguments: ATTEMPT_JSONATA, TimeoutSeconds: '{% 10 * 6 %}', Output: '{% $states.result.ok %}' }),
      task({
        Arguments: ATTEMPT_JSONATA,
        Assign: { v_DEPTH: '{% $states.result %}' },
        Output: '{% $states.input %}',
      }),
    ],
  },
  // A token that nobody sends back: the task waits for its timeout, or for its heartbeat's.
  Callback: {
    JSONPath: [
      { ...CALLBACK, Parameters: { FunctionName: 'f', Payload: ATTEMPT }, TimeoutSeconds: 17 },
      {
        ...CALLBACK,
        Parameters: { FunctionName: 'f', Payload: ATTEMPT },
        TimeoutSeconds: 30,
        HeartbeatSeconds: 11,
      },
    ],
    JSONata: [
      {
        ...CALLBACK,
        Arguments: { FunctionName: 'f', Payload: ATTEMPT_JSONATA },
        TimeoutSeconds: '{% 10 + 3 %}',
      },
    ],
  },
  Wait: {
    JSONPath: [
      wait({ Seconds: 5 }),
      wait({ Seconds: 30 }),
      wait({ SecondsPath: `${INPUT}.n` }),
      wait({ Timestamp: '2020-01-01T00:00:00Z' }),
      wait({ SecondsPath: `${INPUT}.text` }),
    ],
    JSONata: [
      wait({ Seconds: '{% $states.context.Execution.Input.n %}' }),
      wait({ Seconds: 30, Output: { waited: true } }),
      wait({ Timestamp: '{% "2020-01-01T00:00:00Z" %}' }),
    ],
  },
  Fail: {
    JSONPath: [
      { Type: 'Fail', Error: 'Again', Cause: 'as told' },
      { Type: 'Fail', ErrorPath: '$$.State.Name' },
      { Type: 'Fail' },
    ],
    JSONata: [{ Type: 'Fail', Error: '{% "Ag" & "ain" %}', Cause: '{% $states.context.State.Name %}' }],
  },
};

export const RULES: Variants<object> = {
  JSONPath: [
    { Variable: '$$.State.Name', StringMatches: 'S*', Assign: { 'chosen_DEPTH.$': '$$.State.Name' } },
    { Not: { Variable: `${INPUT}.n`, NumericGreaterThanEquals: 4 } },
    {
      And: [{ Variable: '$.items', IsPresent: true }, { Or: [{ Variable: '$.items[0]', IsNumeric: true }] }],
    },
    { Variable: `${INPUT}.n`, NumericEqualsPath: `${INPUT}.items[2]` },
    { Variable: '$.ok', NumericLessThan: 2 },
  ],
  JSONata: [
    { Condition: '{% $states.context.Execution.Input.n = 5 %}', Assign: { chosen_DEPTH: 'yes' } },
    { Condition: '{% $exists($states.input.items) %}', Output: '{% $states.input %}' },
    { Condition: '{% $v_DEPTH = "S1" %}' },
  ],
};

export const PARALLELS: Variants<object> = {
  JSONPath: [
    {},
    { ResultPath: '$.branches' },
    { Parameters: { 'of.$': '$' }, ResultSelector: { 'first.$': '$[0]' }, Assign: { 'v_DEPTH.$': '$[0]' } },
  ],
  JSONata: [{}, { Arguments: { of: '{% $states.input %}' }, Output: '{% $states.result[0] %}' }],
};

export const MAPS: Variants<object> = {
  JSONPath: [
    { ItemsPath: `${INPUT}.items`, MaxConcurrency: 2 },
    { ItemsPath: `${INPUT}.items`, MaxConcurrency: 1, ResultPath: '$.mapped' },
    {
      ItemsPath: `${INPUT}.deep.list`,
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'v.$': '$$.Map.Item.Index' },
    },
    { ItemsPath: '$.items' },
  ],
  JSONata: [
    { Items: '{% $states.context.Execution.Input.items %}', MaxConcurrency: '{% 1 + 1 %}' },
    { Items: [{ a: 1 }, '{% $states.input %}'], Output: '{% $count($states.result) %}' },
    { Items: [], MaxConcurrency: 1 },
  ],
};

function pass(fields: object): State {
  return { Type: 'Pass', ...fields };
}

function task(fields: object): State {
  return { Type: 'Task', Resource: FUNCTION, ...fields };
}

function wait(fields: object): State {
  return { Type: 'Wait', ...fields };
}

/** Workflows in Amazon States Language, in either query language. */
import { functionArn } from '../../support/executions.ts';
import { ACTIVITY_ARN, HEARTBEAT_SECONDS } from '../activity.ts';
import { EFFECT_STATEMENT } from '../effects.ts';
import type { Scenario } from './scenario.ts';
import type { Step, Workflow } from './workflow.ts';

/** What an execution is given, and what the functions and the checker read there. */
export interface WorkflowInput extends Scenario {
  readonly lists: typeof LISTS;
  readonly parent?: { readonly executionArn: string; readonly state: string };
}

/** What JSONPath has no literals for. */
export const LISTS = { n1: [0], n2: [0, 1], n3: [0, 1, 2], n4: [0, 1, 2, 3] };

type State = Readonly<Record<string, unknown>>;
interface Scope {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** @param arnOf of a workflow's state machine */
export function definitionOf(workflow: Workflow, arnOf: (workflow: Workflow) => string): object {
  const { language, timeoutSeconds } = workflow;
  const dialect = language === 'JSONata' ? new JsonataDialect(arnOf) : new JsonPathDialect(arnOf);
  return {
    QueryLanguage: language,
    ...(timeoutSeconds !== undefined && { TimeoutSeconds: timeoutSeconds }),
    ...dialect.scope('Main', workflow.steps, { Begin: dialect.begin }),
  };
}

/** A lost attempt fails so; nothing else does here. */
const LOST = 'Lambda.SdkClientException';
const RETRY = [
  { ErrorEquals: ['Again'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 1 },
  { ErrorEquals: [LOST], IntervalSeconds: 1, MaxAttempts: 100_000, BackoffRate: 1 },
];

/** Paused workers keep locks for a while. */
const SQL_RETRY = [
  { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 100_000, BackoffRate: 1 },
];

/** Of a worker that has died, nothing is heard. */
const ACTIVITY_RETRY = [
  ...RETRY,
  { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 100_000, BackoffRate: 1 },
];

abstract class Dialect {
  readonly arnOf: (workflow: Workflow) => string;

  constructor(arnOf: (workflow: Workflow) => string) {
    this.arnOf = arnOf;
  }

  /** Takes the salt out of the input. */
  abstract readonly begin: State;
  abstract readonly caughtWith: State;
  abstract pass(): State;
  abstract call(name: string): State;
  abstract hang(): State;
  abstract sql(name: string): State;
  abstract callback(name: string): State;
  abstract activity(name: string): State;
  abstract child(name: string, workflow: Workflow): State;
  abstract map(items: number, maxConcurrency: number): State;

  scope(name: string, steps: readonly Step[], before: Readonly<Record<string, State>> = {}): Scope {
    const end = `${name}End`;
    const named = [
      ...Object.entries(before),
      ...steps.map((step): [string, State] => [step.name, this.#state(step)]),
    ];
    const next = (index: number): string => named[index + 1]?.[0] ?? end;
    const States = Object.fromEntries(
      named.map(([stateName, state], index) => [
        stateName,
        { ...state, Next: next(index), ...(isCaught(steps, stateName) && this.#catch(next(index))) },
      ]),
    );
    return { StartAt: named[0]?.[0] ?? end, States: { ...States, [end]: { Type: 'Succeed' } } };
  }

  #catch(Next: string): State {
    return { Catch: [{ ErrorEquals: ['States.ALL'], Next, ...this.caughtWith }] };
  }

  #state(step: Step): State {
    switch (step.kind) {
      case 'Pass':
        return this.pass();
      case 'Wait':
        return { Type: 'Wait', Seconds: step.seconds };
      case 'Call':
        return { ...this.call(step.name), Retry: RETRY };
      case 'Hang':
        return { ...this.hang(), TimeoutSeconds: 1, Retry: RETRY };
      case 'Sql':
        return { ...this.sql(step.name), Retry: SQL_RETRY };
      case 'Callback':
        return { ...this.callback(step.name), Retry: RETRY };
      case 'Activity':
        return { ...this.activity(step.name), HeartbeatSeconds: HEARTBEAT_SECONDS, Retry: ACTIVITY_RETRY };
      case 'Child':
        return this.child(step.name, step.workflow);
      case 'Parallel':
        return {
          Type: 'Parallel',
          Branches: step.branches.map((branch, index) => this.scope(`${step.name}Branch${index}`, branch)),
        };
      case 'Map':
        return {
          ...this.map(step.items, step.maxConcurrency),
          ItemProcessor: this.scope(`${step.name}Item`, step.body),
        };
    }
  }
}

function isCaught(steps: readonly Step[], name: string): boolean {
  return steps.some((step) => step.name === name && 'caught' in step && step.caught);
}

const WORK = functionArn('work');
const HANG = functionArn('hang');
const SQL = 'arn:aws:states:::postgres:execute';
const CALLBACK = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' };
const CHILD = { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution.sync:2' };
const CHILD_FIELDS = ['salt', 'must', 'behaviours', 'children'];

class JsonPathDialect extends Dialect {
  readonly begin = { Type: 'Pass', InputPath: '$.salt' };
  readonly caughtWith = { ResultPath: null };

  pass(): State {
    return { Type: 'Pass', Parameters: { 'passed.$': '$' } };
  }

  call(name: string): State {
    return { Type: 'Task', Resource: WORK, Parameters: this.#payload(name) };
  }

  hang(): State {
    return { Type: 'Task', Resource: HANG };
  }

  sql(name: string): State {
    const Parameters = {
      Statement: EFFECT_STATEMENT,
      'Parameters.$': `States.Array($$.Execution.Id, '${name}')`,
    };
    return { Type: 'Task', Resource: SQL, Parameters, ResultPath: null };
  }

  callback(name: string): State {
    const Payload = { ...this.#payload(name), 'token.$': '$$.Task.Token' };
    return { ...CALLBACK, Parameters: { FunctionName: 'callback', Payload }, OutputPath: '$.value' };
  }

  activity(name: string): State {
    return { Type: 'Task', Resource: ACTIVITY_ARN, Parameters: this.#payload(name), OutputPath: '$.value' };
  }

  child(name: string, workflow: Workflow): State {
    const scenario = `$$.Execution.Input.children.${name}`;
    const Input = {
      ...Object.fromEntries(CHILD_FIELDS.map((field) => [`${field}.$`, `${scenario}.${field}`])),
      lists: LISTS,
      parent: { 'executionArn.$': '$$.Execution.Id', state: name },
    };
    return { ...CHILD, Parameters: { StateMachineArn: this.arnOf(workflow), Input }, OutputPath: '$.Output' };
  }

  map(items: number, MaxConcurrency: number): State {
    return {
      Type: 'Map',
      ItemsPath: `$$.Execution.Input.lists.n${items}`,
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'of.$': '$' },
      MaxConcurrency,
    };
  }

  #payload(name: string): State {
    return {
      'execution.$': '$$.Execution.Id',
      'state.$': '$$.State.Name',
      'redrives.$': '$$.Execution.RedriveCount',
      'given.$': '$',
      'behaviour.$': `$$.Execution.Input.behaviours.${name}`,
    };
  }
}

class JsonataDialect extends Dialect {
  readonly begin = { Type: 'Pass', Output: '{% $states.input.salt %}' };
  readonly caughtWith = { Output: '{% $states.input %}' };

  pass(): State {
    return { Type: 'Pass', Output: { passed: '{% $states.input %}' } };
  }

  call(name: string): State {
    return { Type: 'Task', Resource: WORK, Arguments: this.#payload(name) };
  }

  hang(): State {
    return { Type: 'Task', Resource: HANG };
  }

  sql(name: string): State {
    const Arguments = {
      Statement: EFFECT_STATEMENT,
      Parameters: ['{% $states.context.Execution.Id %}', name],
    };
    return { Type: 'Task', Resource: SQL, Arguments, Output: '{% $states.input %}' };
  }

  callback(name: string): State {
    const Payload = { ...this.#payload(name), token: '{% $states.context.Task.Token %}' };
    return {
      ...CALLBACK,
      Arguments: { FunctionName: 'callback', Payload },
      Output: '{% $states.result.value %}',
    };
  }

  activity(name: string): State {
    const Arguments = this.#payload(name);
    return { Type: 'Task', Resource: ACTIVITY_ARN, Arguments, Output: '{% $states.result.value %}' };
  }

  child(name: string, workflow: Workflow): State {
    const scenario = `$states.context.Execution.Input.children.${name}`;
    const Input = {
      ...Object.fromEntries(CHILD_FIELDS.map((field) => [field, `{% ${scenario}.${field} %}`])),
      lists: LISTS,
      parent: { executionArn: '{% $states.context.Execution.Id %}', state: name },
    };
    return {
      ...CHILD,
      Arguments: { StateMachineArn: this.arnOf(workflow), Input },
      Output: '{% $states.result.Output %}',
    };
  }

  map(items: number, MaxConcurrency: number): State {
    return {
      Type: 'Map',
      Items: Array.from({ length: items }, (_, item) => item),
      ItemSelector: { item: '{% $states.context.Map.Item.Value %}', of: '{% $states.input %}' },
      MaxConcurrency,
    };
  }

  #payload(name: string): State {
    return {
      execution: '{% $states.context.Execution.Id %}',
      state: '{% $states.context.State.Name %}',
      redrives: '{% $states.context.Execution.RedriveCount %}',
      given: '{% $states.input %}',
      behaviour: `{% $states.context.Execution.Input.behaviours.${name} %}`,
    };
  }
}

/** Checked definitions of states to the states of the typed machine. */
import type { Expressions } from './compile-expressions.ts';
import { compileFlow } from './compile-flow.ts';
import { compileMapFields } from './compile-map.ts';
import { compileRetryAndCatch } from './compile-retry-and-catch.ts';
import type { ChoiceRule, Scope, State, StateType, WaitState } from './machine.ts';
import { isDistributed, type OutlinedState } from './outline.ts';
import { parseResource } from './resource.ts';
import type { ChoiceDefinition } from './schema/choice.ts';
import type { StateDefinition } from './schema/definition.ts';
import type { WaitDefinition } from './schema/wait.ts';

/** The word in the Comment of a Task that lets its attempts be made again. */
const RERUN = /(?<![\w:-])statehouse:rerun(?![\w:-])/;

/** What a state is compiled with. */
export interface StateContext {
  readonly state: OutlinedState;
  readonly expressions: Expressions;
  /** The state's own scopes, compiled: its branches, or its processor. */
  readonly scopes: readonly Scope[];
}

type DefinitionOf<T extends StateType> = Extract<StateDefinition, { Type: T }>;
type Own<T extends StateType> = Omit<Extract<State, { type: T }>, 'name' | 'flow'>;
type Compile<T extends StateType> = (
  definition: DefinitionOf<T>,
  context: StateContext,
) => Own<T> | undefined;

/** What each type has besides a name and its data flow. */
const COMPILE: { readonly [T in StateType]: Compile<T> } = {
  Pass: (definition) => ({ type: 'Pass', next: next(definition), result: definition.Result }),
  Succeed: () => ({ type: 'Succeed' }),
  Fail: (definition, { expressions }) => ({
    type: 'Fail',
    error: expressions.dynamicText('Error', definition.Error, definition.ErrorPath),
    cause: expressions.dynamicText('Cause', definition.Cause, definition.CausePath),
  }),
  Wait: (definition, { expressions }) => {
    const until = compileUntil(definition, expressions);
    return until && { type: 'Wait', next: next(definition), until };
  },
  Choice: ({ Choices, Default }, { expressions }) => ({
    type: 'Choice',
    choices: Choices.flatMap((rule, i) => compileRule(rule, `Choices[${i}]`, expressions) ?? []),
    default: Default,
  }),
  Task: compileTask,
  Parallel: (definition, { expressions, scopes }) => ({
    type: 'Parallel',
    next: next(definition),
    ...compileRetryAndCatch(definition, expressions),
    branches: scopes,
  }),
  Map: (definition, { state, expressions, scopes: [processor] }) =>
    processor && {
      type: 'Map',
      next: next(definition),
      ...compileRetryAndCatch(definition, expressions),
      ...compileMapFields(
        definition,
        isDistributed(state) ? 'DISTRIBUTED' : 'INLINE',
        processor,
        expressions,
      ),
    },
};

/** @returns undefined when a fault that has been reported leaves nothing to compile */
export function compileState(definition: StateDefinition, context: StateContext): State | undefined {
  // A Map's Parameters are its item selector.
  const flowFields = definition.Type === 'Map' ? { ...definition, Parameters: undefined } : definition;
  const flow = compileFlow(flowFields, context.expressions);
  const own = (COMPILE[definition.Type] as Compile<StateType>)(definition, context);
  return own && ({ name: context.state.name, flow, ...own } as State);
}

function compileTask(
  definition: DefinitionOf<'Task'>,
  { expressions }: StateContext,
): Own<'Task'> | undefined {
  const resource = parseResource(definition.Resource);
  if (resource === undefined) return undefined;
  const { TimeoutSeconds, TimeoutSecondsPath, HeartbeatSeconds, HeartbeatSecondsPath } = definition;
  return {
    type: 'Task',
    next: next(definition),
    ...compileRetryAndCatch(definition, expressions),
    resource,
    timeoutSeconds: expressions.dynamic('TimeoutSeconds', TimeoutSeconds, TimeoutSecondsPath),
    heartbeatSeconds: expressions.dynamic('HeartbeatSeconds', HeartbeatSeconds, HeartbeatSecondsPath),
    credentials: expressions.optionalTemplate('Credentials', definition.Credentials),
    rerunsWhenLost: RERUN.test(definition.Comment ?? ''),
  };
}

function compileUntil(definition: WaitDefinition, expressions: Expressions): WaitState['until'] | undefined {
  const seconds = expressions.dynamic('Seconds', definition.Seconds, definition.SecondsPath);
  if (seconds !== undefined) return { kind: 'seconds', seconds };
  const timestamp = expressions.dynamic<string>('Timestamp', definition.Timestamp, definition.TimestampPath);
  return timestamp && { kind: 'timestamp', timestamp };
}

function compileRule(
  rule: ChoiceDefinition['Choices'][number],
  field: string,
  expressions: Expressions,
): ChoiceRule | undefined {
  const assign = expressions.optionalTemplate(`${field}/Assign`, rule.Assign);
  const output = expressions.optionalTemplate(`${field}/Output`, rule.Output);
  const condition = expressions.condition(field, rule);
  return condition && { condition, next: rule.Next, assign, output };
}

/** Null ends the scope: `End: true`. */
function next({ Next }: { readonly Next?: string | undefined }): string | null {
  return Next ?? null;
}

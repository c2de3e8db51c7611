/**
 * The typed machine: what a definition becomes once it is parsed, checked and compiled. Nothing in it is
 * parsed again while executions run.
 * @see https://states-language.net/spec.html
 */
import type { Json } from '../data/json.ts';
import type { Path, ReferencePath, Template } from '../expressions/expression.ts';
import type { ChoiceCondition } from '../states/choice/condition.ts';
import type { TaskResource } from './resource.ts';

export type QueryLanguage = 'JSONPath' | 'JSONata';
export type MachineType = 'STANDARD' | 'EXPRESS';

/** A set of states with an entrance: the machine itself, a Parallel branch, a Map's item processor. */
export interface Scope {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

export interface Machine extends Scope {
  /** Limit for the whole execution; undefined: none. */
  readonly timeoutSeconds: number | undefined;
  /** True when any state uses JSONata: only then may steps suspend (see execution/transition.ts). */
  readonly usesJsonata: boolean;
  /** Every state of every scope by name: names are unique over the whole definition. */
  readonly allStates: ReadonlyMap<string, State>;
  readonly variableReferences: VariableReferences;
  /** ARNs of the activities that its Tasks name, each once. */
  readonly activityArns: readonly string[];
}

/** By name of state: the variables that its expressions refer to, sorted. States without any are left out. */
export type VariableReferences = ReadonlyMap<string, readonly string[]>;

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
export type StateType = State['type'];

interface StateBase {
  readonly name: string;
  readonly flow: DataFlow;
}

/** The state to go to; null ends the scope (`End: true`). */
interface Sequential {
  readonly next: string | null;
}

/** How data runs through a state, in one of the two query languages. */
export type DataFlow = JsonPathFlow | JsonataFlow;

/**
 * Absent fields hold their defaults: InputPath, ResultPath and OutputPath are `$`. A null path means what ASL's
 * null means: an empty object for InputPath and OutputPath, "discard the result" for ResultPath.
 */
export interface JsonPathFlow {
  readonly language: 'JSONPath';
  readonly inputPath: Path | null;
  readonly parameters: Template | undefined;
  readonly resultSelector: Template | undefined;
  readonly resultPath: ReferencePath | null;
  readonly outputPath: Path | null;
  readonly assign: Template | undefined;
}

export interface JsonataFlow {
  readonly language: 'JSONata';
  readonly arguments: Template | undefined;
  readonly output: Template | undefined;
  readonly assign: Template | undefined;
}

/** A field that is written out, or computed: by a path (`TimeoutSecondsPath`) or a JSONata expression. */
export type Dynamic<T extends Json> =
  | { readonly kind: 'literal'; readonly value: T }
  /** `field` is the field's name as written, `SecondsPath`. */
  | { readonly kind: 'path'; readonly field: string; readonly path: Path }
  /** `field` is the field's name, `Seconds`; the value is not checked yet. ErrorPath/CausePath intrinsics come as this too. */
  | {
      readonly kind: 'template';
      readonly field: string;
      readonly source: string;
      readonly template: Template;
    };

export interface PassState extends StateBase, Sequential {
  readonly type: 'Pass';
  /** JSONPath only; replaces the effective input. */
  readonly result: Json | undefined;
}

export interface SucceedState extends StateBase {
  readonly type: 'Succeed';
}

export interface FailState extends StateBase {
  readonly type: 'Fail';
  readonly error: Dynamic<string> | undefined;
  readonly cause: Dynamic<string> | undefined;
}

export interface WaitState extends StateBase, Sequential {
  readonly type: 'Wait';
  readonly until:
    | { readonly kind: 'seconds'; readonly seconds: Dynamic<number> }
    | { readonly kind: 'timestamp'; readonly timestamp: Dynamic<string> };
}

export interface ChoiceState extends StateBase {
  readonly type: 'Choice';
  readonly choices: readonly ChoiceRule[];
  readonly default: string | undefined;
}

export interface ChoiceRule {
  readonly condition: ChoiceCondition;
  readonly next: string;
  /** JSONPath: Assign; JSONata: Assign and Output. Used instead of the state's own when this rule is taken. */
  readonly assign: Template | undefined;
  readonly output: Template | undefined;
}

/** What Retry and Catch belong to. */
interface Fallible {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly jitterStrategy: 'NONE' | 'FULL';
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  /** JSONPath; null discards the error output. */
  readonly resultPath: ReferencePath | null;
  readonly assign: Template | undefined;
  /** JSONata. */
  readonly output: Template | undefined;
}

export interface TaskState extends StateBase, Sequential, Fallible {
  readonly type: 'Task';
  readonly resource: TaskResource;
  readonly timeoutSeconds: Dynamic<number> | undefined;
  readonly heartbeatSeconds: Dynamic<number> | undefined;
  /** `Credentials`, evaluated to `{RoleArn}`. */
  readonly credentials: Template | undefined;
  /**
   * An attempt whose worker died is made again instead of failing: what it calls tells repeated calls by the idempotency
   * key. Ours, and said in the `Comment`, so that the definition stays one that AWS takes.
   */
  readonly rerunsWhenLost: boolean;
}

export interface ParallelState extends StateBase, Sequential, Fallible {
  readonly type: 'Parallel';
  readonly branches: readonly Scope[];
}

export interface MapState extends StateBase, Sequential, Fallible {
  readonly type: 'Map';
  readonly processor: Scope;
  readonly mode: 'INLINE' | 'DISTRIBUTED';
  /** JSONPath ItemsPath (default `$`), JSONata Items (default: the input). */
  readonly items: Dynamic<readonly Json[]> | undefined;
  readonly itemSelector: Template | undefined;
  /** 0: no limit of the definition's own. */
  readonly maxConcurrency: Dynamic<number>;
  readonly toleratedFailureCount: Dynamic<number> | undefined;
  readonly toleratedFailurePercentage: Dynamic<number> | undefined;
  /** Distributed: where the items come from, if not from the input. */
  readonly itemReader: ItemReader | undefined;
  /** Distributed: a ResultWriter exports the results, and the state's result tells where they are. */
  readonly exportsResults: boolean;
}

export interface ItemReader {
  readonly inputType: 'CSV' | 'JSON' | 'JSONL' | 'PARQUET' | 'MANIFEST' | undefined;
  /** JSON Pointer to the items in a JSON file. */
  readonly itemsPointer: string | undefined;
}

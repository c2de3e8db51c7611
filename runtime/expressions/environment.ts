import type { Json, JsonObject } from '../data/json.ts';
import type { Random } from './random.ts';

/**
 * What an expression can see. Everything is handed in: evaluating twice with equal environments gives equal
 * values.
 */
export interface Environment {
  /** `$` of JSONPath: the data at this point of the state's processing. */
  readonly input: Json;
  /** `$$` of JSONPath, `$states.context` of JSONata; built when first asked for. */
  readonly context: () => JsonObject;
  /** Workflow variables by name, as of the state's entry, outer scopes included. */
  readonly variables: ReadonlyMap<string, Json>;
  /** Numbers for States.UUID, States.MathRandom, `$random`, `$uuid`. */
  readonly random: Random;
  /** Time of the step, for `$now` and `$millis`, in ms since 1970. */
  readonly time: number;
  /** `$states` of JSONata; absent in JSONPath states. */
  readonly states?: JsonataStates;
  /** Evaluates JSONata ahead of the step (see jsonata.ts). */
  readonly jsonata: JsonataEvaluator;
}

/** `$states` without the context, which comes from {@link Environment.context}. */
export interface JsonataStates {
  readonly input: Json;
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** One JSONata expression to evaluate: its compiled form and what it sees. */
export interface JsonataRequest {
  readonly expression: JsonataExpression;
  readonly environment: Environment;
}

export interface JsonataExpression {
  /** The text between `{%` and `%}`, as written. */
  readonly source: string;
  /** The field it stands in, as AWS names it in errors: `Output/total`, `Choices[1]/Condition`. */
  readonly field: string;
}

/** The outcome of one expression: a value, or what the state fails with. */
export type JsonataOutcome =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'failure'; readonly error: string; readonly cause: string; readonly location: string };

/**
 * jsonata evaluates asynchronously; the core's steps are synchronous. A step asks for all expressions of a
 * template at once; on the first ask the evaluator throws a {@link JsonataPending}, the shell evaluates and
 * runs the (pure) step again, and then the answers are there.
 */
export type JsonataEvaluator = (requests: readonly JsonataRequest[]) => readonly JsonataOutcome[];

/** Thrown out of a step whose JSONata expressions have not been evaluated yet. */
export class JsonataPending {
  readonly requests: readonly JsonataRequest[];

  constructor(requests: readonly JsonataRequest[]) {
    this.requests = requests;
  }
}

import type { Json } from '../data/json.ts';
import type { Environment } from './environment.ts';

/** A JSONPath, compiled to closures when the definition is parsed. */
export interface Path {
  /** As written, e.g. `$.order.items[0]`, `$$.Execution.Id`, `$total`. */
  readonly source: string;
  /** True for `$` alone: the value is the input itself. */
  readonly isRoot: boolean;
  /** False for wildcards, slices, unions, filters and `..`: then the result is always a list. */
  readonly definite: boolean;
  resolve(environment: Environment): PathResult;
}

/**
 * A path that leads nowhere is no failure yet: each field words it in its own way.
 * `message` is what AWS appends after `Invalid path '$.x' : `, e.g. `No results for path: $['x']`.
 */
export type PathResult =
  | { readonly found: true; readonly value: Json }
  | {
      readonly found: false;
      readonly message: string;
      /** The path only fails by an array index past the end: in a payload template that is null. */
      readonly pastEnd: boolean;
    };

/** A reference path that data can be written to (ResultPath): names and array indexes only. */
export interface ReferencePath {
  readonly source: string;
  readonly isRoot: boolean;
  /**
   * A copy of `target` with `value` put at the path; missing objects on the way are created.
   * @throws StateFailure when a node on the way cannot take the step
   */
  write(target: Json, value: Json): Json;
}

/**
 * A compiled payload template (JSONPath: Parameters, ResultSelector, ItemSelector, Assign), a compiled JSONata
 * structure (Arguments, Output, Assign, ItemSelector) or a single dynamic field.
 */
export interface Template {
  /** @throws StateFailure, JsonataPending */
  evaluate(environment: Environment): Json;
}

import type { Json } from '../../data/json.ts';

/** A JSONPath as a tree. */
export interface PathSyntax {
  readonly root: PathRoot;
  readonly segments: readonly Segment[];
}

/** `$`, `$$` and `$name`. */
export type PathRoot =
  | { readonly kind: 'input' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string };

/** A step to one single node. */
export type Step =
  | { readonly kind: 'member'; readonly name: string }
  /** Negative: counted from the end. */
  | { readonly kind: 'index'; readonly index: number };

export type Segment =
  | Step
  | { readonly kind: 'members'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | {
      readonly kind: 'slice';
      readonly start: number | undefined;
      readonly end: number | undefined;
      readonly step: number;
    }
  | { readonly kind: 'wildcard' }
  /** `..`: the node itself and everything below it. */
  | { readonly kind: 'descendants' }
  | { readonly kind: 'filter'; readonly condition: Condition }
  /** Only as the last segment. */
  | { readonly kind: 'function'; readonly name: PathFunctionName };

export const PATH_FUNCTIONS = [
  'length',
  'size',
  'min',
  'max',
  'avg',
  'sum',
  'keys',
  'first',
  'last',
] as const;
export type PathFunctionName = (typeof PATH_FUNCTIONS)[number];

/** What a filter `[?(…)]` asks of each node. */
export type Condition =
  | { readonly kind: 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'and'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  /** An operand that stands alone. */
  | { readonly kind: 'exists'; readonly operand: Operand }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'match'; readonly operand: Operand; readonly regex: RegExp };

export const COMPARISON_OPERATORS = [
  '==',
  '!=',
  '<=',
  '>=',
  '<',
  '>',
  'in',
  'nin',
  'subsetof',
  'contains',
  'size',
  'empty',
] as const;
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

export type Operand =
  | { readonly kind: 'literal'; readonly value: Json }
  /** `@` is the node under test, `$` the document that the whole path is applied to. */
  | { readonly kind: 'path'; readonly root: '@' | '$'; readonly segments: readonly Segment[] };

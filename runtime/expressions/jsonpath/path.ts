import type { Json } from '../../data/json.ts';
import { runtimeFailure } from '../../failures/failure.ts';
import { Budget } from '../budget.ts';
import type { Environment } from '../environment.ts';
import type { Path, PathResult } from '../expression.ts';
import { ExpressionSyntaxError } from '../scanner.ts';
import { parsePathSyntax } from './parser.ts';
import { compileFinder } from './selection.ts';
import { asSteps, walkSteps } from './step.ts';
import type { PathRoot, PathSyntax } from './syntax.ts';

export type ParsedPath =
  | {
      readonly ok: true;
      readonly path: Path;
      /** The variables that it refers to, without `$`. */
      readonly variables: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

/** What resolving one path may cost: about half a second of work (see selection.ts for what costs how much). */
const BUDGET = 10_000_000;

/**
 * Parses a JSONPath in the Jayway dialect that AWS uses, and compiles it to closures: `$.a['b'][-1]`, `[0,1]`,
 * `[1:5:2]`, `[*]`, `..`, `[?(@.price < 10 && @.name =~ /a.*z/i)]`, `.length()`; `$$` is the context object and
 * `$name` a variable. Never throws.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
 */
export function parsePath(source: string): ParsedPath {
  try {
    const syntax = parsePathSyntax(source);
    return { ok: true, path: compilePath(source, syntax), variables: variablesOf(syntax) };
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    return { ok: false, message: 'Value must be a valid JSONPath.' };
  }
}

export function variablesOf({ root }: PathSyntax): string[] {
  return root.kind === 'variable' ? [root.name] : [];
}

export function compilePath(source: string, { root, segments }: PathSyntax): Path {
  const document = documentOf(root);
  const steps = asSteps(segments);
  const find = compileFinder(segments);
  const resolve = (environment: Environment): PathResult => {
    const start = document(environment);
    if (start === undefined) return unassigned(root);
    if (steps) return walkSteps(start, steps);
    return find(start, { document: start, budget: new Budget(BUDGET, () => tooCostly(source)) });
  };
  return {
    source,
    isRoot: root.kind === 'input' && segments.length === 0,
    definite: steps !== undefined || segments.at(-1)?.kind === 'function',
    resolve,
  };
}

/** What `$` stands for in a path; undefined: a variable that is not assigned. */
function documentOf(root: PathRoot): (environment: Environment) => Json | undefined {
  switch (root.kind) {
    case 'input':
      return ({ input }) => input;
    case 'context':
      return ({ context }) => context();
    case 'variable':
      return ({ variables }) => variables.get(root.name);
  }
}

function unassigned(root: PathRoot): PathResult {
  const name = root.kind === 'variable' ? root.name : '';
  return { found: false, pastEnd: false, message: `The variable '$${name}' has not been assigned a value` };
}

function tooCostly(source: string): unknown {
  return runtimeFailure(`The JSONPath '${source}' takes too many steps to evaluate.`);
}

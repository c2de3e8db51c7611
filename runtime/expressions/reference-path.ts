import { isArray, isObject, type Json, member, setMember, stringifyJson } from '../data/json.ts';
import { runtimeFailure } from '../failures/failure.ts';
import type { Path, ReferencePath } from './expression.ts';
import { parsePathSyntax } from './jsonpath/parser.ts';
import { compilePath, variablesOf } from './jsonpath/path.ts';
import { asSteps } from './jsonpath/step.ts';
import type { Step } from './jsonpath/syntax.ts';
import { ExpressionSyntaxError } from './scanner.ts';

export type ParsedReferencePath =
  | {
      readonly ok: true;
      readonly path: Path & ReferencePath;
      /** The variables that it refers to, without `$`. */
      readonly variables: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

/** Steps in a reference path: each costs a level of nesting in what ResultPath creates. */
const STEPS_MAX = 500;

/**
 * Parses a reference path: one that names one single node (`$.a['b'][0]`, without `@ , : ? *` and `..`). It can be
 * read, and written as ResultPath is. The context object and variables can be read only, which is for the caller of
 * `write` to mind. Never throws.
 * @see https://states-language.net/spec.html#ref-paths
 */
export function parseReferencePath(source: string): ParsedReferencePath {
  if (!source.startsWith('$')) return refused("Reference path didn't start with '$'");
  try {
    const syntax = parsePathSyntax(source);
    const steps = asSteps(syntax.segments);
    if (!steps) return refused('Reference path must name a single node');
    if (steps.length > STEPS_MAX) return refused(`Reference path has more than ${STEPS_MAX} steps`);
    const write = (target: Json, value: Json): Json =>
      writeSteps(target, { value, source, steps, target }, 0);
    return { ok: true, path: { ...compilePath(source, syntax), write }, variables: variablesOf(syntax) };
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    return refused(error.message);
  }
}

function refused(reason: string): ParsedReferencePath {
  return { ok: false, message: `Value is not a Reference Path: ${reason}` };
}

interface Write {
  readonly value: Json;
  readonly source: string;
  readonly steps: readonly Step[];
  readonly target: Json;
}

/** A copy of `node` with the value put behind the steps from `depth` on; the rest of it is shared. */
function writeSteps(node: Json | undefined, write: Write, depth: number): Json {
  const step = write.steps[depth];
  if (!step) return write.value;
  if (step.kind === 'index') {
    if (!isArray(node)) throw unwritable(write);
    const index = step.index < 0 ? step.index + node.length : step.index;
    const element = node[index];
    if (element === undefined) throw unwritable(write);
    return node.with(index, writeSteps(element, write, depth + 1));
  }
  if (node !== undefined && !isObject(node)) throw unwritable(write);
  const copy: Record<string, Json> = { ...node };
  setMember(copy, step.name, writeSteps(node && member(node, step.name), write, depth + 1));
  return copy;
}

function unwritable({ source, target }: Write): unknown {
  return runtimeFailure(`Unable to apply ReferencePath ${source} to input ${stringifyJson(target)}`);
}

import jsonata from 'jsonata';
import type { JsonataExpression } from '../environment.ts';
import { checkRegex, LinearRegex } from '../regex/linear-regex.ts';
import { registerAwsFunctions } from './aws-functions.ts';
import { assignBuiltins, assignHook } from './builtins.ts';
import { EVALUATION, type Evaluation, evaluationOf, type JsonataFrame } from './evaluation.ts';
import { findReferences, type References, type SyntaxNode } from './references.ts';
import { type JsonataValue, toJsonata } from './values.ts';

/** An expression ready to be evaluated, any number of times and concurrently. */
export interface CompiledExpression {
  readonly expression: jsonata.Expression;
  readonly references: References;
}

/**
 * jsonata counts nested and concurrent evaluations alike (members of an object are evaluated side by side), so its
 * depth guard cannot be set to AWS's 100 without refusing a `{…}` of a hundred members. It bounds the memory that
 * endless recursion takes; the meter ends it.
 */
const DEPTH_MAX = 50_000;
const SEQUENCE_MAX = 873_782;

/** Entries go when the machine that holds the expression goes. */
const compiled = new WeakMap<JsonataExpression, CompiledExpression>();

/** @throws the error of jsonata's parser, or a SyntaxError */
export function compileExpression(expression: JsonataExpression): CompiledExpression {
  let entry = compiled.get(expression);
  if (!entry) {
    entry = compileSource(expression.source);
    compiled.set(expression, entry);
  }
  return entry;
}

function compileSource(source: string): CompiledExpression {
  const expression = jsonata(source, {
    stack: DEPTH_MAX,
    sequence: SEQUENCE_MAX,
    RegexEngine: LinearRegex as unknown as RegExpConstructor,
  });
  const references = findReferences(expression.ast() as unknown as SyntaxNode);
  for (const regex of references.regexes) checkRegex(regex);
  assignBuiltins(expression);
  registerAwsFunctions(expression);
  assignHook(expression, 'jsonata.__evaluate_exit', exitHook(references));
  return { expression, references };
}

/** Called after each step of an evaluation. */
function exitHook({ memberValues, comparands, sortTerms }: References) {
  return (node: object, _input: unknown, frame: JsonataFrame, result: unknown): void => {
    const { meter } = evaluationOf(frame);
    meter.step(result);
    if (comparands.has(node)) meter.traverse(result);
    if (sortTerms.has(node)) meter.sort();
    if (memberValues.has(node) && isFunction(result)) throw new FunctionMember();
  };
}

/** True for a JavaScript function, also as the only item of a list, which jsonata is about to take out of it. */
function isFunction(result: unknown): boolean {
  const value = Array.isArray(result) && result.length === 1 ? result[0] : result;
  return typeof value === 'function';
}

/**
 * An object whose member `then` is a JavaScript function passes for a promise, and would be waited for, for ever.
 * Functions become JavaScript's when they are passed as arguments.
 *
 * Thrown for `{"x": $f}` where `$f` is such a function.
 */
class FunctionMember {
  readonly message = 'A function that was passed as an argument cannot be a member of an object';
}

/** @returns what the expression evaluates to; rejects with whatever jsonata throws */
export async function evaluateCompiled(
  { expression, references }: CompiledExpression,
  evaluation: Evaluation,
): Promise<unknown> {
  const bindings: Record<string, unknown> = { ...variablesFor(references, evaluation) };
  bindings.states = statesFor(references, evaluation);
  bindings[EVALUATION] = evaluation;
  return expression.evaluate(undefined, bindings);
}

/** Copies of what the expression refers to, and of nothing else: a big input is not copied for each expression. */
function variablesFor(
  references: References,
  { environment: { variables }, longs }: Evaluation,
): Record<string, JsonataValue> {
  const values: Record<string, JsonataValue> = Object.create(null);
  for (const name of references.variables) {
    const value = variables.get(name);
    if (value !== undefined) values[name] = toJsonata(value, longs);
  }
  return values;
}

function statesFor(
  references: References,
  { environment: { states, context }, longs }: Evaluation,
): JsonataValue {
  const values: Record<string, JsonataValue> = {};
  const wanted = (name: string): boolean => references.states.has(name) || references.states.has('*');
  for (const name of ['input', 'result', 'errorOutput'] as const) {
    const value = states?.[name];
    if (value !== undefined && wanted(name)) values[name] = toJsonata(value, longs);
  }
  if (wanted('context')) values.context = toJsonata(context(), longs);
  return values;
}

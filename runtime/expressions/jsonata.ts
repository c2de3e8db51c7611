import { isArray, isObject, type Json, setMember } from '../data/json.ts';
import { StateFailure } from '../failures/failure.ts';
import type { JsonataExpression, JsonataOutcome, JsonataRequest } from './environment.ts';
import type { Template } from './expression.ts';
import { expressionText, isExpression } from './expression-text.ts';
import { isAwsFunction } from './jsonata/aws-functions.ts';
import { isBuiltin } from './jsonata/builtins.ts';
import { type CompiledExpression, compileExpression, evaluateCompiled } from './jsonata/compile.ts';
import { Draws } from './jsonata/draws.ts';
import { type Evaluation, startEvaluation } from './jsonata/evaluation.ts';
import { evaluationFailure, undefinedResult, unsupportedResult } from './jsonata/failure.ts';
import { differInDigits, LongIntegers } from './jsonata/long-integers.ts';
import { fromJsonata } from './jsonata/values.ts';

export interface JsonataProblem {
  /** Where it stands, as AWS names it: `Output/total`, `Arguments/list[0]`. */
  readonly field: string;
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION';
  readonly message: string;
}

export type CompiledJsonata =
  | {
      readonly ok: true;
      readonly template: Template;
      /** The names that it refers to, without `$`, each once: of variables, and of functions. */
      readonly variables: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly JsonataProblem[] };

/** What a part of a structure is: itself, the nth expression, or made of such parts. */
type Part =
  | { readonly kind: 'static'; readonly value: Json }
  | { readonly kind: 'expression'; readonly index: number }
  | { readonly kind: 'array'; readonly parts: readonly Part[] }
  | { readonly kind: 'object'; readonly members: readonly { readonly key: string; readonly part: Part }[] };

/** The members of `$states`. `input` and `context` are always there, the others where a state has them. */
export type StatesMember = 'input' | 'result' | 'errorOutput' | 'context';

/**
 * Compiles a JSON value in which texts that are `{% … %}` from the first to the last character are JSONata
 * expressions, at any depth; everything else is taken as it is. Never throws.
 * @param field the name of the field that holds the value: `Output`, `Choices[1]/Condition`
 * @param states what else than `$states.input` and `$states.context` there is in this field
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function compileJsonata(
  source: Json,
  field: string,
  states: readonly StatesMember[] = [],
): CompiledJsonata {
  const found: Found = {
    expressions: [],
    problems: [],
    variables: new Set(),
    states: new Set(['*', 'input', 'context', ...states]),
  };
  const part = compilePart(source, field, found);
  if (found.problems.length > 0) return { ok: false, problems: found.problems };
  const template =
    part.kind === 'static' ? { evaluate: () => part.value } : templateOf(part, found.expressions);
  return { ok: true, template, variables: [...found.variables] };
}

/** Whether JSONata, as AWS has it, knows a function of this name. */
export function isFunctionName(name: string): boolean {
  return isBuiltin(name) || isAwsFunction(name);
}

/**
 * Evaluates one expression. Never rejects, and always settles: steps, sizes of values and regular expressions are
 * bounded (see jsonata/meter.ts), so a hostile expression costs a second or two and fails its state.
 */
export async function evaluateJsonata({ expression, environment }: JsonataRequest): Promise<JsonataOutcome> {
  try {
    const compiled = compileExpression(expression);
    const draws = new Draws(environment);
    const longs = new LongIntegers('doubles');
    const result = await evaluateCompiled(compiled, startEvaluation(environment, draws, longs));
    if (result === undefined) return undefinedResult(expression);
    const value = fromJsonata(result);
    if (value === undefined) return unsupportedResult(expression);
    if (!longs.met) return { kind: 'value', value };
    const again = startEvaluation(environment, draws.again(), new LongIntegers('digits'));
    return { kind: 'value', value: (await withDigits(compiled, again, value)) ?? value };
  } catch (error) {
    return evaluationFailure(expression, error);
  }
}

/**
 * The value once more, with all the digits of the long integers that come through the expression untouched (see
 * {@link LongIntegers}).
 * @returns undefined when the expression works with them, and only doubles will do
 */
async function withDigits(
  compiled: CompiledExpression,
  evaluation: Evaluation,
  rounded: Json,
): Promise<Json | undefined> {
  const result = await evaluateCompiled(compiled, evaluation).catch(() => undefined);
  const value = result === undefined ? undefined : fromJsonata(result);
  return value !== undefined && differInDigits(value, rounded) ? value : undefined;
}

/** What compiling the parts of a structure comes across. */
interface Found {
  readonly expressions: JsonataExpression[];
  readonly problems: JsonataProblem[];
  readonly variables: Set<string>;
  /** Members of `$states` that exist in this field; `*` is the whole. */
  readonly states: ReadonlySet<string>;
}

function compilePart(source: Json, field: string, found: Found): Part {
  if (typeof source === 'string' && isExpression(source)) return compileText(source, field, found);
  if (isArray(source)) {
    const parts = source.map((item, i) => compilePart(item, `${field}[${i}]`, found));
    return parts.every(isStatic) ? { kind: 'static', value: source } : { kind: 'array', parts };
  }
  if (!isObject(source)) return { kind: 'static', value: source };
  const members = Object.entries(source).map(([key, value]) => ({
    key,
    part: compilePart(value, `${field}/${key}`, found),
  }));
  return members.every(({ part }) => isStatic(part))
    ? { kind: 'static', value: source }
    : { kind: 'object', members };
}

function compileText(text: string, field: string, found: Found): Part {
  const { expressions, problems, variables, states } = found;
  const expression: JsonataExpression = { source: expressionText(text), field };
  try {
    const { references } = compileExpression(expression);
    const missing = [...references.states].filter((member) => !states.has(member));
    const messages = missing.map((member) => `Field '$states.${member}' does not exist.`);
    for (const message of [...references.unsupported, ...messages]) {
      problems.push({ field, code: 'UNSUPPORTED_JSONATA_EXPRESSION', message });
    }
    for (const variable of references.variables) variables.add(variable);
  } catch (error) {
    // jsonata throws plain objects; a RangeError means that the expression is nested too deeply for its parser.
    const { message } = error as { readonly message?: string };
    problems.push({
      field,
      code: 'INVALID_JSONATA_EXPRESSION',
      message: message ?? 'The expression cannot be parsed',
    });
  }
  return { kind: 'expression', index: expressions.push(expression) - 1 };
}

function templateOf(part: Part, expressions: readonly JsonataExpression[]): Template {
  return {
    evaluate: (environment) => {
      const outcomes = environment.jsonata(expressions.map((expression) => ({ expression, environment })));
      return build(part, outcomes.map(valueOrThrow));
    },
  };
}

function valueOrThrow(outcome: JsonataOutcome): Json {
  if (outcome.kind === 'failure') throw new StateFailure(outcome.error, outcome.cause, outcome.location);
  return outcome.value;
}

function build(part: Part, values: readonly Json[]): Json {
  switch (part.kind) {
    case 'static':
      return part.value;
    case 'expression':
      return values[part.index] as Json;
    case 'array':
      return part.parts.map((item) => build(item, values));
    case 'object': {
      const result: Record<string, Json> = {};
      for (const { key, part: member } of part.members) setMember(result, key, build(member, values));
      return result;
    }
  }
}

function isStatic({ kind }: Part): boolean {
  return kind === 'static';
}

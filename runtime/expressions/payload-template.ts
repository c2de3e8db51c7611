import { isArray, isObject, type Json, type JsonObject, setMember, stringifyJson } from '../data/json.ts';
import { runtimeFailure } from '../failures/failure.ts';
import type { Environment } from './environment.ts';
import type { Template } from './expression.ts';
import { parseIntrinsic } from './intrinsics/intrinsic.ts';
import { parsePath } from './jsonpath/path.ts';

export interface TemplateProblem {
  /** Name of the member at fault, as AWS names it in its message: `x.$`. */
  readonly field: string;
  readonly message: string;
}

export type CompiledPayloadTemplate =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** What a part of a template is: itself, or computed anew each time. */
type Part =
  | { readonly kind: 'static'; readonly value: Json }
  | { readonly kind: 'dynamic'; readonly evaluate: Template['evaluate'] };

const DYNAMIC_SUFFIX = '.$';

/**
 * Compiles a payload template: members whose name ends in `.$` are paths or intrinsic function calls, at any
 * depth; everything else is taken as it is, shared and not copied. Never throws.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
 */
export function compilePayloadTemplate(source: Json): CompiledPayloadTemplate {
  const problems: TemplateProblem[] = [];
  const part = compilePart(source, problems);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, template: { evaluate: part.kind === 'static' ? () => part.value : part.evaluate } };
}

/**
 * Compiles the value of a `.$` member: a path, or an intrinsic function call. Undefined if it is neither.
 * @param field the member's name, for the failure when the path leads nowhere
 */
function compileDynamic(source: Json, field: string): Template | undefined {
  if (typeof source !== 'string') return undefined;
  if (!source.startsWith('$')) {
    const intrinsic = parseIntrinsic(source);
    return intrinsic.ok ? intrinsic.template : undefined;
  }
  const parsed = parsePath(source);
  if (!parsed.ok) return undefined;
  const { path } = parsed;
  return {
    evaluate: (environment) => {
      const result = path.resolve(environment);
      if (result.found) return result.value;
      if (result.pastEnd) return null;
      throw notFound(source, field, environment);
    },
  };
}

/** AWS quotes the state's input even where the path reads from the context object. */
function notFound(source: string, field: string, { input }: Environment): unknown {
  return runtimeFailure(
    `The JSONPath '${source}' specified for the field '${field}' could not be found in the input '${stringifyJson(input)}'`,
  );
}

function compilePart(source: Json, problems: TemplateProblem[]): Part {
  if (isArray(source)) return compileArray(source, problems);
  return isObject(source) ? compileObject(source, problems) : { kind: 'static', value: source };
}

function compileArray(source: readonly Json[], problems: TemplateProblem[]): Part {
  const parts = source.map((item) => compilePart(item, problems));
  if (parts.every(({ kind }) => kind === 'static')) return { kind: 'static', value: source };
  return { kind: 'dynamic', evaluate: (environment) => parts.map((part) => partValue(part, environment)) };
}

function compileObject(source: JsonObject, problems: TemplateProblem[]): Part {
  const members = Object.entries(source).map(([key, value]) => compileMember(source, key, value, problems));
  if (members.every(({ part }) => part.kind === 'static')) return { kind: 'static', value: source };
  return {
    kind: 'dynamic',
    evaluate: (environment) => {
      const result: Record<string, Json> = {};
      for (const { name, part } of members) setMember(result, name, partValue(part, environment));
      return result;
    },
  };
}

function compileMember(
  parent: JsonObject,
  key: string,
  value: Json,
  problems: TemplateProblem[],
): { name: string; part: Part } {
  if (!key.endsWith(DYNAMIC_SUFFIX)) return { name: key, part: compilePart(value, problems) };
  const name = key.slice(0, -DYNAMIC_SUFFIX.length);
  if (Object.hasOwn(parent, name)) {
    problems.push({ field: key, message: `The fields '${name}' and '${key}' must not both be given` });
  }
  const template = compileDynamic(value, key);
  if (template) return { name, part: { kind: 'dynamic', evaluate: template.evaluate } };
  problems.push({
    field: key,
    message: `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
  });
  return { name, part: { kind: 'static', value: null } };
}

function partValue(part: Part, environment: Environment): Json {
  return part.kind === 'static' ? part.value : part.evaluate(environment);
}

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
  | {
      readonly ok: true;
      readonly template: Template;
      /** The variables that it refers to, without `$`; each once. */
      readonly variables: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** What a part of a template is: itself, or computed anew each time. */
type Part =
  | { readonly kind: 'static'; readonly value: Json }
  | { readonly kind: 'dynamic'; readonly evaluate: Evaluate };
type Evaluate = Template['evaluate'];

const DYNAMIC_SUFFIX = '.$';

/**
 * Compiles a payload template: members whose name ends in `.$` are paths or intrinsic function calls, at any
 * depth; everything else is taken as it is, shared and not copied. Never throws.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-inputpath-params.html
 */
export function compilePayloadTemplate(source: Json): CompiledPayloadTemplate {
  const found: Found = { problems: [], variables: new Set() };
  const part = compilePart(source, found);
  if (found.problems.length > 0) return { ok: false, problems: found.problems };
  const evaluate = part.kind === 'static' ? () => part.value : part.evaluate;
  return { ok: true, template: { evaluate }, variables: [...found.variables] };
}

/** What compiling the parts of a template comes across. */
interface Found {
  readonly problems: TemplateProblem[];
  readonly variables: Set<string>;
}

/**
 * Compiles the value of a `.$` member: a path, or an intrinsic function call. Undefined if it is neither.
 * @param field the member's name, for the failure when the path leads nowhere
 */
function compileDynamic(source: Json, field: string, { variables }: Found): Evaluate | undefined {
  if (typeof source !== 'string') return undefined;
  const parsed = source.startsWith('$') ? parsePath(source) : parseIntrinsic(source);
  if (!parsed.ok) return undefined;
  for (const variable of parsed.variables) variables.add(variable);
  if ('template' in parsed) return parsed.template.evaluate;
  const { path } = parsed;
  return (environment) => {
    const result = path.resolve(environment);
    if (result.found) return result.value;
    if (result.pastEnd) return null;
    throw notFound(source, field, environment);
  };
}

/** AWS quotes the state's input even where the path reads from the context object. */
function notFound(source: string, field: string, { input }: Environment): unknown {
  return runtimeFailure(
    `The JSONPath '${source}' specified for the field '${field}' could not be found in the input '${stringifyJson(input)}'`,
  );
}

function compilePart(source: Json, found: Found): Part {
  if (isArray(source)) return compileArray(source, found);
  return isObject(source) ? compileObject(source, found) : { kind: 'static', value: source };
}

function compileArray(source: readonly Json[], found: Found): Part {
  const parts = source.map((item) => compilePart(item, found));
  if (parts.every(({ kind }) => kind === 'static')) return { kind: 'static', value: source };
  return { kind: 'dynamic', evaluate: (environment) => parts.map((part) => partValue(part, environment)) };
}

function compileObject(source: JsonObject, found: Found): Part {
  const members = Object.entries(source).map(([key, value]) => compileMember(source, key, value, found));
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
  found: Found,
): { name: string; part: Part } {
  if (!key.endsWith(DYNAMIC_SUFFIX)) return { name: key, part: compilePart(value, found) };
  const name = key.slice(0, -DYNAMIC_SUFFIX.length);
  if (Object.hasOwn(parent, name)) {
    found.problems.push({ field: key, message: `The fields '${name}' and '${key}' must not both be given` });
  }
  const evaluate = compileDynamic(value, key, found);
  if (evaluate) return { name, part: { kind: 'dynamic', evaluate } };
  found.problems.push({
    field: key,
    message: `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`,
  });
  return { name, part: { kind: 'static', value: null } };
}

function partValue(part: Part, environment: Environment): Json {
  return part.kind === 'static' ? part.value : part.evaluate(environment);
}

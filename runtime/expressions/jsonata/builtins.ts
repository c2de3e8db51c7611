import { utf8ToBytes } from '@noble/hashes/utils.js';
import jsonata from 'jsonata';
import { jsonKey } from '../../data/json.ts';
import { decodeBase64, encodeBase64, utf8Text } from '../base64.ts';
import { type Evaluation, evaluationOf, type JsonataFrame } from './evaluation.ts';
import { mergeSort } from './merge-sort.ts';
import { isJsonataFunction, memoryLimit } from './meter.ts';
import { checkPicture } from './picture.ts';
import { fromJsonata } from './values.ts';

/** What jsonata hands to its functions as `this`. */
interface Focus {
  readonly environment: JsonataFrame;
  createSequence(): unknown[];
}

type Implementation = (this: Focus, ...values: unknown[]) => unknown;

/** One of jsonata's own functions, as its environment holds it. */
interface Builtin {
  readonly _jsonata_function: true;
  readonly implementation: Implementation;
}

/** Every function of jsonata 2.2 but `$eval`, which AWS does not have, and those of aws-functions.ts. */
const NAMES = (
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad ' +
  'match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round ' +
  'abs sqrt power boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse ' +
  'each error assert type sort distinct base64encode base64decode encodeUrlComponent encodeUrl ' +
  'decodeUrlComponent decodeUrl toMillis fromMillis clone'
).split(' ');

/** Longest text that `$pad` and `$join` may make: they allocate it before anything can measure it. */
const TEXT_MAX = 10 * 2 ** 20;

/** Does a function's work in another way, or refuses it; `original` is jsonata's own. */
type Replacement = (
  original: Implementation,
  focus: Focus,
  values: unknown[],
  evaluation: Evaluation,
) => unknown;

/** Functions that would not end, not fit into memory, read the clock, or spoil what is not ASCII. */
const replacements: Readonly<Record<string, Replacement>> = {
  pad: (original, focus, values) => {
    if (Math.abs(Number(values[1])) > TEXT_MAX) throw memoryLimit();
    return original.apply(focus, values);
  },
  join: (original, focus, values) => {
    const [texts, separator] = values;
    const separators =
      Array.isArray(texts) && typeof separator === 'string' ? texts.length * separator.length : 0;
    if (separators > TEXT_MAX) throw memoryLimit();
    return original.apply(focus, values);
  },
  /** jsonata compares each with each. */
  distinct: (original, focus, values) => {
    const [items] = values;
    if (!Array.isArray(items) || items.length <= 1) return original.apply(focus, values);
    const distinct = new Map<unknown, unknown>();
    for (const item of items) {
      const key = distinctionKey(item);
      if (!distinct.has(key)) distinct.set(key, item);
    }
    const result = 'sequence' in items ? focus.createSequence() : [];
    for (const item of distinct.values()) result.push(item);
    return result;
  },
  /** jsonata's own sort holds on to a copy of the rest of the array for each comparison. */
  sort: (original, focus, values) => {
    const [items, comparator] = values;
    if (!Array.isArray(items) || items.length <= 1) return original.apply(focus, values);
    if (isApplicable(comparator)) return mergeSort(items, (a, b) => comparator.apply(focus, [a, b]));
    if (!areComparable(items)) return original.apply(focus, values);
    return items.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  },
  /** jsonata takes the lowest eight bits of each character; AWS's evaluator, which is written in Java, takes UTF-8. */
  base64encode: (_original, _focus, [text]) =>
    typeof text === 'string' ? encodeBase64(utf8ToBytes(text)) : undefined,
  base64decode: (_original, _focus, [encoded]) =>
    typeof encoded === 'string' ? utf8Text(decodeBase64(encoded)) : undefined,
  /** What the picture leaves out is taken from "now", which is the time of the step. */
  toMillis: (original, focus, values, { environment }) => {
    const [timestamp, picture] = values;
    if (typeof timestamp === 'string' && typeof picture === 'string') checkPicture(timestamp, picture);
    const timed = { ...focus, environment: { ...focus.environment, timestamp: new Date(environment.time) } };
    return original.apply(timed, values);
  },
};

/** A comparator: JSONata's functions come as arguments in this form. */
function isApplicable(value: unknown): value is { apply(focus: Focus, values: unknown[]): unknown } {
  return typeof value === 'function' || isJsonataFunction(value);
}

function areComparable(items: readonly unknown[]): boolean {
  return items.every((item) => typeof item === 'string') || items.every((item) => Number.isFinite(item));
}

/** Equal for values that JSONata holds equal; a function is only equal to itself. */
function distinctionKey(item: unknown): unknown {
  const value = fromJsonata(item);
  return value === undefined ? item : jsonKey(value);
}

let metered: ReadonlyMap<string, Builtin> | undefined;

export function isBuiltin(name: string): boolean {
  return name === 'now' || NAMES.includes(name);
}

/** Puts jsonata's functions in their metered form into an expression, and takes `$eval` away. */
export function assignBuiltins(expression: jsonata.Expression): void {
  metered ??= meterBuiltins();
  for (const [name, builtin] of metered) expression.assign(name, builtin);
  expression.assign('eval', undefined);
  const now = function (this: jsonata.Focus, picture?: string, timezone?: string): unknown {
    const focus = this as unknown as Focus;
    const { time } = evaluationOf(focus.environment).environment;
    return metered?.get('fromMillis')?.implementation.call(focus, time, picture, timezone);
  };
  expression.registerFunction('now', now, '<s?s?:s>');
}

function meterBuiltins(): ReadonlyMap<string, Builtin> {
  const frame = jsonataFrame();
  return new Map(
    NAMES.map((name): [string, Builtin] => {
      const builtin = frame.lookup(name) as Builtin;
      return [name, { ...builtin, implementation: meter(builtin.implementation, replacements[name]) }];
    }),
  );
}

/** A proxy, for jsonata reads a function's parameters out of its source text when it is applied in part. */
function meter(original: Implementation, replacement: Replacement | undefined): Implementation {
  return new Proxy(original, {
    apply: (_target, focus: Focus, values: unknown[]) => {
      const evaluation = evaluationOf(focus.environment);
      evaluation.meter.call(values);
      return replacement ? replacement(original, focus, values, evaluation) : original.apply(focus, values);
    },
    get: (target, property) =>
      property === 'toString' ? () => target.toString() : Reflect.get(target, property, target),
  });
}

/** jsonata shows its functions to nobody but its evaluation hooks, so one is set on a trivial expression. */
function jsonataFrame(): JsonataFrame {
  let frame: JsonataFrame | undefined;
  const probe = jsonata('null');
  const hook = (_node: unknown, _input: unknown, environment: JsonataFrame): void => {
    frame = environment;
  };
  assignHook(probe, 'jsonata.__evaluate_entry', hook);
  // The hook runs before evaluate() first waits for anything.
  void probe.evaluate(undefined);
  if (!frame) throw new Error('this version of jsonata does not call its evaluation hooks');
  return frame;
}

/** Sets a hook; the library's types know string names only. */
export function assignHook(expression: jsonata.Expression, name: string, hook: unknown): void {
  expression.assign(Symbol.for(name) as unknown as string, hook);
}

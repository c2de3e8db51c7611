import type jsonata from 'jsonata';
import { parseJson } from '../../data/json.ts';
import { hashText } from '../hash.ts';
import { javaRandom } from '../java-random.ts';
import { type Evaluation, evaluationOf, type JsonataFrame } from './evaluation.ts';
import { memoryLimit } from './meter.ts';
import { toJsonata } from './values.ts';

/** AWS's measured limit for `$range`. */
const RANGE_MAX = 360_145;

/** Thrown for an argument that passes the signature and still will not do; jsonata words it. */
class InvalidArgument {
  readonly code = 'T0410';
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

interface AwsFunction {
  /** As jsonata's documentation of `registerFunction` describes. */
  readonly signature: string;
  readonly apply: (values: readonly unknown[], evaluation: Evaluation) => unknown;
}

/**
 * The functions that AWS adds to JSONata, and those that read the clock or throw dice.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
const functions: Readonly<Record<string, AwsFunction>> = {
  partition: { signature: '<xn?:a>', apply: partition },
  range: { signature: '<nnn:a>', apply: range },
  hash: { signature: '<ss:s>', apply: hash },
  random: {
    signature: '<n?:n>',
    apply: ([seed], { random }) =>
      typeof seed === 'number' ? javaRandom(integer(seed, 1)).nextDouble() : random.next(),
  },
  uuid: { signature: '<:s>', apply: (_values, { random }) => random.uuid() },
  parse: { signature: '<s:j>', apply: parse },
  millis: { signature: '<:n>', apply: (_values, { environment }) => environment.time },
  shuffle: { signature: '<a:a>', apply: ([items], evaluation) => shuffle(items, evaluation) },
};

export function isAwsFunction(name: string): boolean {
  return Object.hasOwn(functions, name);
}

export function registerAwsFunctions(expression: jsonata.Expression): void {
  for (const [name, { signature, apply }] of Object.entries(functions)) {
    const implementation = function (this: jsonata.Focus, ...values: unknown[]): unknown {
      const evaluation = evaluationOf(this.environment as unknown as JsonataFrame);
      evaluation.meter.call(values);
      return apply(values, evaluation);
    };
    expression.registerFunction(name, implementation, signature);
  }
}

function partition([items, size]: readonly unknown[]): unknown {
  if (items === undefined) return undefined;
  if (!Array.isArray(items)) throw new InvalidArgument(1);
  if (size === undefined) return [items];
  const chunk = integer(size, 2);
  if (chunk < 1) throw new InvalidArgument(2);
  return Array.from({ length: Math.ceil(items.length / chunk) }, (_, i) =>
    items.slice(i * chunk, (i + 1) * chunk),
  );
}

function range(bounds: readonly unknown[]): unknown {
  const [first, last, step] = bounds.map((bound, i) => integer(bound, i + 1)) as [number, number, number];
  if (step === 0) throw new InvalidArgument(3);
  const length = Math.max(0, Math.floor((last - first) / step) + 1);
  if (length > RANGE_MAX) throw memoryLimit();
  return Array.from({ length }, (_, i) => first + i * step);
}

function hash([text, algorithm]: readonly unknown[]): unknown {
  if (typeof text !== 'string') throw new InvalidArgument(1);
  const digest = typeof algorithm === 'string' ? hashText(text, algorithm) : undefined;
  if (digest === undefined) throw new InvalidArgument(2);
  return digest;
}

function parse([text]: readonly unknown[], { longs }: Evaluation): unknown {
  if (typeof text !== 'string') throw new InvalidArgument(1);
  return toJsonata(parseJson(text), longs);
}

/** Fisher–Yates, with the step's own randomness. */
function shuffle(items: unknown, { random }: Evaluation): unknown {
  if (!Array.isArray(items)) return items;
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  return shuffled;
}

/** AWS rounds fractions toward zero. */
function integer(value: unknown, index: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new InvalidArgument(index);
  return Math.trunc(value);
}

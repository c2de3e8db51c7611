/** Inputs of the service model's operations: as the model wants them, and each with one fault. */
import fc from 'fast-check';
import { OPERATIONS } from '../../api/model/service-model.ts';
import {
  type OperationName,
  type Shape,
  type ShapeName,
  type ShapeType,
  shapeOf,
} from '../../api/model/shapes.ts';

/** Stands in every text that is long enough, and must not get into any log. */
export const PAYLOAD_MARK = 'hunter2';

export const operationNames = Object.keys(OPERATIONS) as OperationName[];

export interface MalformedInput {
  readonly operation: OperationName;
  /** What was done to it, for whoever reads a failure. */
  readonly fault: string;
  readonly input: unknown;
}

/** An input that breaks the model in one place. */
export const malformedInputs: fc.Arbitrary<MalformedInput> = fc
  .constantFrom(...operationNames)
  .chain((operation) =>
    validInputs(operation).chain((input) => {
      const faults = placesIn(input, OPERATIONS[operation].input).flatMap(faultsAt);
      return fc.constantFrom(...faults).map(({ path, what, make }) => ({
        operation,
        fault: `${what} at ${path.join('.')}`,
        input: replaced(input, path, make()),
      }));
    }),
  );

/** An input that keeps to the model, of things that there are not. */
export function validInputs(operation: OperationName): fc.Arbitrary<unknown> {
  return valuesOf(OPERATIONS[operation].input, true);
}

/** @param isRequired all members are there; else each may be missing */
function valuesOf(name: ShapeName, isRequired = false): fc.Arbitrary<unknown> {
  const shape = shapeOf(name);
  if (shape.type === 'structure') {
    const members: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
      Object.entries(shape.members ?? {}).map(([key, member]) => [key, valuesOf(member)]),
    );
    const requiredKeys = isRequired ? Object.keys(members) : [...(shape.required ?? [])];
    return fc.record(members, { requiredKeys });
  }
  if (shape.type === 'list')
    return fc.array(valuesOf(shape.member as ShapeName), { minLength: 1, maxLength: shape.max ?? 3 });
  if (shape.type === 'boolean') return fc.boolean();
  if (shape.type !== 'string') return fc.integer({ min: shape.min ?? 0, max: shape.max ?? 1_000_000 });
  return shape.enum ? fc.constantFrom(...shape.enum) : textsOf(shape);
}

function textsOf({ pattern, max = 100 }: Shape): fc.Arbitrary<string> {
  const unit = pattern === undefined ? 'grapheme' : fc.constantFrom('a', '-', '.');
  const room = Math.min(max, 100) - PAYLOAD_MARK.length;
  return fc.string({ unit, maxLength: room }).map((text) => {
    const cut = [...text].slice(0, room).join('');
    return `${PAYLOAD_MARK}${cut.isWellFormed() ? cut : ''}`;
  });
}

type Path = readonly (string | number)[];
interface Place {
  readonly path: Path;
  readonly name: ShapeName;
  readonly value: unknown;
  readonly isRequired: boolean;
}
interface Fault {
  readonly path: Path;
  readonly what: string;
  /** What stands there instead; undefined: nothing. */
  readonly make: () => unknown;
}

function placesIn(value: unknown, name: ShapeName, path: Path = [], isRequired = false): Place[] {
  const { members = {}, member, required = [] } = shapeOf(name);
  const inner = Array.isArray(value)
    ? value.map((item, i) => placesIn(item, member as ShapeName, [...path, i]))
    : Object.entries(members)
        .filter(([key]) => Object.hasOwn(value as object, key))
        .map(([key, shape]) => {
          const at = (value as Record<string, unknown>)[key];
          return placesIn(at, shape, [...path, key], required.includes(key));
        });
  return [{ path, name, value, isRequired }, ...inner.flat()];
}

/** JSON that is of no such type. */
const WRONG_TYPES: Readonly<Record<ShapeType, readonly unknown[]>> = {
  structure: ['x', 1, false, []],
  map: ['x', 1, false, []],
  list: ['x', 0, true, {}],
  string: [1, 1.5, -1e300, true, ['x'], { x: 1 }],
  boolean: ['true', 0, [], {}],
  integer: ['1', '', true, [1], {}],
  long: ['1', false, [1], {}],
  float: ['1', true, [1], {}],
  timestamp: ['1', true, [1], {}],
};

function faultsAt({ path, name, value, isRequired }: Place): Fault[] {
  const shape = shapeOf(name);
  const wrong = WRONG_TYPES[shape.type].map((other) => ({ path, what: 'wrong type', make: () => other }));
  const broken = breaksOf(shape, value).map((make) => ({ path, what: 'broken constraint', make }));
  const missing = isRequired
    ? [undefined, null].map((none) => ({ path, what: 'missing', make: () => none }))
    : [];
  return [...wrong, ...broken, ...missing];
}

/** Values of the type that the shape does not allow. */
function breaksOf({ type, min, max, enum: values, pattern }: Shape, value: unknown): (() => unknown)[] {
  const breaks: (() => unknown)[] = [];
  if (type === 'list') {
    if (min !== undefined) breaks.push(() => []);
    if (max !== undefined) breaks.push(() => Array.from({ length: max + 1 }, () => (value as unknown[])[0]));
  } else if (type === 'string') {
    breaks.push(
      () => '\ud800',
      () => `${PAYLOAD_MARK}\udfff`,
    );
    if (max !== undefined) breaks.push(...['x', '😀'].map((unit) => () => unit.repeat(max + 1)));
    if (min !== undefined && min > 0) breaks.push(() => '');
    if (values) breaks.push(...['', `${values[0]} `, '__proto__'].map((text) => () => text));
    if (pattern !== undefined) breaks.push(() => 'é');
  } else {
    if (min !== undefined) breaks.push(...[min - 1, -(2 ** 31), -1e300].map((number) => () => number));
    if (max !== undefined) breaks.push(...[max + 1, 2 ** 31, 1e300].map((number) => () => number));
  }
  return breaks;
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  const inner = replaced(copy[key], rest, by);
  if (inner === undefined) delete copy[key];
  else copy[key] = inner;
  return copy;
}

/** From JSON to the shapes of the service model: types only, constraints come after (constraints.ts). */
import { awsError } from '../errors.ts';
import { type Shape, type ShapeName, type ShapeType, shapeOf } from './shapes.ts';

/**
 * Reads a JSON value as a shape. As AWS does, it leaves out nulls, in structures and in lists, and members that the
 * model does not know.
 * @param path where the value stands: `loggingConfiguration.level`; empty for the request itself
 * @throws AwsError SerializationException when a type is wrong
 */
export function deserialize(value: unknown, name: ShapeName, path = ''): unknown {
  const shape = shapeOf(name);
  return READERS[shape.type](value, shape, path);
}

type Reader = (value: unknown, shape: Shape, path: string) => unknown;

const READERS: Readonly<Record<ShapeType, Reader>> = {
  structure: readStructure,
  list: readList,
  map: readMap,
  string: readString,
  boolean: (value, _shape, path) =>
    typeof value === 'boolean' ? value : notConvertible(value, 'a Boolean', path),
  integer: (value, _shape, path) => Math.trunc(readNumber(value, 'an Integer', path)),
  long: (value, _shape, path) => Math.trunc(readNumber(value, 'a Long', path)),
  float: (value, _shape, path) => readNumber(value, 'a Float', path),
  timestamp: (value, _shape, path) => readNumber(value, 'a Timestamp', path),
};

function readStructure(value: unknown, shape: Shape, path: string): unknown {
  if (!isObject(value)) return wrongType(value, 'Expected null', path);
  const read: Record<string, unknown> = {};
  const { members = {} } = shape;
  for (const key in members) {
    if (!Object.hasOwn(value, key) || value[key] === null) continue;
    read[key] = deserialize(value[key], members[key] as ShapeName, path === '' ? key : `${path}.${key}`);
  }
  return read;
}

function readList(value: unknown, shape: Shape, path: string): unknown {
  if (!Array.isArray(value)) return wrongType(value, 'Expected list or null', path);
  return value
    .filter((item) => item !== null)
    .map((item, i) => deserialize(item, shape.member as ShapeName, `${path}.${i + 1}.member`));
}

function readMap(value: unknown, shape: Shape, path: string): unknown {
  if (!isObject(value)) return wrongType(value, 'Expected map or null', path);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      deserialize(item, shape.value as ShapeName, `${path}.${key}`),
    ]),
  );
}

function readString(value: unknown, _shape: Shape, path: string): string {
  if (typeof value !== 'string') return notConvertible(value, 'a String', path);
  // Half of a surrogate pair has no UTF-8 form: it could not be stored and given back.
  if (!value.isWellFormed())
    throw awsError('SerializationException', `Lone surrogate in a String${at(path)}`);
  return value;
}

function readNumber(value: unknown, wanted: string, path: string): number {
  return typeof value === 'number' ? value : notConvertible(value, wanted, path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notConvertible(value: unknown, wanted: string, path: string): never {
  return wrongType(value, `${tokenName(value)} can not be converted to ${wanted}`, path);
}

/**
 * AWS's words, and the member, which AWS does not name. Amazon's services share them; Step Functions' documentation
 * shows none.
 * @param scalarFault what is said of a value that is neither list nor object
 */
function wrongType(value: unknown, scalarFault: string, path: string): never {
  const fault = Array.isArray(value)
    ? 'Start of list found where not expected'
    : isObject(value)
      ? 'Start of structure or map found where not expected.'
      : scalarFault;
  throw awsError('SerializationException', `${fault}${at(path)}`);
}

function tokenName(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return typeof value === 'number' ? 'NUMBER_VALUE' : 'STRING_VALUE';
}

function at(path: string): string {
  return path === '' ? '' : ` (at '${path}')`;
}

/** From JSON to the shapes of the service model: types only, constraints come after (constraints.ts). */
import { awsError } from '../errors.ts';
import { type Shape, type ShapeName, type ShapeType, shapeOf } from './shapes.ts';

/**
 * Reads a JSON value as a shape. As AWS does, it leaves out null members and members that the model does not know.
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
    typeof value === 'boolean' ? value : wrongType(value, 'a Boolean', path),
  integer: (value, _shape, path) => readInteger(value, 'an Integer', 2 ** 31, path),
  long: (value, _shape, path) => readInteger(value, 'a Long', 2 ** 53, path),
  float: (value, _shape, path) => (typeof value === 'number' ? value : wrongType(value, 'a Float', path)),
  timestamp: (value, _shape, path) =>
    typeof value === 'number' ? value : wrongType(value, 'a Timestamp', path),
};

function readStructure(value: unknown, shape: Shape, path: string): unknown {
  if (!isObject(value)) return wrongType(value, 'a structure', path);
  const read: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(shape.members ?? {})) {
    if (!Object.hasOwn(value, key) || value[key] === null) continue;
    read[key] = deserialize(value[key], member, path === '' ? key : `${path}.${key}`);
  }
  return read;
}

function readList(value: unknown, shape: Shape, path: string): unknown {
  if (!Array.isArray(value)) return wrongType(value, 'a list', path);
  return value.map((item, i) => deserialize(item, shape.member as ShapeName, `${path}.${i + 1}.member`));
}

function readMap(value: unknown, shape: Shape, path: string): unknown {
  if (!isObject(value)) return wrongType(value, 'a map', path);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      deserialize(item, shape.value as ShapeName, `${path}.${key}`),
    ]),
  );
}

function readString(value: unknown, _shape: Shape, path: string): string {
  if (typeof value !== 'string') return wrongType(value, 'a String', path);
  // Half of a surrogate pair has no UTF-8 form: it could not be stored and given back.
  if (!value.isWellFormed())
    throw awsError('SerializationException', `Lone surrogate in a String${at(path)}`);
  return value;
}

function readInteger(value: unknown, wanted: string, limit: number, path: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= -limit && value < limit) return value;
  return wrongType(value, wanted, path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** AWS's words, and the member, which AWS does not name. */
function wrongType(value: unknown, wanted: string, path: string): never {
  throw awsError(
    'SerializationException',
    `${tokenName(value)} can not be converted to ${wanted}${at(path)}`,
  );
}

function tokenName(value: unknown): string {
  if (value === null) return 'NULL_VALUE';
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  return typeof value === 'string' ? 'STRING_VALUE' : 'START_OBJECT';
}

function at(path: string): string {
  return path === '' ? '' : ` (at '${path}')`;
}

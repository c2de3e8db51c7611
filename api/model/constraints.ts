/** The service model's constraints, and AWS's words for what breaks them. */
import { awsError } from '../errors.ts';
import { type ShapeName, type ShapeType, shapeOf } from './shapes.ts';

/** The shape of inputs and outputs: its limit is in bytes of UTF-8, and a setting of ours. */
const PAYLOAD: ShapeName = 'SensitiveData';
/** A request of many bad list items must not get an answer many times its size. */
const MAX_VIOLATIONS = 100;
const MAX_SHOWN_LENGTH = 1024;

/** Beyond them JavaScript could not tell a long from its neighbours. */
const INTEGER_LIMITS: Partial<Record<ShapeType, { readonly min: number; readonly max: number }>> = {
  integer: { min: -(2 ** 31), max: 2 ** 31 - 1 },
  long: { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER },
};

interface Check {
  readonly maxPayloadBytes: number;
  readonly violations: string[];
}

/**
 * Checks a deserialized structure.
 * @throws AwsError ValidationException that lists every constraint that does not hold
 */
export function checkConstraints(value: unknown, name: ShapeName, limits: { maxPayloadBytes: number }): void {
  const violations: string[] = [];
  checkValue({ maxPayloadBytes: limits.maxPayloadBytes, violations }, value, name, '');
  if (violations.length === 0) return;
  const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
  throw awsError('ValidationException', `${count} detected: ${violations.join('; ')}`);
}

function checkValue(check: Check, value: unknown, name: ShapeName, path: string): void {
  const { type, member, sensitive } = shapeOf(name);
  for (const constraint of brokenConstraints(value, name, check.maxPayloadBytes))
    report(
      check,
      sensitive === true ? 'Value' : `Value '${shorten(toJavaString(value, name))}'`,
      path,
      constraint,
    );
  if (type === 'structure') checkMembers(check, value as Record<string, unknown>, name, path);
  if (type === 'list')
    for (const [i, item] of (value as unknown[]).entries())
      checkValue(check, item, member as ShapeName, `${path}.${i + 1}.member`);
}

function checkMembers(check: Check, value: Record<string, unknown>, name: ShapeName, path: string): void {
  const { members = {}, required } = shapeOf(name);
  for (const key in members) {
    const memberPath = path === '' ? key : `${path}.${key}`;
    if (Object.hasOwn(value, key)) checkValue(check, value[key], members[key] as ShapeName, memberPath);
    else if (required?.includes(key)) report(check, 'Value null', memberPath, 'Member must not be null');
  }
}

function report({ violations }: Check, shown: string, path: string, constraint: string): void {
  if (violations.length < MAX_VIOLATIONS)
    violations.push(`${shown} at '${path}' failed to satisfy constraint: ${constraint}`);
}

function brokenConstraints(value: unknown, name: ShapeName, maxPayloadBytes: number): string[] {
  const { type, min, max, enum: values, pattern } = shapeOf(name);
  if (typeof value === 'number') {
    const limit = INTEGER_LIMITS[type];
    return outOfRange('value', value, min ?? limit?.min, max ?? limit?.max);
  }
  if (Array.isArray(value)) return outOfRange('length', value.length, min, max);
  if (typeof value !== 'string') return [];
  const broken =
    name === PAYLOAD
      ? outOfRange('length', Buffer.byteLength(value), min, maxPayloadBytes)
      : outOfRange('length', codePoints(value), min, max);
  if (values && !values.includes(value))
    broken.push(`Member must satisfy enum value set: [${values.join(', ')}]`);
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value))
    broken.push(`Member must satisfy regular expression pattern: ${pattern}`);
  return broken;
}

/** AWS's lengths of texts. @see https://smithy.io/2.0/spec/constraint-traits.html#length-trait */
function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if (isLowSurrogate(text.charCodeAt(i))) count--;
  return count;
}

function isLowSurrogate(codeUnit: number): boolean {
  return (codeUnit & 0xfc00) === 0xdc00;
}

function outOfRange(
  what: 'length' | 'value',
  size: number,
  min = Number.NEGATIVE_INFINITY,
  max = Infinity,
): string[] {
  if (size > max) return [`Member must have ${what} less than or equal to ${max}`];
  if (size < min) return [`Member must have ${what} greater than or equal to ${min}`];
  return [];
}

/** A value as Java's toString shows it: `[RoutingConfigurationListItem(stateMachineVersionArn=…, weight=50)]`. */
function toJavaString(value: unknown, name: ShapeName): string {
  const { members = {}, member } = shapeOf(name);
  if (Array.isArray(value))
    return `[${value.map((item) => toJavaString(item, member as ShapeName)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(
    ([key, field]) => `${key}=${toJavaString(field, members[key] as ShapeName)}`,
  );
  return `${name}(${fields.join(', ')})`;
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH).toWellFormed()}…` : text;
}

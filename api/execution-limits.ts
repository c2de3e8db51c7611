/** What requests may hold, and the reserved tags by which a state machine is given limits of its own. */
import {
  LIMIT_NAMES,
  LIMIT_TAGS,
  MAX_CONCURRENCY_CEILING,
  MAX_CONCURRENCY_TAG,
  RESERVED_PREFIX,
  readLimit,
} from '../integrations/states/limit-tags.ts';
import { type ExecutionLimits, type MachineType, PORTABLE_LIMITS } from '../runtime/index.ts';
import type { Tag } from '../store/tag.ts';
import { awsError } from './errors.ts';
import type { OperationName } from './model/shapes.ts';

/** A state machine that is given tags. */
export interface TaggedMachine {
  readonly type: MachineType;
  /** The most that its tags may ask for. */
  readonly ceilings: ExecutionLimits;
}

/**
 * @param machine undefined: nothing but a state machine has such limits
 * @throws AwsError ValidationException for a tag that is reserved and not known, or not a number within its ceiling
 */
export function checkReservedTag({ key, value }: Tag, machine: TaggedMachine | undefined): void {
  if (!key.startsWith(RESERVED_PREFIX)) return;
  if (machine === undefined)
    throw awsError(
      'ValidationException',
      `Tags that begin with '${RESERVED_PREFIX}' are for state machines: '${key}'`,
    );
  const ceiling = key === MAX_CONCURRENCY_TAG ? concurrencyCeiling(machine) : ceilingOf(key, machine);
  const number = readLimit(value);
  if (number === undefined || number > ceiling)
    throw awsError(
      'ValidationException',
      `Invalid value '${value}' of tag '${key}': expected a positive integer of at most ${ceiling}, the ceiling of this installation`,
    );
}

function concurrencyCeiling({ type }: TaggedMachine): number {
  if (type === 'STANDARD') return MAX_CONCURRENCY_CEILING;
  throw awsError(
    'ValidationException',
    `Invalid tag '${MAX_CONCURRENCY_TAG}': it is for STANDARD state machines, this one is ${type}`,
  );
}

function ceilingOf(key: string, { ceilings }: TaggedMachine): number {
  const limit = LIMIT_NAMES.find((name) => LIMIT_TAGS[name] === key);
  if (limit !== undefined) return ceilings[limit];
  const known = [...Object.values(LIMIT_TAGS), MAX_CONCURRENCY_TAG];
  throw awsError(
    'ValidationException',
    `Unknown tag '${key}': of the tags that begin with '${RESERVED_PREFIX}' there are only ${known.join(', ')}`,
  );
}

/** Operations whose payload is one execution's: only that knows its limit, and checks it. */
const OF_AN_EXECUTION: ReadonlySet<OperationName> = new Set<OperationName>([
  'SendTaskSuccess',
  'StartExecution',
  'StartSyncExecution',
]);

/** Bytes of a payload that a request may hold, as far as the operation alone tells. */
export function payloadBytesMax(operation: OperationName, ceilings: ExecutionLimits): number {
  const { maxPayloadBytes } = PORTABLE_LIMITS;
  return OF_AN_EXECUTION.has(operation)
    ? Math.max(maxPayloadBytes, ceilings.maxPayloadBytes)
    : maxPayloadBytes;
}

/** AWS's limit for a whole request. */
const REQUEST_BYTES_MAX = 1024 * 1024;
/** What else than the payload a request may hold. */
const REQUEST_REST_BYTES = 64 * 1024;
/** A payload is a string in the request's JSON: `é`, two bytes, may come as `\u00e9`. */
const ESCAPED_BYTES_PER_BYTE = 3;

/** Bytes of a whole request: AWS's limit, or what the largest payload needs. */
export function requestBytesMax(ceilings: ExecutionLimits): number {
  return Math.max(REQUEST_BYTES_MAX, ceilings.maxPayloadBytes * ESCAPED_BYTES_PER_BYTE + REQUEST_REST_BYTES);
}

/** What requests may hold, and the reserved tags by which a state machine is given limits of its own. */
import { LIMIT_NAMES, LIMIT_TAGS, RESERVED_PREFIX, readLimit } from '../integrations/states/limit-tags.ts';
import { type ExecutionLimits, PORTABLE_LIMITS } from '../runtime/index.ts';
import type { Tag } from '../store/store.ts';
import { awsError } from './errors.ts';
import type { OperationName } from './model/shapes.ts';

/**
 * @param ceilings the most that a tag may ask for; undefined: nothing but a state machine has such limits
 * @throws AwsError ValidationException for a tag that is reserved and not known, or not a number within its ceiling
 */
export function checkReservedTag({ key, value }: Tag, ceilings: ExecutionLimits | undefined): void {
  if (!key.startsWith(RESERVED_PREFIX)) return;
  if (ceilings === undefined)
    throw awsError(
      'ValidationException',
      `Tags that begin with '${RESERVED_PREFIX}' are for state machines: '${key}'`,
    );
  const limit = LIMIT_NAMES.find((name) => LIMIT_TAGS[name] === key);
  if (limit === undefined)
    throw awsError(
      'ValidationException',
      `Unknown tag '${key}': of the tags that begin with '${RESERVED_PREFIX}' there are only ${Object.values(LIMIT_TAGS).join(' and ')}`,
    );
  const number = readLimit(value);
  if (number === undefined || number > ceilings[limit])
    throw awsError(
      'ValidationException',
      `Invalid value '${value}' of tag '${key}': expected a positive integer of at most ${ceilings[limit]}, the ceiling of this installation`,
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

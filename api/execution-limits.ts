/**
 * Limits of its own that a state machine is given by reserved tags, up to the ceilings of this installation. A machine
 * without such tags is `portable`: it has AWS's limits, whatever the ceilings are.
 */
import { type ExecutionLimits, PORTABLE_LIMITS } from '../runtime/index.ts';
import type { Tag } from '../store/store.ts';
import { awsError } from './errors.ts';
import type { OperationName } from './model/shapes.ts';

const PREFIX = 'statehouse:';
const TAGS: Readonly<Record<keyof ExecutionLimits, string>> = {
  maxHistoryEvents: `${PREFIX}maxHistoryEvents`,
  maxPayloadBytes: `${PREFIX}maxPayloadBytes`,
};
const LIMIT_NAMES = Object.keys(TAGS) as (keyof ExecutionLimits)[];

/**
 * @param ceilings the most that a tag may ask for
 * @throws AwsError ValidationException for a tag that is reserved and not known, or not a number within its ceiling
 */
export function checkReservedTag({ key, value }: Tag, ceilings: ExecutionLimits): void {
  if (!key.startsWith(PREFIX)) return;
  const limit = LIMIT_NAMES.find((name) => TAGS[name] === key);
  if (limit === undefined)
    throw awsError(
      'ValidationException',
      `Unknown tag '${key}': of the tags that begin with '${PREFIX}' there are only ${Object.values(TAGS).join(' and ')}`,
    );
  const number = positiveInteger(value);
  if (number === undefined || number > ceilings[limit])
    throw awsError(
      'ValidationException',
      `Invalid value '${value}' of tag '${key}': expected a positive integer of at most ${ceilings[limit]}, the ceiling of this installation`,
    );
}

/**
 * What an execution that starts now may use; undefined: the machine is portable. Ceilings that were lowered since
 * the tags were set hold, but never take away what AWS gives.
 */
export function extendedLimits(tags: readonly Tag[], ceilings: ExecutionLimits): ExecutionLimits | undefined {
  const limits = { ...PORTABLE_LIMITS };
  let isExtended = false;
  for (const name of LIMIT_NAMES) {
    const tag = tags.find(({ key }) => key === TAGS[name]);
    const number = tag && positiveInteger(tag.value);
    if (number === undefined) continue;
    limits[name] = Math.min(number, Math.max(ceilings[name], PORTABLE_LIMITS[name]));
    isExtended = true;
  }
  return isExtended ? limits : undefined;
}

/** Operations whose payload is one execution's: only that knows its limit, and checks it. */
const OF_AN_EXECUTION: ReadonlySet<OperationName> = new Set<OperationName>([
  'SendTaskSuccess',
  'StartExecution',
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

function positiveInteger(text: string): number | undefined {
  return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined;
}

import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import { isTooDeep, JSON_DEPTH_MAX } from './json.ts';
import type { Payload } from './payload.ts';

/** Whether a text takes more than `limit` bytes of UTF-8; counts only where the length alone does not tell. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  if (isWithin(text.length, limit)) return false;
  return utf8Bytes(text) > limit;
}

/** Whether no text of so many UTF-16 units can take more than `limit` bytes. */
function isWithin(length: number, limit: number): boolean {
  return length * 3 <= limit;
}

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair takes four bytes for its two units, any other unit from U+0800 three.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}

/** Payloads that have passed, with the limit: data that goes through many states is looked at once. */
const passed = new WeakMap<Payload, number>();

/** Texts that are worth remembering; shorter ones cannot be nested too deeply. */
const SMALL_LENGTH = Math.min(JSON_DEPTH_MAX, 300);

/**
 * Checks data that a state takes in or gives away.
 * @param producer what AWS names in the cause: the state, the resource type or the function's ARN
 * @throws StateFailure States.DataLimitExceeded; States.Runtime for data nested too deeply to be read again
 */
export function checkSize(payload: Payload, maxPayloadBytes: number, producer: string): Payload {
  const { text } = payload;
  if (text.length <= SMALL_LENGTH && isWithin(text.length, maxPayloadBytes)) return payload;
  if (passed.get(payload) === maxPayloadBytes) return payload;
  if (exceedsBytes(text, maxPayloadBytes)) throw dataLimitExceeded(producer);
  checkDepth(payload, producer);
  passed.set(payload, maxPayloadBytes);
  return payload;
}

/** Checks that data can be read again. @throws StateFailure States.Runtime */
export function checkDepth(payload: Payload, producer: string): Payload {
  if (!isTooDeep(payload.text)) return payload;
  throw runtimeFailure(`The data of '${producer}' is nested deeper than ${JSON_DEPTH_MAX} levels.`);
}

/** All variables of an execution may take so many times what one payload may: AWS's 10 MiB for its 256 KiB. */
const ALL_VARIABLES_FACTOR = 40;

/**
 * Checks what Assign gives to variables: each, all of them together, and with those that the execution keeps.
 * @throws StateFailure as {@link checkSize}
 */
export function checkVariables(
  assigned: readonly Payload[],
  kept: readonly Payload[],
  maxPayloadBytes: number,
  producer: string,
): void {
  for (const variable of assigned) checkSize(variable, maxPayloadBytes, producer);
  if (
    exceedBytes(assigned, maxPayloadBytes) ||
    exceedBytes([...assigned, ...kept], maxPayloadBytes * ALL_VARIABLES_FACTOR)
  )
    throw dataLimitExceeded(producer);
}

function exceedBytes(payloads: readonly Payload[], limit: number): boolean {
  const length = payloads.reduce((sum, { text }) => sum + text.length, 0);
  if (isWithin(length, limit)) return false;
  return payloads.reduce((sum, { text }) => sum + utf8Bytes(text), 0) > limit;
}

function dataLimitExceeded(producer: string): StateFailure {
  const cause = `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StateFailure(States.DataLimitExceeded, cause);
}

import { runtimeFailure, StateFailure, States } from '../failures/failure.ts';
import { isTooDeep, JSON_DEPTH_MAX } from './json.ts';
import type { Payload } from './payload.ts';

/** Whether a text takes more than `limit` bytes of UTF-8; counts only where the length alone does not tell. */
export function exceedsBytes(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  if (text.length * 3 <= limit) return false;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair takes four bytes for its two units, any other unit from U+0800 three.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes > limit;
}

/** Payloads that have passed, with the limit: data that goes through many states is looked at once. */
const passed = new WeakMap<Payload, number>();

/** Shorter texts are within any limit. */
const SMALL_LENGTH = Math.min(JSON_DEPTH_MAX, 300);

/**
 * Checks data that a state takes in or gives away.
 * @param producer what AWS names in the cause: the state, the resource type or the function's ARN
 * @throws StateFailure States.DataLimitExceeded; States.Runtime for data nested too deeply to be read again
 */
export function checkSize(payload: Payload, maxPayloadBytes: number, producer: string): Payload {
  const { text } = payload;
  if (text.length <= SMALL_LENGTH || passed.get(payload) === maxPayloadBytes) return payload;
  if (exceedsBytes(text, maxPayloadBytes)) throw dataLimitExceeded(producer);
  if (isTooDeep(text))
    throw runtimeFailure(`The data of '${producer}' is nested deeper than ${JSON_DEPTH_MAX} levels.`);
  passed.set(payload, maxPayloadBytes);
  return payload;
}

function dataLimitExceeded(producer: string): StateFailure {
  const cause = `The state/task '${producer}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StateFailure(States.DataLimitExceeded, cause);
}

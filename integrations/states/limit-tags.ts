/**
 * Limits of its own that a state machine is given by reserved tags, up to the ceilings of this installation. A machine
 * without such tags is `portable`: it has AWS's limits, whatever the ceilings are.
 */
import { type ExecutionLimits, PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { Tag } from '../../store/tag.ts';

/** What the keys of all reserved tags begin with. */
export const RESERVED_PREFIX = 'statehouse:';
export const LIMIT_TAGS: Readonly<Record<keyof ExecutionLimits, string>> = {
  maxHistoryEvents: `${RESERVED_PREFIX}maxHistoryEvents`,
  maxPayloadBytes: `${RESERVED_PREFIX}maxPayloadBytes`,
};
/** How many executions of a STANDARD state machine may be under way at a time; migrations/0015 reads it. */
export const MAX_CONCURRENCY_TAG = `${RESERVED_PREFIX}maxConcurrency`;
/** What is under way is counted each time that one ends. */
export const MAX_CONCURRENCY_CEILING = 100_000;
export const LIMIT_NAMES = Object.keys(LIMIT_TAGS) as (keyof ExecutionLimits)[];

/**
 * What an execution that starts now may use; undefined: the machine is portable. Ceilings that were lowered since
 * the tags were set hold, but never take away what AWS gives.
 */
export function extendedLimits(tags: readonly Tag[], ceilings: ExecutionLimits): ExecutionLimits | undefined {
  const limits = { ...PORTABLE_LIMITS };
  let isExtended = false;
  for (const name of LIMIT_NAMES) {
    const tag = tags.find(({ key }) => key === LIMIT_TAGS[name]);
    const number = tag && readLimit(tag.value);
    if (number === undefined) continue;
    limits[name] = Math.min(number, Math.max(ceilings[name], PORTABLE_LIMITS[name]));
    isExtended = true;
  }
  return isExtended ? limits : undefined;
}

/** The value of a tag: a positive integer; undefined for anything else. */
export function readLimit(text: string): number | undefined {
  return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined;
}

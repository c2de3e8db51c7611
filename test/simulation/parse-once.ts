/** Definitions are parsed once, and not by each simulated process anew: what comes of it is never changed. */
import { type ParseDefinition, parseDefinition } from '../../runtime/index.ts';

/** Of this and other schedules; those of small machines come again and again (crashes.ts). */
const KEPT_MAX = 16;

const kept = new Map<string, ReturnType<ParseDefinition>>();

export const parseOnce: ParseDefinition = (text, type) => {
  const key = `${type} ${text}`;
  const parsed = kept.get(key) ?? parseDefinition(text, type);
  kept.delete(key);
  kept.set(key, parsed);
  const [oldest = ''] = kept.keys();
  if (kept.size > KEPT_MAX) kept.delete(oldest);
  return parsed;
};

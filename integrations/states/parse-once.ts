import { type MachineType, type ParsedDefinition, parseDefinition } from '../../runtime/index.ts';

/** Definitions have up to a megabyte of text. */
const KEPT_MAX = 16;

/** The last ones, by their text: what is made of it never changes. */
const kept = new Map<string, ParsedDefinition>();

/** As {@link parseDefinition}. A process needs a revision in several places, at about the same time. */
export function parseOnce(text: string, type: MachineType): ParsedDefinition {
  const key = `${type} ${text}`;
  const parsed = kept.get(key) ?? parseDefinition(text, type);
  kept.delete(key);
  kept.set(key, parsed);
  const [oldest = ''] = kept.keys();
  if (kept.size > KEPT_MAX) kept.delete(oldest);
  return parsed;
}

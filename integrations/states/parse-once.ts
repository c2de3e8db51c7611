import { type MachineType, type ParsedDefinition, parseDefinition } from '../../runtime/index.ts';

/** Characters of text, of which a machine in memory is a multiple; one definition alone may be as long. */
const KEPT_LENGTH_MAX = 1024 * 1024;

/** The last ones, by their text: what is made of it never changes. */
const kept = new Map<string, ParsedDefinition>();
let keptLength = 0;

/** As {@link parseDefinition}. A process needs a revision in several places, at about the same time. */
export function parseOnce(text: string, type: MachineType): ParsedDefinition {
  const key = `${type} ${text}`;
  const parsed = kept.get(key) ?? parseDefinition(text, type);
  if (!kept.delete(key)) keptLength += key.length;
  kept.set(key, parsed);
  for (const oldest of kept.keys()) {
    if (keptLength <= KEPT_LENGTH_MAX || oldest === key) break;
    kept.delete(oldest);
    keptLength -= oldest.length;
  }
  return parsed;
}

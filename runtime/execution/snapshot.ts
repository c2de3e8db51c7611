/**
 * An execution as text: a cache of its fold, in one row. Like a journal row it is JSON followed by the payloads'
 * own texts, separated by U+001F.
 */
import { Payload } from '../data/payload.ts';
import type { Execution } from './execution.ts';

/** The version of the fold: a snapshot of another version is ignored. */
export const FOLD_VERSION = 5;

const SEPARATOR = '\u001f';

export function snapshot(execution: Execution): string {
  const payloads = new Map<Payload, number>();
  const json = JSON.stringify(execution, (_key, value: unknown) => {
    if (value instanceof Map) return { entries: [...value] };
    if (!(value instanceof Payload)) return value;
    if (!payloads.has(value)) payloads.set(value, payloads.size);
    return { payload: payloads.get(value) };
  });
  return [json, ...[...payloads.keys()].map((payload) => payload.text)].join(SEPARATOR);
}

/** Reads a snapshot of {@link FOLD_VERSION}. */
export function restore(text: string): Execution {
  const [json = '', ...texts] = text.split(SEPARATOR);
  const payloads = texts.map((payload) => Payload.fromText(payload));
  return JSON.parse(json, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('payload' in value && typeof value.payload === 'number') return payloads[value.payload];
    return 'entries' in value && Array.isArray(value.entries) ? new Map(value.entries) : value;
  }) as Execution;
}

/** The items of a distributed Map, from a file's content that the test brings along. */
import { isArray, isObject, type Json, type JsonArray, member, parseJson } from '../data/json.ts';
import { StateFailure, States } from '../failures/failure.ts';
import type { ItemReader } from '../machine/machine.ts';
import { InvalidTest } from './mock.ts';

export interface ReadItems {
  readonly items: JsonArray;
  /** What ItemsPointer points to. */
  readonly pointed: Json | undefined;
}

/**
 * @param data the content as it stands in the file
 * @throws InvalidTest when it cannot be read; StateFailure States.ItemReaderFailed when it holds no items
 */
export function readItems(data: string, { inputType, itemsPointer }: ItemReader): ReadItems {
  if (inputType !== undefined && inputType !== 'JSON' && inputType !== 'JSONL')
    throw new InvalidTest(`TestState does not support MapItemReaderData of the InputType ${inputType} yet.`);
  const content = inputType === 'JSONL' ? lines(data).map(parse) : parse(data);
  const pointed = itemsPointer === undefined ? undefined : follow(itemsPointer, content);
  const items = itemsPointer === undefined ? content : pointed;
  if (items !== undefined && isArray(items)) return { items, pointed };
  throw new StateFailure(States.ItemReaderFailed, 'Attempting to map over non-iterable node.');
}

function lines(data: string): string[] {
  return data.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function parse(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidTest('MapItemReaderData must be valid JSON');
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc6901 */
function follow(pointer: string, content: Json): Json | undefined {
  let found: Json | undefined = content;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (found === undefined) return undefined;
    if (isArray(found)) found = /^(0|[1-9]\d*)$/.test(name) ? found[Number(name)] : undefined;
    else found = isObject(found) ? member(found, name) : undefined;
  }
  return found;
}

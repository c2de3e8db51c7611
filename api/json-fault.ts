import { describeJsonFault } from '../runtime/data/json-syntax.ts';
import { parseJson } from '../runtime/index.ts';

/** Why a text is not JSON that executions can carry; undefined when it is. */
export function jsonFault(text: string): string | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    return describeJsonFault(text)?.message ?? (error as SyntaxError).message;
  }
}

import { parseJson } from './json.ts';
import { describeJsonFault } from './json-syntax.ts';

/** Why a text is not JSON that executions can carry; undefined when it is. */
export function jsonFault(text: string): string | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    return describeJsonFault(text)?.message ?? (error as SyntaxError).message;
  }
}

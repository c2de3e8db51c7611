import { text } from './arguments.ts';
import { format } from './format.ts';
import type { IntrinsicFunction } from './intrinsic-function.ts';

export const stringFunctions = {
  Format: { arguments: [1, Number.POSITIVE_INFINITY], apply: format },
  StringSplit: {
    arguments: [2, 2],
    apply: ([subject, delimiters]) => split(text(subject), text(delimiters)),
  },
} satisfies Record<string, IntrinsicFunction>;

/** Every character of `delimiters` is a delimiter; empty parts are dropped. */
function split(subject: string, delimiters: string): string[] {
  const isDelimiter = new Set(delimiters);
  const parts = [''];
  for (const character of subject) {
    if (isDelimiter.has(character)) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}

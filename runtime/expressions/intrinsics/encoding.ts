import { utf8ToBytes } from '@noble/hashes/utils.js';
import { type Json, stringifyJson } from '../../data/json.ts';
import { decodeBase64, encodeBase64, utf8Text } from '../base64.ts';
import { hashText } from '../hash.ts';
import { shortText, text } from './arguments.ts';
import { invalidArguments } from './fault.ts';
import type { IntrinsicFunction } from './intrinsic-function.ts';

export const encodingFunctions = {
  Base64Decode: { arguments: [1, 1], apply: ([encoded]) => utf8Text(decodeBase64(shortText(encoded))) },
  Base64Encode: { arguments: [1, 1], apply: ([plain]) => encodeBase64(utf8ToBytes(shortText(plain))) },
  Hash: {
    arguments: [2, 2],
    apply: ([data, algorithm]) => {
      const digest = hashText(shortText(hashable(data as Json)), text(algorithm));
      if (digest === undefined) throw invalidArguments();
      return digest;
    },
  },
} satisfies Record<string, IntrinsicFunction>;

/** What is no text is hashed as its JSON text. */
function hashable(data: Json): string {
  return typeof data === 'string' ? data : stringifyJson(data);
}

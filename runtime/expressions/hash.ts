import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const algorithms = new Map([
  ['MD5', md5],
  ['SHA-1', sha1],
  ['SHA-256', sha256],
  ['SHA-384', sha384],
  ['SHA-512', sha512],
]);

/**
 * Hash of a text's UTF-8 bytes in lower-case hexadecimal digits.
 * @param algorithm MD5, SHA-1, SHA-256, SHA-384 or SHA-512, spelled exactly so; undefined for any other
 */
export function hashText(text: string, algorithm: string): string | undefined {
  const hash = algorithms.get(algorithm);
  return hash && bytesToHex(hash(utf8ToBytes(text)));
}

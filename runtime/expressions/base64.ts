/**
 * Base64 and UTF-8 as Java's `Base64.getMimeDecoder()` and `new String(bytes, UTF_8)` read them: whatever does not
 * belong is skipped or replaced, nothing is refused. (Neither is part of the language that this folder is
 * restricted to.)
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.subarray(i, i + 3);
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const characters = [18, 12, 6, 0].map((shift) => ALPHABET[(bits >> shift) & 63]);
    if (c === undefined) characters[3] = '=';
    if (b === undefined) characters[2] = '=';
    text += characters.join('');
  }
  return text;
}

/** Skips characters outside the alphabet, ends at the first `=`, and does without padding. */
export function decodeBase64(text: string): number[] {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const character of text) {
    if (character === '=') break;
    const value = ALPHABET.indexOf(character);
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  return bytes;
}

/** Text of UTF-8 bytes; each malformed sequence becomes U+FFFD. */
export function utf8Text(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const [codePoint, length] = utf8Character(bytes, at);
    text += String.fromCodePoint(codePoint);
    at += length;
  }
  return text;
}

const REPLACEMENT = 0xfffd;

/** The code point at a position, and how many bytes it takes. */
function utf8Character(bytes: readonly number[], at: number): [codePoint: number, length: number] {
  const first = bytes[at] as number;
  if (first < 0x80) return [first, 1];
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return [REPLACEMENT, 1];
  let codePoint = first & (0x7f >> size);
  for (let i = 1; i < size; i++) {
    const next = bytes[at + i];
    if (next === undefined || !mayFollow(first, next, i)) return [REPLACEMENT, i];
    codePoint = (codePoint << 6) | (next & 0x3f);
  }
  return [codePoint, size];
}

/** Rules out overlong forms, surrogates and code points beyond U+10FFFF, which show in the second byte. */
function mayFollow(first: number, next: number, position: number): boolean {
  const least = position > 1 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = position > 1 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return next >= least && next <= most;
}

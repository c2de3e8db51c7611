import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type EncryptionKey, readEncryptionKeys, seal, unseal } from '../../store/encryption.ts';

const HEX = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff';
const BASE64 = Buffer.from(HEX, 'hex').toString('base64');

function keyOf(text: string): EncryptionKey {
  const [key] = readEncryptionKeys(text) ?? [];
  if (key === undefined) throw new Error(`no key: ${text}`);
  return key;
}

describe('an encryption key', () => {
  test('may come in hex and in base64, with padding and without, and in its URL form', () => {
    const forms = [
      HEX,
      HEX.toUpperCase(),
      BASE64,
      BASE64.replace('=', ''),
      BASE64.replaceAll('/', '_'),
      ` ${HEX} `,
    ];
    expect(forms.map((form) => keyOf(form).fingerprint)).toEqual(forms.map(() => keyOf(HEX).fingerprint));
  });

  test.each([
    '',
    ',',
    HEX.slice(2),
    `${HEX}00`,
    BASE64.slice(4),
    `${BASE64}AAAA`,
    'g'.repeat(64),
    `${HEX},`,
    `${HEX} ${HEX}`,
  ])('is not "%s"', (text) => {
    expect(readEncryptionKeys(text)).toBeUndefined();
  });

  test('does not show itself', () => {
    const keys = readEncryptionKeys(HEX);
    expect(inspect(keys, { depth: null }) + JSON.stringify(keys)).not.toMatch(/0001020304|AAECAwQ/);
  });

  test('has a fingerprint that differs from any other’s', () => {
    expect(keyOf(HEX).fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(keyOf(HEX).fingerprint).not.toBe(keyOf('00'.repeat(32)).fingerprint);
  });
});

describe('what is sealed', () => {
  const key = keyOf(HEX);
  const other = keyOf('00'.repeat(32));

  test.each(['', 'secret', 'höhe 🚀'])('can be unsealed: "%s"', (text) => {
    const sealed = seal(key, text, 'owner');
    expect(unseal([other, key], sealed, 'owner')).toBe(text);
    expect(sealed.bytes.includes(text)).toBe(text === '');
  });

  test('differs each time', () => {
    expect(seal(key, 'secret', 'owner').bytes).not.toEqual(seal(key, 'secret', 'owner').bytes);
  });

  test('needs its key, and tells which', () => {
    const sealed = seal(key, 'secret', 'owner');
    expect(() => unseal([other], sealed, 'owner')).toThrow(
      `owner is encrypted under the key ${key.fingerprint}, which STATEHOUSE_ENCRYPTION_KEY does not have`,
    );
    const renamed = { ...sealed, under: other.fingerprint };
    expect(() => unseal([other], renamed, 'owner')).toThrow('has been changed in the database');
  });

  test('does not survive a change of any of its bits, a cut, or another owner', () => {
    const { bytes, under } = seal(key, 'secret', 'owner');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unseal([key], { bytes: changed, under }, 'owner')).toThrow(
        'has been changed in the database',
      );
    }
    for (const length of [0, 1, 12, 27, bytes.length - 1])
      expect(() => unseal([key], { bytes: bytes.subarray(0, length), under }, 'owner')).toThrow();
    expect(() => unseal([key], { bytes, under }, 'another')).toThrow(
      'another has been changed in the database',
    );
  });
});

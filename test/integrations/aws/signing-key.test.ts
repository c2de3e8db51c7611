import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SigningKey } from '../../../integrations/aws/signing-key.ts';

const KEY_BYTES_MAX = 64;

test('a key signs as Node’s HMAC does, each time', () => {
  const bytes = fc.uint8Array({ maxLength: KEY_BYTES_MAX });
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }));
  fc.assert(
    fc.property(bytes, texts, (secret, given) => {
      const key = new SigningKey(Buffer.from(secret));
      const expected = given.map((text) => createHmac('sha256', secret).update(text).digest('hex'));
      expect(given.map((text) => key.sign(text))).toEqual(expected);
    }),
  );
});

import { describe, expect, test } from 'vitest';
import type { KeyStore } from '../../store/api-key.ts';
import { readEncryptionKeys } from '../../store/encryption.ts';
import { PLACE } from '../support/place.ts';
import { NOON, useStore } from './fixture.ts';

const [OLD, NEW] = ['00', 'ff'].map((byte) => byte.repeat(32));
const fixture = useStore();

/** As another process has them. */
async function keysUnder(encryptionKey: string | undefined, now = NOON): Promise<KeyStore> {
  const encryptionKeys = encryptionKey === undefined ? [] : readEncryptionKeys(encryptionKey);
  return (await fixture().another({ now, encryptionKeys })).apiKeys;
}

const anywhere = { place: PLACE, description: undefined };

describe('an API key', () => {
  test('has AWS’s form, and is found with its secret', async () => {
    const keys = await keysUnder(OLD);
    const place = { partition: 'aws-cn', region: 'cn-north-1', accountId: '123456789012' };
    const description = 'the "nightly" job\u0000';
    const created = await keys.create({ place, description });
    expect(created).toEqual({
      accessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      place,
      description,
      createdAt: NOON,
      revokedAt: undefined,
    });
    expect(await keys.find(created.accessKeyId)).toEqual(created);
    const { secretAccessKey: _, ...shown } = created;
    expect(await keys.list()).toContainEqual(shown);
  });

  test('is drawn', async () => {
    const keys = await keysUnder(OLD);
    const drawn = await Promise.all([1, 2, 3, 4].map(() => keys.create(anywhere)));
    expect(
      new Set(drawn.flatMap(({ accessKeyId, secretAccessKey }) => [accessKeyId, secretAccessKey])).size,
    ).toBe(8);
  });

  test('has no readable secret in the database', async () => {
    const { accessKeyId, secretAccessKey } = await (await keysUnder(OLD)).create(anywhere);
    const [row] = await fixture().query<{ sealed_secret: Buffer }>(
      'select * from statehouse.api_keys where access_key_id = $1',
      [accessKeyId],
    );
    const stored = Buffer.concat([Buffer.from(JSON.stringify(row)), row?.sealed_secret ?? Buffer.of()]);
    for (const form of [secretAccessKey, Buffer.from(secretAccessKey, 'base64')])
      expect(stored.includes(form)).toBe(false);
  });

  test('that was revoked is not found any more, and its secret is gone', async () => {
    const { accessKeyId } = await (await keysUnder(OLD)).create(anywhere);
    const keys = await keysUnder(undefined, NOON + 1000); // for revoking, nothing is decrypted
    expect(await keys.revoke(accessKeyId)).toBe(true);
    expect(await keys.revoke(accessKeyId)).toBe(false);
    expect(await keys.find(accessKeyId)).toBeUndefined();
    expect((await keys.list()).find((key) => key.accessKeyId === accessKeyId)).toMatchObject({
      createdAt: NOON,
      revokedAt: NOON + 1000,
    });
    const secret = 'select sealed_secret from statehouse.api_keys where access_key_id = $1';
    expect(await fixture().query(secret, [accessKeyId])).toEqual([{ sealed_secret: null }]);
  });

  test('that never was is neither found nor revoked', async () => {
    const keys = await keysUnder(OLD);
    expect(await keys.find('AKIAAAAAAAAAAAAAAAAA')).toBeUndefined();
    expect(await keys.revoke('AKIAAAAAAAAAAAAAAAAA')).toBe(false);
  });

  test('is found among others that are looked for at the same moment', async () => {
    const keys = await keysUnder(OLD);
    const created = await Promise.all([1, 2, 3].map(() => keys.create(anywhere)));
    const ids = created.map(({ accessKeyId }) => accessKeyId);
    const found = await Promise.all(['none', ...ids, 'nothing', ...ids].map((id) => keys.find(id)));
    expect(found).toEqual([undefined, ...created, undefined, ...created]);
  });
});

describe('the encryption key', () => {
  test('must be there', async () => {
    const keys = await keysUnder(undefined);
    expect(await keys.check()).toMatch(/^STATEHOUSE_ENCRYPTION_KEY is not set; expected 32 bytes/);
    await expect(keys.create(anywhere)).rejects.toThrow('STATEHOUSE_ENCRYPTION_KEY is not set');
  });

  test('must be the one under which API keys were made: they are told apart, and nothing wrong is decrypted', async () => {
    const { accessKeyId } = await (await keysUnder(OLD)).create(anywhere);
    const keys = await keysUnder(NEW);
    await expect(keys.find(accessKeyId)).rejects.toThrow(
      /^AKIA\w{16} is encrypted under the key [0-9a-f]{16}, which STATEHOUSE_ENCRYPTION_KEY does not have$/,
    );
    expect(await keys.check()).toMatch(
      /^STATEHOUSE_ENCRYPTION_KEY \([0-9a-f]{16}\) is not what API key AKIA\w{16} is encrypted under/,
    );
  });

  test('is replaced by putting the new one in front, and taken away once the API keys of the old one are revoked', async () => {
    const both = await keysUnder(`${NEW},${OLD}`);
    const old = await (await keysUnder(OLD)).create(anywhere);
    expect(await both.check()).toBeUndefined();
    expect(await both.find(old.accessKeyId)).toEqual(old);
    const fresh = await both.create(anywhere);
    for (const { accessKeyId } of await both.list())
      if (accessKeyId !== fresh.accessKeyId) await both.revoke(accessKeyId);
    const alone = await keysUnder(NEW);
    expect(await alone.check()).toBeUndefined();
    expect(await alone.find(fresh.accessKeyId)).toEqual(fresh);
  });

  test('keeps rows from changing places', async () => {
    const keys = await keysUnder(OLD);
    const [mine, theirs] = await Promise.all([keys.create(anywhere), keys.create(anywhere)]);
    await fixture().query(
      `update statehouse.api_keys set sealed_secret =
         (select sealed_secret from statehouse.api_keys where access_key_id = $1) where access_key_id = $2`,
      [mine.accessKeyId, theirs.accessKeyId],
    );
    await expect(keys.find(theirs.accessKeyId)).rejects.toThrow(
      'has been changed in the database since it was encrypted',
    );
    expect(await keys.find(mine.accessKeyId)).toEqual(mine);
    await keys.revoke(theirs.accessKeyId);
  });
});

import { beforeEach, expect, test } from 'vitest';
import { KnownKeys } from '../../../api/auth/known-keys.ts';
import { signingKey } from '../../../integrations/aws/signature.ts';
import type { KeyStore, SecretApiKey } from '../../../store/api-key.ts';
import { NOON, useStore } from '../../store/fixture.ts';
import { PLACE } from '../../support/place.ts';
import { ENCRYPTION_KEYS } from '../test-api.ts';

const fixture = useStore();
let store: KeyStore;
let key: SecretApiKey;
let now: number;
let asked: string[];
let keys: KnownKeys;
beforeEach(async () => {
  store = (await fixture().another({ encryptionKeys: ENCRYPTION_KEYS })).apiKeys;
  key = await store.create({ place: PLACE, description: undefined });
  now = NOON;
  asked = [];
  const find = (accessKeyId: string) => {
    asked.push(accessKeyId);
    return store.find(accessKeyId);
  };
  keys = new KnownKeys({ find }, () => now);
});

/** A valid one, of a key that does not exist. */
function unknownId(number: number): string {
  return `AKIA${number
    .toString(32)
    .padStart(16, '0')
    .replace(/[0189]/g, (digit) => 'WXYZ'['0189'.indexOf(digit)] ?? '')
    .toUpperCase()}`;
}

test('a key is asked for once in 5 seconds, by however many requests', async () => {
  const find = async () => (await keys.find(key.accessKeyId))?.place;
  expect(await Promise.all([find(), find(), find()])).toEqual([PLACE, PLACE, PLACE]);
  now += 4_999;
  await find();
  expect(asked).toHaveLength(1);
  now += 1;
  await find();
  expect(asked).toHaveLength(2);
});

test('a key that is revoked works for 5 seconds more at the most', async () => {
  await keys.find(key.accessKeyId);
  await store.revoke(key.accessKeyId);
  now += 4_999;
  expect(await keys.find(key.accessKeyId)).toBeDefined();
  now += 1;
  expect(await keys.find(key.accessKeyId)).toBeUndefined();
});

test('a key that is not there is asked for once a second', async () => {
  const find = () => keys.find(unknownId(1));
  expect(await Promise.all([find(), find()])).toEqual([undefined, undefined]);
  now += 999;
  await find();
  expect(asked).toHaveLength(1);
  now += 1;
  await find();
  expect(asked).toHaveLength(2);
});

test('answers from before the clock was set back are not kept', async () => {
  await keys.find(key.accessKeyId);
  now -= 1;
  await keys.find(key.accessKeyId);
  expect(asked).toHaveLength(2);
});

test('what cannot be the id of a key is not asked for', async () => {
  for (const id of [
    '',
    'AKIA',
    'ASIAAAAAAAAAAAAAAAAA',
    'AKIAAAAAAAAAAAAAAAA1',
    `${key.accessKeyId}A`,
    ` ${key.accessKeyId}`,
  ])
    expect(await keys.find(id)).toBeUndefined();
  expect(asked).toEqual([]);
});

test('a flood of unknown keys drives out none that is in use', async () => {
  await keys.find(key.accessKeyId);
  await keys.find(unknownId(0)); // before the others: answers to these may come in any order
  await Promise.all(Array.from({ length: 11_000 }, (_, number) => keys.find(unknownId(number))));
  expect(new Set(asked).size).toBe(11_001);
  await keys.find(key.accessKeyId);
  await keys.find(unknownId(10_999));
  expect(asked).toHaveLength(11_001);
  await keys.find(unknownId(0)); // forgotten
  expect(asked).toHaveLength(11_002);
});

test('a failed question is asked again', async () => {
  const { find } = store;
  store.find = async () => {
    throw new Error('no database');
  };
  await expect(keys.find(key.accessKeyId)).rejects.toThrow('no database');
  store.find = find;
  expect(await keys.find(key.accessKeyId)).toBeDefined();
});

test('signing keys are those of the key’s region and the day', async () => {
  const known = await keys.find(key.accessKeyId);
  const scope = (date: string) => ({ date, region: PLACE.region, service: 'states' });
  for (const date of ['20260115', '20260116', '20260115'])
    expect(known?.signingKey(date).equals(signingKey(key.secretAccessKey, scope(date)))).toBe(true);
});

/** What an API that asks who calls does besides: what it logs, whom it throttles, when it does not start. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../../../api/api.ts';
import { PORTABLE_LIMITS } from '../../../runtime/index.ts';
import type { SecretApiKey } from '../../../store/api-key.ts';
import { readEncryptionKeys } from '../../../store/encryption.ts';
import { openStore } from '../../../store/open.ts';
import { LogLines } from '../../support/log-lines.ts';
import { PLACE } from '../../support/place.ts';
import { startTestApi, type TestApi } from '../test-api.ts';
import { JSON_HEADERS, presign, send, sign } from './signed-requests.ts';

/** Signatures, and what stands around them. */
const SECRETS = /[0-9a-f]{64}|AWS4-HMAC|X-Amz-/i;
const NOON = Date.UTC(2026, 0, 15, 12);
const log = new LogLines();
const { logger } = log;

let test: TestApi;
let key: SecretApiKey;
beforeAll(async () => {
  test = await startTestApi({ auth: 'sigv4', now: () => NOON, logger });
  const place = { ...PLACE, accountId: '123456789012' };
  key = await test.store.apiKeys.create({ place, description: undefined });
});
afterAll(() => test.close());

it('the access log says who called, and nothing that proves it', async () => {
  const scope = { key, time: NOON };
  const signed = await sign(scope);
  const presigned = await presign(scope, 60);
  const stranger = await sign({ ...scope, key: { ...key, secretAccessKey: 'x'.repeat(40) } });
  const who = { accessKeyId: key.accessKeyId, accountId: '123456789012', operation: 'ListStateMachines' };
  for (const request of [signed, presigned]) {
    log.clear();
    await send(test.api, request);
    expect(await log.line({ msg: 'request' })).toMatchObject({ ...who, status: 200 });
    expect(JSON.stringify(log.lines)).not.toMatch(SECRETS);
  }
  log.clear();
  await send(test.api, stranger);
  const refused = await log.line({ msg: 'request', error: 'InvalidSignatureException' });
  for (const member of Object.keys(who)) expect(refused).not.toHaveProperty(member);
  expect(JSON.stringify(log.lines)).not.toMatch(SECRETS);
  expect(JSON.stringify([signed, presigned, stranger])).toMatch(SECRETS);
});

it('one key’s calls do not throttle another’s', async () => {
  const api = createApi({
    store: test.store,
    place: PLACE,
    auth: 'sigv4',
    ceilings: PORTABLE_LIMITS,
    isThrottled: true,
    logger,
    now: () => NOON,
  });
  const request = {
    headers: { ...JSON_HEADERS, 'x-amz-target': 'AWSStepFunctions.DescribeMapRun' },
    body: '{"mapRunArn":"x"}',
  };
  const other = await test.store.apiKeys.create({ place: PLACE, description: undefined });
  const typeOf = async (who: SecretApiKey) =>
    (await send(api, await sign({ key: who, time: NOON }, request))).type;
  for (let count = 0; count < 200; count++) expect(await typeOf(key)).not.toBe('ThrottlingException');
  expect(await typeOf(key)).toBe('ThrottlingException');
  expect(await typeOf(other)).not.toBe('ThrottlingException');
  await api.close();
});

it.each([
  ['without an encryption key', undefined, /^STATEHOUSE_ENCRYPTION_KEY is not set/],
  [
    'with a wrong one',
    readEncryptionKeys('ff'.repeat(32)),
    /is not what API key AKIA\w{16} is encrypted under/,
  ],
])('nothing is listened on %s', async (_what, encryptionKeys, message) => {
  const store = await openStore({ databaseUrl: test.databaseUrl, poolSize: 1, encryptionKeys, logger });
  const api = createApi({ store, place: PLACE, auth: 'sigv4', ceilings: PORTABLE_LIMITS, logger });
  await expect(api.listen({ host: '127.0.0.1', port: 0 })).rejects.toThrow(message);
  await api.close();
  await store.close();
});

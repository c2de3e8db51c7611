/** Whatever AWS's signer signs is accepted, and nothing that differs from it in a single byte. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PLACE } from '../../support/place.ts';
import { RawConnection } from '../../support/raw-connection.ts';
import { patience, runs } from '../../support/runs.ts';
import { startTestApi, type TestApi } from '../test-api.ts';
import {
  JSON_HEADERS,
  presign,
  type Scope,
  type Signed,
  send,
  sign,
  type Unsigned,
} from './signed-requests.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const TIMEOUT_MS = patience(30_000);

let test: TestApi;
let scope: Scope;
let port: number;
beforeAll(async () => {
  test = await startTestApi({ auth: 'sigv4', now: () => NOON });
  port = (await test.api.listen({ host: '127.0.0.1', port: 0 })).port;
  scope = { key: await test.store.apiKeys.create({ place: PLACE, description: undefined }), time: NOON };
});
afterAll(() => test.close());

/** Names that mean nothing to the API or to signatures. */
const queries = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((name) => `q${name}`),
  fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.array(fc.string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 3 }),
  ),
  { maxKeys: 4 },
);
const headers = fc.dictionary(
  fc.stringMatching(/^x-[a-z-]{1,8}$/).filter((name) => !name.startsWith('x-amz')),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
  { maxKeys: 3 },
);
const calls: fc.Arbitrary<Unsigned> = fc
  .record({ query: queries, headers, note: fc.string({ unit: 'grapheme' }) })
  .map(({ query, headers, note }) => ({
    method: 'POST',
    query,
    headers: { ...JSON_HEADERS, ...headers },
    body: JSON.stringify({ '': note }),
  }));
/** Asking for an execution by what is no ARN. */
const reads: fc.Arbitrary<Unsigned> = fc
  .record({ query: queries, headers, arn: fc.string({ unit: 'grapheme', minLength: 1 }) })
  .map(({ query, headers, arn }) => ({
    method: 'GET',
    path: `/api/v1/executions/x${encodeURIComponent(arn.toWellFormed())}`,
    query,
    headers,
  }));
const requests = fc.oneof(calls, reads);

/** Refused by nobody for who sent it. */
const ACCEPTED = /^(200 undefined|400 InvalidArn)$/;

it(
  'what is signed is accepted',
  async () => {
    const property = fc.asyncProperty(requests, async (request) => {
      for (const signed of [await sign(scope, request), await presign(scope, 60, request)]) {
        const { status, type, message } = await send(test.api, signed);
        expect(`${status} ${type}`, message).toMatch(ACCEPTED);
      }
    });
    await fc.assert(property, { numRuns: runs(150) });
  },
  TIMEOUT_MS,
);

it(
  'a single changed byte of what is signed is refused',
  async () => {
    const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const byte = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    const property = fc.asyncProperty(
      requests,
      fc.boolean(),
      at,
      byte,
      async (request, isPresigned, at, byte) => {
        const signed = isPresigned ? await presign(scope, 60, request) : await sign(scope, request);
        const changed = change(signed, at, byte);
        fc.pre(!isSame(signed, changed));
        expect(await sendRaw(changed)).not.toMatch(ACCEPTED);
      },
    );
    await fc.assert(property, { numRuns: runs(300) });
  },
  TIMEOUT_MS,
);

/** What is in the request line, in headers and in the body: all that the signature covers, and itself where presigned. */
type Parts = readonly [method: string, target: string, headers: string, body: string];

function partsOf({ method, target, headers, body }: Signed): Parts {
  const lines = Object.entries(headers).filter(([name]) => name !== 'authorization');
  return [method, target, lines.map(([name, value]) => `${name}: ${value}`).join('\r\n'), body];
}

/** @param at where in the whole of it, from 0 to 1 */
function change(signed: Signed, at: number, byte: string): Raw {
  const authorization = signed.headers.authorization;
  let index = Math.floor(at * partsOf(signed).join('').length);
  const parts = partsOf(signed).map((part) => {
    const here = index;
    index -= part.length;
    const isHere = here >= 0 && here < part.length && !'\r\n'.includes(part[here] ?? '');
    return isHere ? `${part.slice(0, here)}${byte}${part.slice(here + 1)}` : part;
  });
  return {
    parts: parts as unknown as Parts,
    authorization: authorization === undefined ? undefined : String(authorization),
  };
}

interface Raw {
  readonly parts: Parts;
  readonly authorization: string | undefined;
}

/** Names of headers and digits of percent-encodings have no case; a name without a value has an empty one. */
function isSame(signed: Signed, { parts }: Raw): boolean {
  return JSON.stringify(meaning(partsOf(signed))) === JSON.stringify(meaning(parts));
}

function meaning([method, target, headers, body]: Parts) {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const lines = headers.split('\r\n').map((line) => line.replace(/^[^:]*:/, (name) => name.toLowerCase()));
  return [method, path, [...new URLSearchParams(query)].sort(), lines, body];
}

/** @returns the status and the error's type; `undefined` where the server could not even read it */
async function sendRaw({ parts: [method, target, headers, body], authorization }: Raw): Promise<string> {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    headers,
    ...(authorization === undefined ? [] : [`authorization: ${authorization}`]),
    ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    'connection: close',
  ];
  const connection = await RawConnection.open(port);
  const answer = await connection
    .send(`${lines.join('\r\n')}\r\n\r\n${body}`)
    .end()
    .closed();
  const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
  return `${status} ${/"__type":"(\w+)"/.exec(answer)?.[1]}`;
}

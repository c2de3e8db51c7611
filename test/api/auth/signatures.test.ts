/** What the API makes of signed requests. AWS's own signer signs them; AWS's words answer those that are not well signed. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalRequest, headerValues } from '../../../integrations/aws/canonical-request.ts';
import { sign as hmac, sha256, signingKey, stringToSign } from '../../../integrations/aws/signature.ts';
import type { SecretApiKey } from '../../../store/api-key.ts';
import { PLACE } from '../../support/place.ts';
import { startTestApi, type TestApi } from '../test-api.ts';
import {
  HOST,
  JSON_HEADERS,
  presign,
  type Scope,
  type Signed,
  send,
  sign,
  type Unsigned,
} from './signed-requests.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const MINUTE_MS = 60_000;
const OK = { status: 200, type: undefined, message: undefined };

let now = NOON;
let test: TestApi;
let key: SecretApiKey;
let scope: Scope;
beforeAll(async () => {
  test = await startTestApi({ auth: 'sigv4', now: () => now });
  key = await test.store.apiKeys.create({ place: PLACE, description: undefined });
  scope = { key, time: NOON };
});
afterAll(() => test.close());

const refusal = (type: string, message: unknown) => ({ status: 400, type, message });
const invalid = (message: unknown) => refusal('InvalidSignatureException', message);
const incomplete = (message: unknown) => refusal('IncompleteSignatureException', message);
const MISSING = refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
const UNRECOGNIZED = refusal(
  'UnrecognizedClientException',
  'The security token included in the request is invalid.',
);
const MISMATCH = invalid(
  expect.stringMatching(
    /^The request signature we calculated does not match the signature you provided\. Check your AWS Secret Access Key and signing method\. Consult the service documentation for details\.\n\nThe Canonical String for this request should have been\n'/,
  ),
);

/** The header's text in another form. */
async function withAuthorization(change: (authorization: string) => string | string[]): Promise<Signed> {
  const signed = await sign(scope);
  return {
    ...signed,
    headers: { ...signed.headers, authorization: change(String(signed.headers.authorization)) },
  };
}

async function withHeaders(headers: Record<string, string | string[]>): Promise<Signed> {
  const signed = await sign(scope);
  return { ...signed, headers: { ...signed.headers, ...headers } };
}

async function without(...names: string[]): Promise<Signed> {
  const signed = await sign(scope);
  const kept = Object.entries(signed.headers).filter(([name]) => !names.includes(name));
  return { ...signed, headers: Object.fromEntries(kept) };
}

async function withTarget(change: (target: string) => string, seconds = 60): Promise<Signed> {
  const signed = await presign(scope, seconds);
  return { ...signed, target: change(signed.target) };
}

/** What AWS's signer does not make. Presigned when there is a query. */
function byHand({
  headers,
  query = {},
}: {
  headers: Record<string, string>;
  query?: Record<string, string>;
}): Signed {
  const names = Object.keys(headers).sort();
  const parameters = Object.entries(query);
  const request = {
    method: 'POST',
    path: '/',
    query: parameters,
    headers: headerValues(Object.entries(headers).flat()),
  };
  const keyScope = { date: '20260115', region: 'us-east-1', service: 'states' };
  const toSign = stringToSign(canonicalRequest(request, names, sha256('{}')), '20260115T120000Z', keyScope);
  const signature = hmac(signingKey(key.secretAccessKey, keyScope), toSign);
  if (parameters.length > 0) {
    const target = `/?${new URLSearchParams({ ...query, 'X-Amz-Signature': signature })}`;
    return { method: 'POST', target, headers, body: '{}' };
  }
  const authorization = `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/20260115/us-east-1/states/aws4_request, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { method: 'POST', target: '/', headers: { ...headers, authorization }, body: '{}' };
}

function hashed(text: unknown): string {
  return createHash('sha256').update(String(text)).digest('base64');
}

describe('a request that is signed', () => {
  const list = (request: Unsigned): Unsigned => ({
    headers: JSON_HEADERS,
    body: '{}',
    ...request,
  });

  it.each<[what: string, request: Unsigned]>([
    ['as SDKs do', list({})],
    ['with a body in UTF-8', list({ body: '{"":"höhe 🚀"}' })],
    ['with white space in headers', list({ headers: { ...JSON_HEADERS, 'x-note': '  a  \t b ' } })],
    ['with an empty header', list({ headers: { ...JSON_HEADERS, 'x-note': '' } })],
    [
      'with a query',
      list({
        query: {
          b: ['2', '1', ''],
          a: "ö+ %2F&='!()*~",
          'a-b': 'x',
          '': '',
          'X-Amz-Signature-Not': 'x',
        },
      }),
    ],
  ])('%s is served, in the header or presigned', async (_what, request) => {
    expect(await send(test.api, await sign(scope, request))).toEqual(OK);
    expect(await send(test.api, await presign(scope, 60, request))).toEqual(OK);
  });

  it('is served on every route that has something to protect', async () => {
    const arn = 'arn:aws:states:us-east-1:000000000000:execution:höhe:none';
    const path = `/api/v1/executions/${encodeURIComponent(arn)}`;
    const request = { method: 'GET', path, query: { wait: '0' } } as const;
    const notThere = refusal('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    expect(await send(test.api, await sign(scope, request))).toEqual(notThere);
    expect(await send(test.api, await presign(scope, 60, request))).toEqual(notThere);
    const logs = { method: 'GET', path: '/api/v1/logs', query: { arn } } as const;
    expect(await send(test.api, await sign(scope, logs))).toEqual(notThere);
    for (const target of [path, `/api/v1/logs?arn=${encodeURIComponent(arn)}`]) {
      const unsigned = { method: 'GET', target, headers: {}, body: '' };
      expect(await send(test.api, unsigned)).toEqual(MISSING);
    }
  });

  it('may name its parts in any order and with any separation', async () => {
    const signed = await withAuthorization((authorization) => {
      const [algorithm, ...parts] = authorization.replaceAll(',', '').split(' ');
      return `${algorithm}   ${parts.reverse().join(',')}`;
    });
    expect(await send(test.api, signed)).toEqual(OK);
  });

  it.each(['Thu, 15 Jan 2026 12:00:00 GMT', '20260115T120000Z'])(
    'may have its time in Date: %s',
    async (date) => {
      const headers = { host: HOST, date, ...JSON_HEADERS };
      expect(await send(test.api, byHand({ headers }))).toEqual(OK);
      const signed = byHand({ headers });
      const later = { ...signed.headers, date: date.replace(/00(?=Z| GMT)/, '01') };
      expect(await send(test.api, { ...signed, headers: later })).toEqual(MISMATCH);
    },
  );

  it('takes the time of X-Amz-Date before that of Date', async () => {
    const headers = {
      host: HOST,
      date: 'Thu, 01 Jan 1970 00:00:00 GMT',
      ...JSON_HEADERS,
      'x-amz-date': '20260115T120000Z',
    };
    expect(await send(test.api, byHand({ headers }))).toEqual(OK);
  });

  it('may be sent to the host of synchronous calls, if that was signed', async () => {
    const host = `sync-${HOST}`;
    expect(
      await send(test.api, await sign(scope, { headers: { ...JSON_HEADERS, host }, body: '{}' })),
    ).toEqual(OK);
    expect(await send(test.api, await withHeaders({ host }))).toEqual(MISMATCH);
  });

  it('may have a header twice, in the order in which it was signed', async () => {
    const signed = await sign(scope, { headers: { ...JSON_HEADERS, 'x-note': 'b,a' }, body: '{}' });
    const twice = (values: string[]) => ({ ...signed, headers: { ...signed.headers, 'x-note': values } });
    expect(await send(test.api, twice(['b', ' a']))).toEqual(OK);
    expect(await send(test.api, twice(['a', 'b']))).toEqual(MISMATCH);
    expect(await send(test.api, twice(['b', 'a', 'a']))).toEqual(MISMATCH);
  });
});

describe('a request that is not signed', () => {
  it.each<[what: string, headers: Record<string, string>]>([
    ['at all', {}],
    ['in AWS’s way', { authorization: 'Bearer AWS4-HMAC-SHA256' }],
    ['in this version', { authorization: 'AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=' }],
  ])('%s is refused before anything of it is looked at', async (_what, headers) => {
    for (const [target, body] of [
      ['AWSStepFunctions.ListStateMachines', '{}'],
      ['AWSStepFunctions.Nothing', 'no JSON'],
      ['', ''],
    ] as const) {
      const request = { method: 'POST', target: '/', headers: { ...headers, 'x-amz-target': target }, body };
      expect(await send(test.api, request)).toEqual(MISSING);
    }
  });

  it('is refused for its size first', async () => {
    const body = ' '.repeat(2 ** 20 + 1);
    const request = { method: 'POST', target: '/', headers: JSON_HEADERS, body };
    expect(await send(test.api, request)).toMatchObject({ status: 413 });
  });

  it('may ask for health', async () => {
    for (const target of ['/healthz', '/readyz'])
      expect(await send(test.api, { method: 'GET', target, headers: {}, body: '' })).toEqual(OK);
  });
});

describe('an Authorization header', () => {
  it('needs all its parts, and a time', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Signature=';
    const { headers } = await without('x-amz-date', 'authorization');
    const request = { method: 'POST', target: '/', headers: { ...headers, authorization }, body: '{}' };
    expect(await send(test.api, request)).toEqual(
      incomplete(
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
          "Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a " +
          `'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=${hashed(authorization)}`,
      ),
    );
    const { headers: timed } = await without('x-amz-date');
    expect(await send(test.api, { ...request, headers: timed })).toEqual(
      incomplete(
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
          `(Hashed with SHA-256 and encoded with Base64) Authorization=${hashed(timed.authorization)}`,
      ),
    );
  });

  it('is made of parts with an equal sign', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential, SignedHeaders=host, Signature=a';
    expect(await send(test.api, await withHeaders({ authorization }))).toEqual(
      incomplete(
        `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hashed(authorization)}'.`,
      ),
    );
  });

  it('has one algorithm', async () => {
    const signed = await withAuthorization((text) => text.replace('SHA256', 'SHA512'));
    expect(await send(test.api, signed)).toEqual(
      incomplete("Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now). "),
    );
  });

  it('has a credential of five parts', async () => {
    const signed = await withAuthorization((text) => text.replace('/aws4_request', ''));
    expect(await send(test.api, signed)).toEqual(
      incomplete(
        `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${key.accessKeyId}/20260115/us-east-1/states'`,
      ),
    );
  });

  it('does not go with a presigned query', async () => {
    const { target } = await presign(scope, 60);
    const { headers } = await sign(scope);
    expect(await send(test.api, { method: 'POST', target, headers, body: '{}' })).toEqual(
      invalid("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."),
    );
  });

  it('that comes twice is no signature', async () => {
    const signed = await withAuthorization((text) => [text, text]);
    expect((await send(test.api, signed)).status).toBe(400);
  });

  it.each([
    '',
    '2026',
    '20260115T12000Z',
    '20261515T120000Z',
    '2026-01-15T12:00:00Z',
    'Thu, 99 Jan 2026 12:00:00 GMT',
  ])('has no time "%s"', async (date) => {
    expect(await send(test.api, await withHeaders({ 'x-amz-date': date }))).toEqual(
      incomplete(
        `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`,
      ),
    );
  });
});

describe('a presigned query', () => {
  it('needs all its parts', async () => {
    const signed = await withTarget(() => '/?X-Amz-Algorithm=');
    expect(await send(test.api, signed)).toEqual(
      incomplete(
        "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include " +
          "'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must " +
          "include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
      ),
    );
  });

  it('is good from 5 minutes before it was made until it expires', async () => {
    const signed = await presign({ ...scope, time: NOON + 5 * MINUTE_MS }, 90);
    expect(await send(test.api, signed)).toEqual(OK);
    now = NOON + 5 * MINUTE_MS + 90_000;
    expect(await send(test.api, signed)).toEqual(OK);
    now += 1_000;
    expect(await send(test.api, signed)).toEqual(
      invalid(
        'Signature expired: 20260115T120500Z is now earlier than 20260115T120501Z (20260115T120631Z - 90 sec.)',
      ),
    );
    now = NOON - 1_000;
    expect(await send(test.api, signed)).toEqual(
      invalid(
        'Signature not yet current: 20260115T120500Z is still later than 20260115T120459Z (20260115T115959Z + 5 min.)',
      ),
    );
    now = NOON;
  });

  it('lasts a week at the most', async () => {
    const week = 7 * 24 * 60 * 60;
    const signed = await presign(scope, week);
    now = NOON + week * 1000;
    expect(await send(test.api, signed)).toEqual(OK);
    now = NOON;
  });

  it.each(['0', '604801', '-1', '1.5', '1e3', 'x', ''])(
    'does not expire after "%s" seconds',
    async (expires) => {
      const signed = await withTarget((target) => target.replace(/(X-Amz-Expires)=60/, `$1=${expires}`));
      expect(await send(test.api, signed)).toEqual(
        incomplete('X-Amz-Expires must be a number of seconds from 1 to 604800'),
      );
    },
  );

  it('lasts 5 minutes when it does not say how long', async () => {
    const query = {
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': `${key.accessKeyId}/20260115/us-east-1/states/aws4_request`,
      'X-Amz-Date': '20260115T120000Z',
      'X-Amz-SignedHeaders': 'content-type;host;x-amz-target',
    };
    const signed = byHand({ headers: { host: HOST, ...JSON_HEADERS }, query });
    now = NOON + 5 * MINUTE_MS;
    expect(await send(test.api, signed)).toEqual(OK);
    now += 1_000;
    expect(await send(test.api, signed)).toEqual(
      invalid(
        'Signature expired: 20260115T120000Z is now earlier than 20260115T120001Z (20260115T120501Z - 5 min.)',
      ),
    );
    now = NOON;
  });

  it('takes its time from the query, not from a header', async () => {
    const signed = await presign(scope, 60);
    const headers = { ...signed.headers, 'x-amz-date': '20200101T000000Z' };
    expect(await send(test.api, { ...signed, headers })).toEqual(OK);
  });
});

describe('a signature in the header', () => {
  it('is good for 5 minutes on both sides of the clock', async () => {
    const signed = await sign(scope);
    for (const offset of [-5 * MINUTE_MS, 5 * MINUTE_MS]) {
      now = NOON + offset;
      expect(await send(test.api, signed)).toEqual(OK);
    }
    now = NOON + 5 * MINUTE_MS + 1_000;
    expect(await send(test.api, signed)).toEqual(
      invalid(
        'Signature expired: 20260115T120000Z is now earlier than 20260115T120001Z (20260115T120501Z - 5 min.)',
      ),
    );
    now = NOON - 5 * MINUTE_MS - 1_000;
    expect(await send(test.api, signed)).toEqual(
      invalid(
        'Signature not yet current: 20260115T120000Z is still later than 20260115T115959Z (20260115T115459Z + 5 min.)',
      ),
    );
    now = NOON;
  });

  it('is scoped to the key’s region', async () => {
    expect(await send(test.api, await sign({ ...scope, region: 'eu-west-1' }))).toEqual(
      invalid("Credential should be scoped to a valid region, not 'eu-west-1'. "),
    );
  });

  it('is scoped to states, ends as AWS’s do, and is of the day of its time: all that is wrong is told', async () => {
    expect(await send(test.api, await sign({ ...scope, service: 'lambda' }))).toEqual(
      invalid("Credential should be scoped to correct service: 'states'. "),
    );
    const signed = await withAuthorization((text) =>
      text.replace('20260115/us-east-1/states/aws4_request', '20260114/us-east-1/swf/aws5_request'),
    );
    expect(await send(test.api, signed)).toEqual(
      invalid(
        "Credential should be scoped to correct service: 'states'. " +
          "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. " +
          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260114' != '20260115', from '20260115T120000Z'.",
      ),
    );
  });

  it('covers the host, and the operation', async () => {
    const unsigned = (name: string) =>
      withAuthorization((text) => text.replace(new RegExp(`(=|;)${name}(;|,)`), '$1$2'));
    expect(await send(test.api, await unsigned('host'))).toEqual(
      invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
    );
    expect(await send(test.api, await unsigned('x-amz-target'))).toEqual(
      invalid("'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."),
    );
  });

  it.each(['content-type', 'x-amz-content-sha256'])(
    'does not fit without %s, which was signed',
    async (name) => {
      expect(await send(test.api, await without(name))).toEqual(MISMATCH);
    },
  );

  it('fits the body, whatever a header says of it', async () => {
    const other = { ...(await sign(scope)), body: '{ }' };
    const { 'x-amz-content-sha256': _, ...headers } = other.headers;
    expect(await send(test.api, { ...other, headers })).toEqual(MISMATCH);
    const lie = invalid("The provided 'x-amz-content-sha256' header does not match what was computed.");
    expect(await send(test.api, other)).toEqual(lie);
    const unsigned = { headers: { ...JSON_HEADERS, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, body: '{}' };
    expect(await send(test.api, await sign(scope, unsigned))).toEqual(lie);
    expect(await send(test.api, await presign(scope, 60, unsigned))).toEqual(lie);
  });

  it.each<[what: string, change: (signature: string) => string]>([
    ['of another', (signature) => signature.replace(/.$/, (c) => (c === '0' ? '1' : '0'))],
    ['in upper case', (signature) => signature.toUpperCase()],
    ['cut', (signature) => signature.slice(0, -1)],
    ['too long', (signature) => `${signature}0`],
    ['that is none', () => 'é'],
  ])('%s does not fit', async (_what, change) => {
    const signed = await withAuthorization((text) => text.replace(/[^=]*$/, change));
    expect(await send(test.api, signed)).toEqual(MISMATCH);
  });

  it('that does not fit is told what it should have been made of', async () => {
    const signed = await withHeaders({ host: 'proxy.internal' });
    const { message = '' } = await send(test.api, signed);
    expect(message).toContain(
      "\n\nThe Canonical String for this request should have been\n'POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:proxy.internal\n",
    );
    expect(message).toMatch(
      /\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260115T120000Z\n20260115\/us-east-1\/states\/aws4_request\n[0-9a-f]{64}'\n$/,
    );
  });

  it('of another secret, or of a key that is not there, is refused', async () => {
    const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
    expect(await send(test.api, await sign({ ...scope, key: { ...key, secretAccessKey } }))).toEqual(
      MISMATCH,
    );
    for (const accessKeyId of [
      'AKIAAAAAAAAAAAAAAAAA',
      'AKIDEXAMPLE',
      'x',
      "AKIA'or'1'='1",
      '\u0000'.repeat(3),
    ])
      expect(await send(test.api, await sign({ ...scope, key: { ...key, accessKeyId } }))).toEqual(
        UNRECOGNIZED,
      );
  });

  it('with a session token is refused: nobody gives one out here', async () => {
    const withToken = { ...scope, sessionToken: 'FwoGZXIvYXdzE' };
    expect(await send(test.api, await sign(withToken))).toEqual(UNRECOGNIZED);
    expect(await send(test.api, await presign(withToken, 60))).toEqual(UNRECOGNIZED);
  });
});

/** Malformed requests to all operations: each has an answer of AWS's shape, and leaves the server as it was. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { ERRORS } from '../../api/errors.ts';
import { sign } from '../api/auth/signed-requests.ts';
import { post, startTestApi, type TestApi } from '../api/test-api.ts';
import { LogLines } from '../support/log-lines.ts';
import { PLACE } from '../support/place.ts';
import { type Answer, parseAnswers, RawConnection, rawRequest } from '../support/raw-connection.ts';
import { patience, runs } from '../support/runs.ts';
import { malformedInputs, operationNames, PAYLOAD_MARK, validInputs } from './malformed-inputs.ts';
import { damaged, JAVASCRIPT_FAULT } from './mutations.ts';

const log = new LogLines();
let api: TestApi;
let port: number;
beforeAll(async () => {
  api = await startTestApi({
    logger: log.logger,
    timeouts: { headersMs: 200, requestMs: 300, keepAliveMs: 200 },
  });
  ({ port } = await api.api.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => api.close());
beforeEach(() => log.clear());

/** Each so many requests the server is asked whether it still serves. */
const BATCH = 50;
let count = 0;

async function expectAsBefore(): Promise<void> {
  if (++count % BATCH !== 0) return;
  expect((await post(api.api, 'ListStateMachines', '{}')).statusCode).toBe(200);
  expect(log.aboveInfo).toEqual([]);
  expect(JSON.stringify(log.lines)).not.toContain(PAYLOAD_MARK);
  log.clear();
}

function expectAwsError({ status, headers, body }: Answer): void {
  expect([status, headers['content-type'], headers['x-amzn-requestid']]).toEqual([
    expect.any(Number),
    'application/x-amz-json-1.0',
    expect.stringMatching(/^[0-9a-f-]{36}$/),
  ]);
  const { __type, message, ...rest } = JSON.parse(body) as Record<string, unknown>;
  expect(Object.keys(ERRORS)).toContain(__type);
  expect(message).toEqual(expect.stringMatching(/./s));
  expect(message).not.toMatch(JAVASCRIPT_FAULT);
  expect(Object.keys(rest).filter((key) => key !== 'reason' && key !== 'resourceName')).toEqual([]);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
}

/** For what may happen to be a good request. */
function expectAnswer(answer: Answer): void {
  if (answer.status === 200) JSON.parse(answer.body);
  else expectAwsError(answer);
}

async function send(
  operation: string,
  body: string | Buffer,
  headers?: Record<string, string>,
): Promise<Answer> {
  const response = await post(api.api, operation, body, headers);
  return { status: response.statusCode, headers: response.headers, body: response.payload };
}

test(
  'inputs with one fault are refused',
  () =>
    fc.assert(
      fc.asyncProperty(malformedInputs, async ({ operation, input }) => {
        expectAwsError(await send(operation, JSON.stringify(input)));
        await expectAsBefore();
      }),
      { numRuns: runs(500) },
    ),
  patience(60_000),
);

const inputs = fc
  .constantFrom(...operationNames)
  .chain((operation) => validInputs(operation).map((input) => ({ operation, text: JSON.stringify(input) })));
const texts = fc.sample(inputs, { numRuns: 200, seed: 1 });

test(
  'damaged bodies have an answer',
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operationNames),
        fc.oneof(
          damaged(texts.map(({ text }) => text)).map((text) => Buffer.from(text)),
          fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
        ),
        async (operation, body) => {
          expectAnswer(await send(operation, body));
          await expectAsBefore();
        },
      ),
      { numRuns: runs(300) },
    ),
  patience(60_000),
);

const headerValues = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
});

test(
  'requests for nothing that there is are refused',
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          target: fc.oneof(
            headerValues,
            fc
              .constantFrom('', 'constructor', '__proto__', 'Unknown')
              .map((name) => `AWSStepFunctions.${name}`),
          ),
          contentType: fc.oneof(headerValues, fc.constant('application/x-amz-json-1.0')),
          method: fc.constantFrom('POST' as const, 'GET' as const, 'PUT' as const, 'DELETE' as const),
          path: fc.oneof(
            fc.constant('/'),
            headerValues.map((text) => `/x${text}`),
          ),
        }),
        async ({ target, contentType, method, path }) => {
          const response = await api.api.inject({
            method,
            url: path,
            headers: { 'content-type': contentType, 'x-amz-target': target },
            ...(method !== 'GET' && { payload: '{}' }),
          });
          const { statusCode: status, headers, payload: body } = response;
          expectAwsError({ status, headers, body });
          await expectAsBefore();
        },
      ),
      { numRuns: runs(100) },
    ),
  patience(60_000),
);

test(
  'requests whose signatures are damaged or missing are answered as they are',
  async () => {
    const time = Date.UTC(2026, 0, 1);
    const signing = await startTestApi({ logger: log.logger, auth: 'sigv4', now: () => time });
    onTestFinished(() => signing.close());
    const key = await signing.store.apiKeys.create({ place: PLACE, description: undefined });
    const { headers, body } = await sign({ key, time });
    const damages = fc
      .constantFrom(...Object.entries(headers))
      .chain(([name, value]) =>
        fc.record({ name: fc.constant(name), value: fc.option(damaged([String(value)])) }),
      );
    await fc.assert(
      fc.asyncProperty(damages, async ({ name, value }) => {
        const { [name]: _, ...others } = headers;
        const sent = value === null ? others : { ...others, [name]: value.replaceAll(/[^ -~]/g, '?') };
        const response = await signing.api.inject({ method: 'POST', url: '/', headers: sent, payload: body });
        const answer = { status: response.statusCode, headers: response.headers, body: response.payload };
        if (value === null) expectAwsError(answer);
        else expectAnswer(answer);
        expect(JSON.stringify(log.lines)).not.toContain(key.secretAccessKey);
        await expectAsBefore();
      }),
      { numRuns: runs(100) },
    );
  },
  patience(60_000),
);

/** What a client that knows HTTP badly, or too well, makes of a request. */
const conversations = fc.record({
  request: fc
    .tuple(
      fc.constantFrom(...texts),
      fc.constantFrom(
        [],
        ['content-length: 5'],
        ['content-length: 100000'],
        ['content-length: -1'],
        ['content-length: 5', 'content-length: 6'],
        ['content-length: 2000000'],
        ['transfer-encoding: chunked'],
        ['transfer-encoding: chunked', 'content-length: 5'],
        ['transfer-encoding: gzip, chunked'],
        ['expect: 100-continue', 'content-length: 5'],
        ['expect: something', 'content-length: 5'],
        ['content-encoding: gzip', 'content-length: 5'],
        [`x-large: ${'x'.repeat(20_000)}`],
        Array.from({ length: 3000 }, (_, i) => `x-${i}: x`),
      ),
    )
    .map(([{ operation, text }, headers]) => rawRequest(operation, text, headers)),
  /** Where it is cut, in thousandths of its length. */
  cuts: fc.array(fc.nat(1000), { maxLength: 5 }),
  repeated: fc.integer({ min: 1, max: 3 }),
  noise: fc.option(fc.record({ at: fc.nat(1000), byte: fc.nat(255) })),
  ending: fc.constantFrom('waits', 'half-closes', 'resets'),
});

test(
  'what comes over a socket is answered with whole answers, or cut off',
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(conversations, { minLength: 8, maxLength: 8 }), async (all) => {
        const received = await Promise.all(
          all.map(async ({ request, cuts, repeated, noise, ending }) => {
            const bytes = Buffer.from(request.repeat(repeated));
            if (noise) bytes[Math.floor((noise.at / 1001) * bytes.length)] = noise.byte;
            const connection = await RawConnection.open(port);
            let from = 0;
            for (const cut of [...cuts, 1000].sort((a, b) => a - b)) {
              const to = Math.floor((cut / 1000) * bytes.length);
              connection.send(bytes.subarray(from, to));
              from = to;
            }
            if (ending === 'half-closes') connection.end();
            if (ending === 'resets') connection.destroy();
            return connection.closed();
          }),
        );
        for (const text of received) for (const answer of parseAnswers(text)) expectAnswer(answer);
        count = BATCH - 1;
        await expectAsBefore();
      }),
      { numRuns: runs(13) },
    ),
  patience(120_000),
);

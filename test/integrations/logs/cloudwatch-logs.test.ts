import { expect, test } from 'vitest';
import { signedHeaders } from '../../../integrations/aws/signature.ts';
import { createCloudWatchLogs } from '../../../integrations/logs/cloudwatch-logs.ts';
import { type LogEntry, PartlyWritten } from '../../../telemetry/logs/log-destination.ts';
import { entry } from '../../telemetry/logs/log-entry.ts';
import { type ReceivedRequest, startHttpServer } from '../fixtures/http-server.ts';

type Answer = object | [status: number, code: string];
type Call = {
  readonly operation: string;
  readonly input: Record<string, unknown> & { logEvents?: { timestamp: number; message: string }[] };
};

const CREDENTIALS = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: undefined };
const HOUR = 60 * 60 * 1000;

function callOf({ headers, body }: ReceivedRequest): Call {
  return {
    operation: String(headers['x-amz-target']).replace('Logs_20140328.', ''),
    input: JSON.parse(body),
  };
}

/** CloudWatch Logs that answers as told, and a destination that writes to it. */
async function setUp(answer: (call: Call, attempt: number) => Answer = () => ({})) {
  let attempts = 0;
  const server = await startHttpServer((response, request) => {
    const answered = answer(callOf(request), ++attempts);
    if (Array.isArray(answered))
      response.writeHead(answered[0]).end(JSON.stringify({ __type: `com.amazonaws.logs#${answered[1]}` }));
    else response.end(JSON.stringify(answered));
  });
  const destination = createCloudWatchLogs({
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  });
  if (destination === undefined) throw new Error('there is no endpoint');
  const refused: [number, string][] = [];
  return {
    refused,
    server,
    write: (entries: readonly LogEntry[]) =>
      destination.write(entries, (count, reason) => refused.push([count, reason])),
    calls: () => server.requests.map(callOf),
    operations: () => server.requests.map((request) => callOf(request).operation),
    async [Symbol.asyncDispose]() {
      await destination.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('records go to a log stream of the state machine, which is made once', async () => {
  await using logs = await setUp();
  await logs.write([entry(1), entry(2)]);
  await logs.write([entry(3)]);
  const [created, first, second] = logs.calls();
  expect(created).toEqual({
    operation: 'CreateLogStream',
    input: {
      logGroupName: '/states/orders',
      logStreamName: expect.stringMatching(/^states\/orders\/\d{4}-\d\d-\d\d-\d\d-\d\d\/[0-9a-f]{8}$/),
    },
  });
  const about = created?.input;
  const eventOf = ({ record, time }: LogEntry) => ({ timestamp: time, message: JSON.stringify(record) });
  expect(first).toEqual({
    operation: 'PutLogEvents',
    input: { ...about, logEvents: [entry(1), entry(2)].map(eventOf) },
  });
  expect(second).toEqual({ operation: 'PutLogEvents', input: { ...about, logEvents: [eventOf(entry(3))] } });
});

test('requests are signed, for the region of the log group', async () => {
  await using logs = await setUp();
  await logs.write([entry(1)]);
  const [request] = logs.server.requests;
  const { authorization = '', host, connection, 'content-length': _, ...headers } = request?.headers ?? {};
  expect(authorization).toMatch(/Credential=key\/\d{8}\/eu-west-1\/logs\/aws4_request/);
  const stamp = String(headers['x-amz-date']).replace(/^(.{4})(..)(..T..)(..)(..)Z$/, '$1-$2-$3:$4:$5Z');
  const given = {
    'Content-Type': String(headers['content-type']),
    'X-Amz-Target': String(headers['x-amz-target']),
  };
  const signed = signedHeaders(
    { method: 'POST', url: new URL(logs.server.url), headers: given, body: request?.body ?? '' },
    CREDENTIALS,
    { region: 'eu-west-1', service: 'logs', time: Date.parse(stamp) },
  );
  expect(authorization).toBe(signed.Authorization);
});

test('log groups and state machines are written apart, each in the order of time', async () => {
  await using logs = await setUp();
  const group = { logGroupArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:other:*' };
  const machine = { stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:payments' };
  await logs.write([
    entry(1, 1, { time: 3000 }),
    entry(2, 1, { ...group, time: 1000 }),
    entry(3, 1, { time: 2000 }),
    entry(4, 1, { ...machine, time: 1000 }),
    entry(5, 1, { time: 3000 }),
  ]);
  const puts = logs.calls().flatMap(({ input }) => (input.logEvents ? [input] : []));
  const ids = puts.map(({ logEvents = [] }) => logEvents.map(({ message }) => JSON.parse(message).id));
  expect(ids).toEqual([['3', '1', '5'], ['2'], ['4']]);
  expect(puts.map(({ logGroupName }) => logGroupName)).toEqual(['/states/orders', 'other', '/states/orders']);
  expect(new Set(puts.map(({ logStreamName }) => logStreamName)).size).toBe(3);
});

test('no request has more than CloudWatch Logs takes', async () => {
  await using logs = await setUp();
  const large = (id: number) => {
    const { record, ...about } = entry(id);
    return { ...about, record: { ...record, details: { input: 'ä'.repeat(100_000) } } };
  };
  const small = Array.from({ length: 10_001 }, (_, i) => entry(i));
  await logs.write(Array.from({ length: 12 }, (_, i) => large(i)));
  await logs.write(small);
  await logs.write([
    entry(1, 1, { time: 0 }),
    entry(2, 1, { time: 24 * HOUR }),
    entry(3, 1, { time: 24 * HOUR + 1 }),
  ]);
  const counts = logs.calls().flatMap(({ input: { logEvents } }) => logEvents?.length ?? []);
  expect(counts.slice(0, 3)).toEqual([5, 5, 2]);
  expect(counts.slice(3, -2).reduce((sum, count) => sum + count, 0)).toBe(10_001);
  expect(counts.slice(-2)).toEqual([2, 1]);
  for (const { input } of logs.calls()) {
    const { logEvents = [] } = input;
    const bytes = logEvents.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);
    expect(bytes).toBeLessThanOrEqual(1_048_576);
    expect(logEvents.length).toBeLessThanOrEqual(10_000);
    const [first, last] = [logEvents[0]?.timestamp ?? 0, logEvents.at(-1)?.timestamp ?? 0];
    expect(last - first).toBeLessThanOrEqual(24 * HOUR);
  }
});

test('a log group that was made again gets a new stream', async () => {
  await using logs = await setUp((_, attempt) => (attempt === 3 ? [400, 'ResourceNotFoundException'] : {}));
  await logs.write([entry(1)]);
  await logs.write([entry(2)]);
  expect(logs.operations()).toEqual([
    'CreateLogStream',
    'PutLogEvents',
    'PutLogEvents',
    'CreateLogStream',
    'PutLogEvents',
  ]);
  expect(logs.refused).toEqual([]);
});

test('without a log group the records are refused for good, and others are written', async () => {
  await using logs = await setUp(({ input }) =>
    input.logGroupName === 'gone' ? [400, 'ResourceNotFoundException'] : {},
  );
  const gone = { logGroupArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:gone:*' };
  await logs.write([entry(1, 1, gone), entry(2, 1, gone), entry(3)]);
  expect(logs.refused).toEqual([[2, expect.stringContaining('ResourceNotFoundException (HTTP 400)')]]);
  expect(logs.operations()).toEqual(['CreateLogStream', 'CreateLogStream', 'PutLogEvents']);
});

test.each<[string, Answer]>([
  ['throttling', [400, 'ThrottlingException']],
  ['a fault of the service', [500, 'InternalFailure']],
])('%s leaves what was not written to be tried again', async (_what, passing) => {
  const other = { logGroupArn: 'arn:aws:logs:eu-west-1:000000000000:log-group:other:*' };
  await using logs = await setUp(({ operation, input }) =>
    operation === 'PutLogEvents' && input.logGroupName === 'other' ? passing : {},
  );
  const error = await logs.write([entry(1), entry(2, 1, other), entry(3)]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PartlyWritten);
  expect((error as PartlyWritten).left.map(({ record }) => record.id)).toEqual(['2']);
  expect(logs.refused).toEqual([]);
});

test('events of a time that CloudWatch Logs does not take are counted', async () => {
  await using logs = await setUp(({ operation }) =>
    operation === 'PutLogEvents'
      ? {
          rejectedLogEventsInfo: {
            tooOldLogEventEndIndex: 2,
            expiredLogEventEndIndex: 1,
            tooNewLogEventStartIndex: 4,
          },
        }
      : {},
  );
  await logs.write([1, 2, 3, 4, 5].map((id) => entry(id)));
  expect(logs.refused).toEqual([[3, 'CloudWatch Logs takes no events of that time']]);
});

test('a stream that is there already is written to', async () => {
  await using logs = await setUp(({ operation }) =>
    operation === 'CreateLogStream' ? [400, 'ResourceAlreadyExistsException'] : {},
  );
  await logs.write([entry(1)]);
  expect(logs.operations()).toEqual(['CreateLogStream', 'PutLogEvents']);
});

test('nothing is to be written to without an endpoint', () => {
  expect(createCloudWatchLogs({})).toBeUndefined();
});

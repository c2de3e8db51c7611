/** Mocked results of service integrations, held against what the services' operations answer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../test-api.ts';
import { type Mode, mockedTask } from './mocked-task.ts';

let test: TestApi;

beforeAll(async () => {
  test = await startTestApi();
});

afterAll(() => test.close());

async function expectTaken(resource: string, result: unknown, mode?: Mode) {
  const answer = await test.call('TestState', mockedTask(resource, result, mode));
  expect(answer).toEqual({ status: 'SUCCEEDED', output: JSON.stringify(result) });
}

async function expectRefused(resource: string, result: unknown, fault: string, mode?: Mode) {
  expect(await test.fail('TestState', mockedTask(resource, result, mode))).toEqual({
    status: 400,
    type: 'ValidationException',
    message: `Mock result schema validation error: ${fault}`,
  });
}

const DATE = '2026-01-01T00:00:00Z';
const DESCRIPTION = { ExecutionArn: 'e', StateMachineArn: 'm', Status: 'SUCCEEDED', StartDate: DATE };
const SECRET = { Name: 'n', VersionId: '12345678-1234-1234-1234-123456789012' };

describe('a field of the wrong kind', () => {
  describe.each<Mode | undefined>([undefined, 'STRICT', 'PRESENT'])('in mode %s', (mode) => {
    it.each([
      // What types there are.
      ['sqs:sendMessage', { MessageId: 1 }, "Field 'MessageId' must be a string"],
      ['lambda:invoke', { StatusCode: '200' }, "Field 'StatusCode' must be a number"],
      ['aws-sdk:s3:getObject', { ContentLength: '1' }, "Field 'ContentLength' must be a number"],
      ['aws-sdk:s3:getObject', { DeleteMarker: 'true' }, "Field 'DeleteMarker' must be a boolean"],
      ['aws-sdk:s3:getObject', { LastModified: 1_764_103_483 }, "Field 'LastModified' must be a string"],
      ['aws-sdk:s3:getObject', { Body: { a: 1 } }, "Field 'Body' must be a string"],
      ['aws-sdk:s3:getObject', { Metadata: [] }, "Field 'Metadata' must be an object"],
      ['aws-sdk:kms:decrypt', { Plaintext: [1] }, "Field 'Plaintext' must be a string"],
      ['events:putEvents', { Entries: {} }, "Field 'Entries' must be an array"],
      ['dynamodb:getItem', { ConsumedCapacity: [] }, "Field 'ConsumedCapacity' must be an object"],
      // Inside of lists, maps and structures: the last name on the way is the field's.
      ['events:putEvents', { Entries: [{ EventId: 'a' }, 'b'] }, "Field 'Entries' must be an object"],
      ['events:putEvents', { Entries: [{}, { EventId: [1] }] }, "Field 'EventId' must be a string"],
      ['ecs:runTask', { Tasks: [{ Containers: [{ ExitCode: '0' }] }] }, "Field 'ExitCode' must be a number"],
      ['aws-sdk:s3:getObject', { Metadata: { colour: 1 } }, "Field 'colour' must be a string"],
      ['dynamodb:getItem', { Item: { id: 'text' } }, "Field 'id' must be an object"],
      ['dynamodb:getItem', { Item: { id: { N: 5 } } }, "Field 'N' must be a string"],
      [
        'dynamodb:getItem',
        { Item: { a: { L: [{ M: { b: { BOOL: 1 } } }] } } },
        "Field 'BOOL' must be a boolean",
      ],
      [
        'aws-sdk:lambda:getFunction',
        { Configuration: { Layers: [{ CodeSize: '1' }] } },
        "Field 'CodeSize' must be a number",
      ],
      // Enums, lengths, ranges.
      ['aws-sdk:s3:getObject', { StorageClass: 'Papyrus' }, "Field 'StorageClass' is not an expected value"],
      [
        'aws-sdk:lambda:getFunction',
        { Configuration: { Architectures: ['z80'] } },
        "Field 'Architectures' is not an expected value",
      ],
      [
        'aws-sdk:kms:encrypt',
        { CiphertextBlob: '' },
        "Field 'CiphertextBlob' is smaller than the minimum length",
      ],
      [
        'aws-sdk:secretsmanager:getSecretValue',
        { Name: '' },
        "Field 'Name' is smaller than the minimum length",
      ],
      [
        'aws-sdk:secretsmanager:getSecretValue',
        { ...SECRET, VersionId: 'short' },
        "Field 'VersionId' is smaller than the minimum length",
      ],
      [
        'aws-sdk:secretsmanager:getSecretValue',
        { ...SECRET, VersionStages: [] },
        "Field 'VersionStages' is smaller than the minimum length",
      ],
      [
        'aws-sdk:secretsmanager:getSecretValue',
        { ...SECRET, VersionId: 'x'.repeat(65) },
        "Field 'VersionId' exceeds the maximum length",
      ],
      [
        'aws-sdk:lambda:getFunction',
        { Configuration: { MemorySize: 127 } },
        "Field 'MemorySize' is less than the minimum value",
      ],
      [
        'aws-sdk:lambda:getFunction',
        { Configuration: { MemorySize: 10_241 } },
        "Field 'MemorySize' exceeds the maximum value",
      ],
    ])('%s: %j: %s', (resource, result, fault) => expectRefused(resource, result, fault, mode));
  });

  it('may be anything in mode NONE', async () => {
    await expectTaken('sqs:sendMessage', { MessageId: 1 }, 'NONE');
    await expectTaken('states:startExecution', {}, 'NONE');
  });
});

describe('a required field', () => {
  it.each([
    ['states:startExecution', {}, 'ExecutionArn'],
    ['states:startExecution', { ExecutionArn: 'e' }, 'StartDate'],
    ['states:startExecution', { ExecutionArn: null, StartDate: DATE }, 'ExecutionArn'],
    ['aws-sdk:sfn:startExecution', { executionArn: 'e', startDate: DATE }, 'ExecutionArn'],
    ['batch:submitJob', { JobName: 'j' }, 'JobId'],
    ['aws-sdk:batch:describeJobs', { Jobs: [{ JobName: 'j' }] }, 'JobId'],
    ['aws-sdk:sqs:sendMessageBatch', { Successful: [] }, 'Failed'],
    [
      'aws-sdk:sqs:sendMessageBatch',
      { Failed: [], Successful: [{ Id: '1', MessageId: 'm' }] },
      'Md5OfMessageBody',
    ],
  ])('%s: %j lacks %s', async (resource, result, field) => {
    await expectRefused(resource, result, `Required field '${field}' is missing`);
    await expectTaken(resource, result, 'PRESENT');
  });

  it('may be missing where what it belongs to is missing', () =>
    expectTaken('aws-sdk:batch:describeJobs', {}));
});

describe('.sync', () => {
  it.each(['states:startExecution.sync', 'states:startExecution.sync:2'])(
    'mocks of %s are answers of DescribeExecution, with texts for Input and Output',
    async (resource) => {
      await expectTaken(resource, { ...DESCRIPTION, Output: '{}', StopDate: DATE });
      await expectRefused(
        resource,
        { ExecutionArn: 'e', StartDate: DATE },
        "Required field 'StateMachineArn' is missing",
      );
      await expectRefused(resource, { ...DESCRIPTION, Output: {} }, "Field 'Output' must be a string");
      await expectRefused(
        resource,
        { ...DESCRIPTION, Status: 'DONE' },
        "Field 'Status' is not an expected value",
      );
    },
  );

  it.each([
    ['batch:submitJob.sync', { Jobs: [{ Attempts: 1 }] }, "Field 'Attempts' must be an array"],
    ['ecs:runTask.sync', { Tasks: [{ StoppedReason: 1 }] }, "Field 'StoppedReason' must be a string"],
  ])('mocks of %s are answers of what is polled', (resource, result, fault) =>
    expectRefused(resource, result, fault, 'PRESENT'),
  );
});

describe('names', () => {
  it('of optimized integrations are those of the service, capitalized', async () => {
    await expectRefused(
      'sqs:sendMessage',
      { MD5OfMessageBody: 1 },
      "Field 'MD5OfMessageBody' must be a string",
    );
    await expectRefused('dynamodb:getItem', { Item: { a: { SS: 1 } } }, "Field 'SS' must be an array");
    await expectTaken('dynamodb:getItem', { Item: { a: { Ss: 1 } } });
  });

  it('of SDK integrations are those of the AWS SDK for Java', async () => {
    await expectRefused(
      'aws-sdk:sqs:sendMessage',
      { Md5OfMessageBody: 1 },
      "Field 'Md5OfMessageBody' must be a string",
    );
    await expectRefused(
      'aws-sdk:dynamodb:getItem',
      { Item: { a: { Nul: 1 } } },
      "Field 'Nul' must be a boolean",
    );
    await expectRefused('aws-sdk:s3:putObject', { SsekmsKeyId: 1 }, "Field 'SsekmsKeyId' must be a string");
    await expectRefused('aws-sdk:s3:putObject', { ETag: 1 }, "Field 'ETag' must be a string");
    await expectRefused(
      'aws-sdk:s3:putObject',
      { ChecksumCRC32: 1 },
      "Field 'ChecksumCRC32' must be a string",
    );
    await expectTaken('aws-sdk:dynamodb:getItem', { Item: { a: { SS: 1 } } });
  });
});

describe('what is not checked', () => {
  it.each([
    ['events:putEvents', { random: 'json', constructor: 1 }],
    ['events:putEvents', { entries: 1, Entries: null }],
    ['dynamodb:putItem', { SdkHttpMetadata: { HttpStatusCode: 200 } }],
    ['states:startExecution', { ExecutionArn: 'e', StartDate: 'no date' }],
    ['lambda:invoke', { Payload: { any: ['thing'] } }],
    ['lambda:invoke', { Payload: null }],
    ['aws-sdk:s3:deleteBucket', { Bucket: 1 }],
    ['aws-sdk:glue:getJobRun', { JobRun: 1 }],
    ['glue:startJobRun.sync', { JobRunState: 1 }],
    ['sqs:sendMessage.waitForTaskToken', { MessageId: 1 }],
    ['eks:call', { StatusCode: 'x' }],
  ])('%s: %j', (resource, result) => expectTaken(resource, result));

  it.each([
    'http:invoke',
    'apigateway:invoke',
    'eks:call',
    'eks:runJob.sync',
    'sqs:sendMessage.waitForTaskToken',
  ])('%s may answer with any JSON', (resource) => expectTaken(resource, [1]));

  it.each(['eks:createCluster', 'glue:startJobRun', 'aws-sdk:s3:deleteBucket', 'aws-sdk:nosuchservice:act'])(
    '%s answers with an object all the same',
    async (resource) => {
      const { message } = await test.fail('TestState', mockedTask(resource, [1]));
      expect(message).toBe('Mocked result must be a JSON object.');
    },
  );

  it('is what a function or an activity returns', async () => {
    for (const Resource of [
      'arn:aws:lambda:us-east-1:000000000000:function:f',
      'arn:aws:states:us-east-1:000000000000:activity:a',
    ]) {
      const definition = JSON.stringify({ Type: 'Task', Resource, End: true });
      const mock = { result: '{"StatusCode":"200"}' };
      expect(await test.call('TestState', { definition, mock })).toMatchObject({ status: 'SUCCEEDED' });
    }
  });
});

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:activity:${name}`;
let test: TestApi;
beforeAll(async () => {
  test = await startTestApi();
});
afterAll(() => test.close());

describe('CreateActivity', () => {
  it('is idempotent by name, and keeps what was there', async () => {
    const tags = [{ key: 'team', value: 'a' }];
    const created = await test.call('CreateActivity', { name: 'once', tags });
    expect(created).toEqual({ activityArn: arnOf('once'), creationDate: expect.any(Number) });
    const again = await test.call('CreateActivity', { name: 'once', tags: [{ key: 'team', value: 'b' }] });
    expect(again).toEqual(created);
    expect(await test.call('ListTagsForResource', { resourceArn: arnOf('once') })).toEqual({ tags });
    expect(await test.call('DescribeActivity', { activityArn: arnOf('once') })).toEqual({
      ...created,
      name: 'once',
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    });
  });

  it('refuses a name that is taken by one with another encryption', async () => {
    const encryptionConfiguration = {
      type: 'CUSTOMER_MANAGED_KMS_KEY',
      kmsKeyId: 'key',
      kmsDataKeyReusePeriodSeconds: 60,
    };
    await test.call('CreateActivity', { name: 'sealed', encryptionConfiguration });
    await test.call('CreateActivity', { name: 'sealed', encryptionConfiguration });
    expect(await test.fail('CreateActivity', { name: 'sealed' })).toEqual({
      status: 400,
      type: 'ActivityAlreadyExists',
      message: `Activity Already Exists: '${arnOf('sealed')}'`,
    });
    const shown = await test.call('DescribeActivity', { activityArn: arnOf('sealed') });
    expect(shown.encryptionConfiguration).toEqual(encryptionConfiguration);
  });

  it.each([
    [{ name: 'a b' }, 'InvalidName', "Invalid Name: 'a b'"],
    [
      { name: 'x'.repeat(81) },
      'ValidationException',
      `1 validation error detected: Value '${'x'.repeat(81)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80`,
    ],
    [
      { name: 'a', tags: [{ key: 'statehouse:maxHistoryEvents', value: '9' }] },
      'ValidationException',
      "Tags that begin with 'statehouse:' are for state machines: 'statehouse:maxHistoryEvents'",
    ],
    [
      { name: 'a', tags: Array.from({ length: 51 }, (_, n) => ({ key: `k${n}`, value: '' })) },
      'TooManyTags',
      expect.stringContaining('exceeded the number of tags'),
    ],
    [
      { name: 'a', encryptionConfiguration: { type: 'AWS_OWNED_KEY', kmsKeyId: 'key' } },
      'InvalidEncryptionConfiguration',
      expect.stringContaining('kmsKeyId'),
    ],
  ])('refuses %j', async (input, type, message) => {
    expect(await test.fail('CreateActivity', input)).toEqual({ status: 400, type, message });
    expect((await test.fail('DescribeActivity', { activityArn: arnOf('a') })).type).toBe(
      'ActivityDoesNotExist',
    );
  });
});

describe('DeleteActivity', () => {
  it('forgets it; deleting it again is no error', async () => {
    await test.call('CreateActivity', { name: 'short-lived' });
    const activityArn = arnOf('short-lived');
    expect(await test.call('DeleteActivity', { activityArn })).toEqual({});
    expect(await test.call('DeleteActivity', { activityArn })).toEqual({});
    const missing = {
      status: 400,
      type: 'ActivityDoesNotExist',
      message: `Activity Does Not Exist: '${activityArn}'`,
    };
    expect(await test.fail('DescribeActivity', { activityArn })).toEqual(missing);
    expect(await test.fail('GetActivityTask', { activityArn })).toEqual(missing);
  });
});

it.each(['DescribeActivity', 'DeleteActivity', 'GetActivityTask'])(
  '%s looks at the ARN first',
  async (operation) => {
    expect(await test.fail(operation, { activityArn: 'nonsense' })).toEqual({
      status: 400,
      type: 'InvalidArn',
      message: "Invalid Arn: 'Invalid ARN prefix: nonsense'",
    });
    const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
    expect(await test.fail(operation, { activityArn: machine })).toEqual({
      status: 400,
      type: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: stateMachine'",
    });
  },
);

it('an activity is not seen in other regions', async () => {
  await test.call('CreateActivity', { name: 'here' });
  const activityArn = arnOf('here').replace('us-east-1', 'eu-west-1');
  expect((await test.fail('DescribeActivity', { activityArn })).type).toBe('ActivityDoesNotExist');
  expect((await test.fail('GetActivityTask', { activityArn })).type).toBe('ActivityDoesNotExist');
  await test.call('DeleteActivity', { activityArn });
  await test.call('DescribeActivity', { activityArn: arnOf('here') });
});

it('ListActivities pages through all of them in the order of their creation', async () => {
  const listing = await startTestApi();
  onTestFinished(() => listing.close());
  const names = ['c', 'a', 'd', 'b', 'e'];
  for (const name of names) await listing.call('CreateActivity', { name });
  const pages: string[][] = [];
  let nextToken: string | undefined;
  do {
    const page = await listing.call('ListActivities', { maxResults: 2, ...(nextToken && { nextToken }) });
    expect(page.activities.every(({ activityArn, name }) => activityArn === arnOf(name))).toBe(true);
    pages.push(page.activities.map(({ name }) => name));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(pages).toEqual([['c', 'a'], ['d', 'b'], ['e']]);
  expect((await listing.fail('ListActivities', { nextToken: 'x' })).type).toBe('InvalidToken');
});

describe('tags of an activity', () => {
  it('are given, changed, listed and taken away', async () => {
    const { activityArn: resourceArn } = await test.call('CreateActivity', { name: 'tagged' });
    expect(await test.call('ListTagsForResource', { resourceArn })).toEqual({ tags: [] });
    await test.call('TagResource', {
      resourceArn,
      tags: [
        { key: 'b', value: '1' },
        { key: 'a', value: '2' },
      ],
    });
    await test.call('TagResource', { resourceArn, tags: [{ key: 'b', value: '3' }] });
    await test.call('UntagResource', { resourceArn, tagKeys: ['a', 'absent'] });
    expect(await test.call('ListTagsForResource', { resourceArn })).toEqual({
      tags: [{ key: 'b', value: '3' }],
    });
    const many = Array.from({ length: 50 }, (_, n) => ({ key: `k${n}`, value: '' }));
    expect((await test.fail('TagResource', { resourceArn, tags: many })).type).toBe('TooManyTags');
    const reserved = [{ key: 'statehouse:maxPayloadBytes', value: '1' }];
    expect((await test.fail('TagResource', { resourceArn, tags: reserved })).type).toBe(
      'ValidationException',
    );
  });

  it('need an activity', async () => {
    const resourceArn = arnOf('nobody');
    expect(await test.fail('ListTagsForResource', { resourceArn })).toEqual({
      status: 400,
      type: 'ResourceNotFound',
      message: `Resource not found: '${resourceArn}'`,
    });
  });
});

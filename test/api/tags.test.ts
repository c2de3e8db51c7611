import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMachine, PASS_DEFINITION, ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

let test: TestApi;
let resourceArn: string;
beforeAll(async () => {
  test = await startTestApi();
  resourceArn = await createMachine(test, 'tagged');
});
afterAll(() => test.close());

async function tagsOf(arn = resourceArn) {
  return (await test.call('ListTagsForResource', { resourceArn: arn })).tags;
}

const tag = (key: string, value = '') => ({ key, value });
const numbered = (count: number) => Array.from({ length: count }, (_, n) => tag(`key${n}`));

it('tags are given, changed, listed and taken away', async () => {
  expect(await tagsOf()).toEqual([]);
  const tags = [tag('team', 'Größe 1'), tag('Cost Center/2', 'a_b.c:d/e=f+g-h@i')];
  expect(await test.call('TagResource', { resourceArn, tags })).toEqual({});
  expect(await tagsOf()).toEqual(expect.arrayContaining(tags));
  expect(await test.call('TagResource', { resourceArn, tags: [{ key: 'team' }] })).toEqual({});
  expect(await tagsOf()).toContainEqual(tag('team'));
  const tagKeys = ['team', 'Cost Center/2', 'never there'];
  expect(await test.call('UntagResource', { resourceArn, tagKeys })).toEqual({});
  expect(await tagsOf()).toEqual([]);
});

it('a machine is created with tags; a repeated create neither compares nor changes them', async () => {
  const request = { name: 'created', definition: PASS_DEFINITION, roleArn: ROLE_ARN };
  const created = await test.call('CreateStateMachine', { ...request, tags: [tag('a', '1')] });
  expect(await test.call('CreateStateMachine', { ...request, tags: [tag('b')] })).toEqual(created);
  expect(await tagsOf(created.stateMachineArn)).toEqual([tag('a', '1')]);
});

it('a deleted machine leaves none to the next of its name', async () => {
  const arn = await createMachine(test, 'again');
  await test.call('TagResource', { resourceArn: arn, tags: [tag('a')] });
  await test.call('DeleteStateMachine', { stateMachineArn: arn });
  expect((await test.fail('ListTagsForResource', { resourceArn: arn })).type).toBe('ResourceNotFound');
  await createMachine(test, 'again');
  expect(await tagsOf(arn)).toEqual([]);
});

describe('a resource', () => {
  it.each([
    'arn:aws:states:us-east-1:000000000000:stateMachine:nowhere',
    'arn:aws:states:us-east-1:000000000000:stateMachine:tagged:1',
    'arn:aws:states:us-east-1:000000000000:stateMachine:tagged:alias',
    'arn:aws:states:eu-west-1:000000000000:stateMachine:tagged',
    'arn:aws:states:us-east-1:000000000000:activity:tagged',
  ])('%s has no tags', async (arn) => {
    const notFound = { status: 400, type: 'ResourceNotFound', message: `Resource not found: '${arn}'` };
    expect(await test.fail('ListTagsForResource', { resourceArn: arn })).toEqual(notFound);
    expect(await test.fail('TagResource', { resourceArn: arn, tags: [] })).toEqual(notFound);
    expect(await test.fail('UntagResource', { resourceArn: arn, tagKeys: [] })).toEqual(notFound);
  });

  it.each(['nonsense', 'arn:aws:states:us-east-1:000000000000:execution:tagged:run'])(
    '%s is an InvalidArn',
    async (arn) => {
      expect((await test.fail('ListTagsForResource', { resourceArn: arn })).type).toBe('InvalidArn');
    },
  );
});

describe('a request', () => {
  it('that makes more than 50 tags changes nothing', async () => {
    const arn = await createMachine(test, 'full');
    const tooMany = { status: 400, type: 'TooManyTags' };
    expect(await test.fail('TagResource', { resourceArn: arn, tags: numbered(51) })).toMatchObject(tooMany);
    await test.call('TagResource', { resourceArn: arn, tags: [...numbered(50), ...numbered(3)] });
    expect(await test.fail('TagResource', { resourceArn: arn, tags: [tag('more')] })).toMatchObject(tooMany);
    await test.call('TagResource', { resourceArn: arn, tags: [tag('key0', 'new')] });
    expect(await tagsOf(arn)).toHaveLength(50);
    const create = { name: 'many', definition: PASS_DEFINITION, roleArn: ROLE_ARN, tags: numbered(51) };
    expect(await test.fail('CreateStateMachine', create)).toMatchObject(tooMany);
    expect(
      (await test.fail('DescribeStateMachine', { stateMachineArn: arn.replace('full', 'many') })).type,
    ).toBe('StateMachineDoesNotExist');
  });

  it.each([
    [
      { value: 'a' },
      "Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
    ],
    [tag(''), 'Member must have length greater than or equal to 1'],
    [tag('x'.repeat(129)), 'Member must have length less than or equal to 128'],
    [tag('a', 'x'.repeat(257)), 'Member must have length less than or equal to 256'],
    [tag('aws:a'), "Invalid tag key 'aws:a': the prefix 'aws:' is reserved"],
    [tag('AWS:a'), "Invalid tag key 'AWS:a': the prefix 'aws:' is reserved"],
    [tag('a,b'), "Invalid tag key 'a,b': expected letters, digits, spaces and the characters"],
    [tag('a', '{}'), "Invalid tag value '{}': expected letters, digits, spaces and the characters"],
    [tag('a\u0000'), 'Invalid tag key'],
  ])('with the tag %j is refused', async (bad, message) => {
    const expected = {
      status: 400,
      type: 'ValidationException',
      message: expect.stringContaining(message),
    };
    expect(await test.fail('TagResource', { resourceArn, tags: [bad] })).toEqual(expected);
    const create = { name: 'badly-tagged', definition: PASS_DEFINITION, roleArn: ROLE_ARN, tags: [bad] };
    expect(await test.fail('CreateStateMachine', create)).toEqual(expected);
  });
});

import {
  ListTagsForResourceCommand,
  ResourceNotFound,
  type SFNClient,
  TagResourceCommand,
  TooManyTags,
  UntagResourceCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { arnOf, GREET } from '../definitions.ts';
import { createMachine, expectError } from './sdk.ts';

export function tags(sfn: () => SFNClient): void {
  const tag = (resourceArn: string, ...list: { key: string; value: string }[]) =>
    sfn().send(new TagResourceCommand({ resourceArn, tags: list }));
  const listOf = async (resourceArn: string) =>
    (await sfn().send(new ListTagsForResourceCommand({ resourceArn }))).tags;

  test('are set, listed and taken away', async () => {
    const resourceArn = await createMachine(sfn(), 'tagged', GREET);
    await tag(resourceArn, { key: 'team', value: 'checkout' }, { key: 'tier', value: '1' });
    await tag(resourceArn, { key: 'tier', value: '2' });
    expect(await listOf(resourceArn)).toEqual([
      { key: 'team', value: 'checkout' },
      { key: 'tier', value: '2' },
    ]);
    await sfn().send(new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'unknown'] }));
    expect(await listOf(resourceArn)).toEqual([{ key: 'tier', value: '2' }]);
  });

  test('are refused with the errors that the client has classes for', async () => {
    await expectError(listOf(arnOf('stateMachine', 'none')), ResourceNotFound);
    const resourceArn = await createMachine(sfn(), 'overtagged', GREET);
    const many = Array.from({ length: 51 }, (_, i) => ({ key: `key-${i}`, value: '' }));
    await expectError(tag(resourceArn, ...many), TooManyTags);
  });
}

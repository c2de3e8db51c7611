import {
  ConflictException,
  CreateStateMachineAliasCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  ResourceNotFound,
  type SFNClient,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { GREET, REST } from '../definitions.ts';
import { createMachine, expectError, start } from './sdk.ts';

export function versionsAndAliases(sfn: () => SFNClient): void {
  const publish = (stateMachineArn: string, description?: string) =>
    sfn().send(new PublishStateMachineVersionCommand({ stateMachineArn, description }));
  const createAlias = (name: string, ...versions: [arn: string, weight: number][]) =>
    sfn().send(
      new CreateStateMachineAliasCommand({
        name,
        routingConfiguration: versions.map(([stateMachineVersionArn, weight]) => ({
          stateMachineVersionArn,
          weight,
        })),
      }),
    );

  test('versions are published, listed and deleted', async () => {
    const stateMachineArn = await createMachine(sfn(), 'versioned', GREET);
    const first = await publish(stateMachineArn, 'as it began');
    expect(first).toMatchObject({
      stateMachineVersionArn: `${stateMachineArn}:1`,
      creationDate: expect.any(Date),
    });
    await sfn().send(new UpdateStateMachineCommand({ stateMachineArn, definition: REST }));
    await publish(stateMachineArn);
    const list = () => sfn().send(new ListStateMachineVersionsCommand({ stateMachineArn }));
    expect((await list()).stateMachineVersions).toMatchObject([
      { stateMachineVersionArn: `${stateMachineArn}:2` },
      { stateMachineVersionArn: `${stateMachineArn}:1`, creationDate: first.creationDate },
    ]);
    const stateMachineVersionArn = `${stateMachineArn}:1`;
    await sfn().send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn }));
    expect((await list()).stateMachineVersions).toHaveLength(1);
  });

  test('aliases are created, described, updated, listed, started and deleted', async () => {
    const stateMachineArn = await createMachine(sfn(), 'aliased', REST);
    const { stateMachineVersionArn: version = '' } = await publish(stateMachineArn);
    const { stateMachineAliasArn = '' } = await createAlias('live', [version, 100]);
    expect(stateMachineAliasArn).toBe(`${stateMachineArn}:live`);
    const describe = () => sfn().send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }));
    expect(await describe()).toMatchObject({
      name: 'live',
      routingConfiguration: [{ stateMachineVersionArn: version, weight: 100 }],
      creationDate: expect.any(Date),
    });
    const description = 'what customers use';
    await sfn().send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, description }));
    expect(await describe()).toMatchObject({ description, updateDate: expect.any(Date) });
    const listed = await sfn().send(new ListStateMachineAliasesCommand({ stateMachineArn }));
    expect(listed.stateMachineAliases).toMatchObject([{ stateMachineAliasArn }]);

    const executionArn = await start(sfn(), stateMachineAliasArn);
    expect(await sfn().send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      stateMachineVersionArn: version,
      stateMachineAliasArn,
    });
    await sfn().send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
    await expectError(describe(), ResourceNotFound);
  });

  test('are refused with the errors that the client has classes for', async () => {
    const stateMachineArn = await createMachine(sfn(), 'held', GREET);
    const { stateMachineVersionArn: version = '' } = await publish(stateMachineArn);
    await createAlias('live', [version, 100]);
    const remove = sfn().send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: version }));
    await expectError(remove, ConflictException);
    await expectError(createAlias('live', [version, 50], [`${stateMachineArn}:1`, 50]), ValidationException);
    await expectError(createAlias('123', [version, 100]), ValidationException, /regular expression/);
    await expectError(createAlias('other', [`${stateMachineArn}:9`, 100]), ResourceNotFound);
  });
}

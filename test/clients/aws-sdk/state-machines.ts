import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  InvalidArn,
  InvalidDefinition,
  InvalidName,
  ListStateMachinesCommand,
  MissingRequiredParameter,
  paginateListStateMachines,
  type SFNClient,
  StateMachineAlreadyExists,
  StateMachineDoesNotExist,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { arnOf, GREET, REST, ROLE_ARN } from '../definitions.ts';
import { all, createMachine, expectError } from './sdk.ts';

export function stateMachines(sfn: () => SFNClient): void {
  const create = (name: string, definition: string, more: object = {}) =>
    sfn().send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE_ARN, ...more }));
  const describe = (stateMachineArn: string) =>
    sfn().send(new DescribeStateMachineCommand({ stateMachineArn }));

  test('are created, described, updated, listed and deleted', async () => {
    const { stateMachineArn = '', creationDate } = await create('greeter', GREET);
    expect(stateMachineArn).toBe(arnOf('stateMachine', 'greeter'));
    expect(creationDate).toBeInstanceOf(Date);
    expect(await describe(stateMachineArn)).toMatchObject({
      name: 'greeter',
      definition: GREET,
      roleArn: ROLE_ARN,
      type: 'STANDARD',
      status: 'ACTIVE',
      creationDate,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    });
    const { revisionId, updateDate } = await sfn().send(
      new UpdateStateMachineCommand({ stateMachineArn, definition: REST }),
    );
    expect(updateDate).toBeInstanceOf(Date);
    expect(await describe(stateMachineArn)).toMatchObject({ definition: REST, revisionId });
    expect((await sfn().send(new ListStateMachinesCommand())).stateMachines).toMatchObject([
      { stateMachineArn, name: 'greeter', type: 'STANDARD', creationDate },
    ]);
    await sfn().send(new DeleteStateMachineCommand({ stateMachineArn }));
    expect((await sfn().send(new ListStateMachinesCommand())).stateMachines).toEqual([]);
  });

  test('are listed page by page', async () => {
    const names = ['page-a', 'page-b', 'page-c'];
    for (const name of names) await createMachine(sfn(), name, GREET);
    const pages = paginateListStateMachines({ client: sfn(), pageSize: 2 }, {});
    const listed = await all(pages, ({ stateMachines }) => stateMachines);
    expect(listed.map(({ name }) => name)).toEqual(names);
  });

  test('are refused with the errors that the client has classes for', async () => {
    const stateMachineArn = await createMachine(sfn(), 'taken', GREET);
    await expectError(create('taken', REST), StateMachineAlreadyExists, stateMachineArn);
    await expectError(create('no good', GREET), InvalidName, "Invalid Name: 'no good'");
    await expectError(create('bad', '{"StartAt":1}'), InvalidDefinition, /SCHEMA_VALIDATION_FAILED/);
    await expectError(create('x'.repeat(81), GREET), ValidationException, /less than or equal to 80/);
    await expectError(describe('nonsense'), InvalidArn);
    await expectError(describe(arnOf('stateMachine', 'none')), StateMachineDoesNotExist);
    const update = (input: object) =>
      sfn().send(new UpdateStateMachineCommand({ stateMachineArn, ...input }));
    await expectError(update({}), MissingRequiredParameter);
    await expectError(update({ definition: '{' }), InvalidDefinition);
  });

  test('are validated', async () => {
    const validate = (definition: string) =>
      sfn().send(new ValidateStateMachineDefinitionCommand({ definition }));
    expect(await validate(GREET)).toMatchObject({ result: 'OK', diagnostics: [], truncated: false });
    expect(await validate('{}')).toMatchObject({
      result: 'FAIL',
      diagnostics: [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', location: '/' }],
    });
  });
}

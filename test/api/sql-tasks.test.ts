/** What the API makes of `arn:aws:states:::postgres:execute`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIntegrations, type Integrations } from '../../integrations/registry.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { Store } from '../../store/store.ts';
import { createLogger } from '../../telemetry/log.ts';
import { PLACE } from '../support/place.ts';
import { ROLE_ARN, startTestApi, type TestApi } from './test-api.ts';

const TASK = {
  Type: 'Task',
  Resource: 'arn:aws:states:::postgres:execute',
  Parameters: { Statement: `insert into shop.orders values ('a') returning id` },
  End: true,
};
const DEFINITION = JSON.stringify({ StartAt: 'Charge', States: { Charge: TASK } });
const MACHINE = { definition: DEFINITION, roleArn: ROLE_ARN };

let served: TestApi;
let unserved: TestApi;

beforeAll(async () => {
  served = await startTestApi({ hasSqlTasks: true, integrations: integrationsOf(() => served.store) });
  unserved = await startTestApi({ integrations: integrationsOf(() => unserved.store) });
  await served.query('create schema shop', []);
  await served.query('create table shop.orders (id text primary key)', []);
  await served.query('grant usage on schema shop to statehouse_sql_tasks', []);
  await served.query('grant select, insert on shop.orders to statehouse_sql_tasks', []);
});
afterAll(async () => {
  await served.close();
  await unserved.close();
});

function integrationsOf(store: () => Store): Integrations {
  return createIntegrations({
    env: {},
    place: PLACE,
    store,
    ceilings: PORTABLE_LIMITS,
    logger: createLogger('silent'),
  });
}

test('a state machine is created where SQL tasks are served', async () => {
  const { stateMachineArn } = await served.call('CreateStateMachine', { name: 'shop', ...MACHINE });
  expect(stateMachineArn).toMatch(/:shop$/);
});

test('and refused where they are not, as is a new definition', async () => {
  const refusal = {
    type: 'InvalidDefinition',
    message: expect.stringContaining(
      'SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::postgres:execute is not available: STATEHOUSE_SQL_TASKS_URL is not set at /States/Charge/Resource',
    ),
  };
  expect(await unserved.fail('CreateStateMachine', { name: 'shop', ...MACHINE })).toMatchObject(refusal);
  const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } });
  const { stateMachineArn } = await unserved.call('CreateStateMachine', {
    name: 'other',
    ...{ ...MACHINE, definition },
  });
  expect(
    await unserved.fail('UpdateStateMachine', { stateMachineArn, definition: DEFINITION }),
  ).toMatchObject(refusal);
});

test('no EXPRESS state machine may have one: without a journal there is nothing to commit with', async () => {
  expect(
    await served.fail('CreateStateMachine', { name: 'fast', type: 'EXPRESS', ...MACHINE }),
  ).toMatchObject({
    type: 'InvalidDefinition',
    message: expect.stringContaining(
      `Express state machine does not support 'postgres:execute' service integration`,
    ),
  });
});

test('a test of a state shows the result, and leaves no effect', async () => {
  const tested = () => served.call('TestState', { definition: JSON.stringify(TASK), roleArn: ROLE_ARN });
  const result = { status: 'SUCCEEDED', output: '{"RowCount":1,"Rows":[{"id":"a"}]}' };
  expect(await tested()).toMatchObject(result);
  expect(await tested()).toMatchObject(result);
});

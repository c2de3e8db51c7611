/** Every command of the AWS CLI, where it is installed, against a server process. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { untilEnded } from '../support/executions.ts';
import { AwsCli, cliVersion } from './aws-cli.ts';
import { type ClientServer, startClientServer } from './client-server.ts';
import { arnOf, GREET, REST, ROLE_ARN, work } from './definitions.ts';
import { addMapRun } from './map-run-row.ts';

const title = cliVersion === undefined ? 'AWS CLI (skipped: no "aws" on the PATH)' : `AWS CLI ${cliVersion}`;
describe.skipIf(cliVersion === undefined)(title, { timeout: 300_000 }, () => {
  let server: ClientServer;
  let aws: AwsCli;
  beforeAll(async () => {
    server = await startClientServer();
    aws = new AwsCli(server);
  });
  afterAll(() => server.close());

  async function create(name: string, definition: string, type = 'STANDARD'): Promise<string> {
    const created = await aws.run('create-state-machine', { name, definition, type, roleArn: ROLE_ARN });
    return String(created.stateMachineArn);
  }
  const start = async (stateMachineArn: string, more: object = {}) =>
    String((await aws.run('start-execution', { stateMachineArn, ...more })).executionArn);
  const ended = (executionArn: string) => untilEnded(server.client, executionArn);

  // The program takes a second to start: what does not need the other runs beside it.
  test('state machines, and their errors', async () => {
    const stateMachineArn = await create('greeter', GREET);
    await Promise.all([
      aws.run('describe-state-machine', { stateMachineArn }).then((described) => {
        expect(described).toMatchObject({ name: 'greeter', definition: GREET, roleArn: ROLE_ARN });
      }),
      aws.run('list-state-machines').then(({ stateMachines }) => {
        expect(stateMachines).toMatchObject([{ stateMachineArn }]);
      }),
      aws.expectError('StateMachineDoesNotExist', 'describe-state-machine', {
        stateMachineArn: arnOf('stateMachine', 'none'),
      }),
      aws.expectError('InvalidDefinition', 'create-state-machine', {
        name: 'bad',
        definition: '{}',
        roleArn: ROLE_ARN,
      }),
    ]);
    await aws.run('update-state-machine', { stateMachineArn, definition: REST });
    await aws.run('delete-state-machine', { stateMachineArn });
  });

  test('executions, from their start to their history', async () => {
    const stateMachineArn = await create('greeting', GREET);
    const executionArn = await start(stateMachineArn, { input: '{"to":"Zoë"}' });
    await ended(executionArn);
    const output = '{"to":"Zoë","greeting":"hello"}';
    await Promise.all([
      aws.run('describe-execution', { executionArn }).then((described) => {
        expect(described).toMatchObject({ status: 'SUCCEEDED', output });
      }),
      aws.run('get-execution-history', { executionArn }).then(({ events }) => {
        expect(events).toMatchObject([
          { id: 1 },
          { id: 2 },
          { id: 3 },
          { id: 4, type: 'ExecutionSucceeded' },
        ]);
      }),
      aws.run('list-executions', { stateMachineArn, maxItems: 1 }).then(({ executions }) => {
        expect(executions).toMatchObject([{ executionArn }]);
      }),
      aws.run('describe-state-machine-for-execution', { executionArn }),
      aws.expectError('StateMachineTypeNotSupported', 'start-sync-execution', { stateMachineArn }),
      create('express', GREET, 'EXPRESS')
        .then((express) => aws.run('start-sync-execution', { stateMachineArn: express }))
        .then((answered) => {
          expect(answered).toMatchObject({ status: 'SUCCEEDED', output: '{"greeting":"hello"}' });
        }),
    ]);
    const resting = await start(await create('resting', REST), { name: 'resting' });
    const mapRunArn = await addMapRun(server.databaseUrl, 'resting');
    await Promise.all([
      aws.run('describe-map-run', { mapRunArn }),
      aws.run('list-map-runs', { executionArn: resting }).then(({ mapRuns }) => {
        expect(mapRuns).toMatchObject([{ mapRunArn }]);
      }),
      aws.run('update-map-run', { mapRunArn, maxConcurrency: 5 }),
    ]);
    await aws.run('stop-execution', { executionArn: resting, error: 'Enough' });
  });

  test('activities and their tasks', async () => {
    const { activityArn } = await aws.run('create-activity', { name: 'work' });
    const stateMachineArn = await create('working', work(String(activityArn)));
    const [succeeding, failing] = await Promise.all([start(stateMachineArn), start(stateMachineArn)]);
    await Promise.all([aws.run('describe-activity', { activityArn }), aws.run('list-activities')]);
    const tasks = await Promise.all([
      aws.run('get-activity-task', { activityArn }),
      aws.run('get-activity-task', { activityArn }),
    ]);
    const [first, second] = tasks.map(({ taskToken }) => taskToken);
    await aws.run('send-task-heartbeat', { taskToken: first });
    await Promise.all([
      aws.run('send-task-success', { taskToken: first, taskOutput: '42' }),
      aws.run('send-task-failure', { taskToken: second, error: 'Broken' }),
    ]);
    const results = await Promise.all([ended(succeeding), ended(failing)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['FAILED', 'SUCCEEDED']);
    if (aws.has('redrive-execution')) {
      const [failed] = results.filter(({ status }) => status === 'FAILED');
      await aws.run('redrive-execution', { executionArn: failed?.executionArn });
    }
    await aws.run('delete-activity', { activityArn });
  });

  test('tags', async () => {
    const resourceArn = await create('tagged', GREET);
    await aws.run('tag-resource', { resourceArn, tags: [{ key: 'tier', value: '1' }] });
    await aws.run('untag-resource', { resourceArn, tagKeys: ['unknown'] });
    expect(await aws.run('list-tags-for-resource', { resourceArn })).toEqual({
      tags: [{ key: 'tier', value: '1' }],
    });
  });

  test('what newer versions have', async () => {
    if (aws.has('publish-state-machine-version')) await versionsAndAliases(await create('versioned', GREET));
    if (aws.has('validate-state-machine-definition'))
      expect(await aws.run('validate-state-machine-definition', { definition: GREET })).toMatchObject({
        result: 'OK',
      });
    if (aws.has('test-state')) {
      const definition = JSON.stringify({ Type: 'Pass', Result: 42, End: true });
      expect(await aws.run('test-state', { definition, roleArn: ROLE_ARN })).toMatchObject({ output: '42' });
    }
  });

  async function versionsAndAliases(stateMachineArn: string): Promise<void> {
    const { stateMachineVersionArn } = await aws.run('publish-state-machine-version', { stateMachineArn });
    const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
    const { stateMachineAliasArn } = await aws.run('create-state-machine-alias', {
      name: 'live',
      routingConfiguration,
    });
    const description = 'what customers use';
    await aws.run('update-state-machine-alias', { stateMachineAliasArn, description });
    await Promise.all([
      aws.run('describe-state-machine-alias', { stateMachineAliasArn }).then((described) => {
        expect(described).toMatchObject({ name: 'live', description, routingConfiguration });
      }),
      aws.run('list-state-machine-aliases', { stateMachineArn }),
      aws.run('list-state-machine-versions', { stateMachineArn }),
      aws.expectError('ConflictException', 'delete-state-machine-version', { stateMachineVersionArn }),
    ]);
    await aws.run('delete-state-machine-alias', { stateMachineAliasArn });
    await aws.run('delete-state-machine-version', { stateMachineVersionArn });
  }

  test('signatures', async () => {
    const signed = await startClientServer({ STATEHOUSE_AUTH: 'sigv4' });
    onTestFinished(() => signed.close());
    expect(await new AwsCli(signed).run('list-state-machines')).toEqual({ stateMachines: [] });
    const env = { ...signed.env, AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) };
    const forger = new AwsCli({ ...signed, env });
    await forger.expectError('InvalidSignatureException', 'list-state-machines');
  });

  test('every command of the installed version has a test', () => {
    expect(aws.commands).toContain('start-execution');
    expect(aws.untried).toEqual([]);
  });
});

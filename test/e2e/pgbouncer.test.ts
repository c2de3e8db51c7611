/** An installation behind PgBouncer in transaction mode, where it is installed: set up as docs/operations.md says. */
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { tcpProxy } from '../store/tcp-proxy.ts';
import { callOperation, createStateMachine, startExecution, untilEnded } from '../support/executions.ts';
import { freePort } from '../support/free-port.ts';
import { LambdaEndpoint } from '../support/lambda-endpoint.ts';
import { PgBouncer, pgBouncerVersion } from '../support/pgbouncer.ts';
import { RoleProcess } from '../support/role-process.ts';
import { createTestDatabase } from '../support/test-database.ts';

const WARN = 40;

const DEFINITION = {
  StartAt: 'Rest',
  States: {
    Rest: { Type: 'Wait', Seconds: 1, Next: 'Ask' },
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
};

const title = `PgBouncer ${pgBouncerVersion ?? '(skipped: it is not installed)'}`;
describe.skipIf(pgBouncerVersion === undefined)(title, () => {
  const roles: RoleProcess[] = [];
  afterEach(() => Promise.all(roles.map((role) => role.end('SIGKILL'))));

  test('starts, timers, callbacks, stops and the end of the processes, as without it', async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    const server = await tcpProxy(database.url);
    onTestFinished(() => server.close());
    const pooler = await PgBouncer.start(server.url);
    onTestFinished(() => pooler.stop());
    const endpoint = await LambdaEndpoint.start();
    onTestFinished(() => endpoint.close());
    const port = String(await freePort());
    const env = {
      DATABASE_URL: pooler.url,
      STATEHOUSE_DIRECT_DATABASE_URL: database.url,
      STATEHOUSE_AUTH: 'none',
      STATEHOUSE_HOST: '127.0.0.1',
      STATEHOUSE_PORT: port,
      AWS_ENDPOINT_URL_LAMBDA: endpoint.url,
    };
    roles.push(...(await Promise.all([RoleProcess.start('api', env), RoleProcess.start('worker', env)])));

    const client = new Client(`http://127.0.0.1:${port}`);
    const stateMachineArn = await createStateMachine(client, 'asking', DEFINITION);
    endpoint.onCall((call) => {
      const { token: taskToken } = call.payload as { token: string };
      call.answer(null);
      void callOperation(client.endpoint, 'SendTaskSuccess', { taskToken, output: '"answered"' });
    });
    // At once, so that each has sessions of its own only now and then.
    const executionArns = await Promise.all(
      Array.from({ length: 20 }, () => startExecution(client, stateMachineArn)),
    );
    const stopped = await startExecution(client, stateMachineArn);
    await client.call('StopExecution', { executionArn: stopped });
    for (const executionArn of executionArns)
      expect(await untilEnded(client, executionArn)).toMatchObject({
        status: 'SUCCEEDED',
        output: '"answered"',
      });
    expect(await untilEnded(client, stopped)).toMatchObject({ status: 'ABORTED' });

    for (const role of roles) expect(await role.end()).toBe(0);
    for (const { lines } of roles) expect(lines.filter(({ level }) => Number(level) >= WARN)).toEqual([]);
  });
});

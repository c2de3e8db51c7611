/** The production roles, each a process of its own, that meet in Postgres alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { createStateMachine, logging, startExecution, untilEnded } from '../support/executions.ts';
import { freePort } from '../support/free-port.ts';
import { OtlpReceiver } from '../support/otlp/otlp-receiver.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/statehouse.js', import.meta.url));
const PASS = { StartAt: 'Pass', States: { Pass: { Type: 'Pass', Result: 'done', End: true } } };

let database: TestDatabase;
let env: Record<string, string>;
const running: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase('blank');
  env = {
    DATABASE_URL: database.url,
    STATEHOUSE_AUTH: 'none',
    STATEHOUSE_HOST: '127.0.0.1',
    STATEHOUSE_PORT: String(await freePort()),
  };
});

afterAll(async () => {
  for (const role of running) role.kill('SIGKILL');
  await database.drop();
});

/** Resolves once the role says that it is ready. */
async function start(role: 'api' | 'worker'): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, role], {
    env: childEnvironment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    if ((JSON.parse(line) as { msg: string }).msg === `${role} ready`) return child;
  }
  throw new Error(`${role} ended before it was ready`);
}

async function terminate(role: ChildProcess): Promise<number | null> {
  role.kill('SIGTERM');
  await once(role, 'exit');
  return role.exitCode;
}

test('api and worker refuse a database that is not migrated, and say what to do', async () => {
  for (const role of ['api', 'worker']) {
    const { exitCode, stderr } = await runStatehouse([role], env);
    expect({ role, exitCode }).toEqual({ role, exitCode: 1 });
    expect(stderr).toContain('run "statehouse migrate"');
  }
});

test('without a database both end with an error, and send what they have measured first', async () => {
  await using receiver = await OtlpReceiver.start();
  const env = {
    STATEHOUSE_AUTH: 'none',
    DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/none`,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  };
  const ended = await Promise.all([runStatehouse(['api'], env), runStatehouse(['worker'], env)]);
  for (const { exitCode, stderr } of ended) {
    expect(stderr).toContain('the database does not answer');
    expect(exitCode).toBe(1);
  }
  expect(receiver.paths.filter((path) => path === '/v1/metrics')).toHaveLength(2);
});

test('after migrate, what the api starts the worker runs, and SIGTERM ends both cleanly', async () => {
  expect(await runStatehouse(['migrate'], env)).toMatchObject({ exitCode: 0 });
  const [api, worker] = await Promise.all([start('api'), start('worker')]);
  const client = new Client(`http://127.0.0.1:${env.STATEHOUSE_PORT}`);
  const executionArn = await startExecution(client, await createStateMachine(client, 'pass', PASS));
  expect(await untilEnded(client, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  expect(await terminate(worker)).toBe(0);
  expect(await terminate(api)).toBe(0);
});

test('both leave in Postgres what executions have logged in them before they end', async () => {
  const worker = await start('worker');
  let api = await start('api');
  const client = new Client(`http://127.0.0.1:${env.STATEHOUSE_PORT}`);
  const standard = await createStateMachine(client, 'logged', PASS, logging('ALL'));
  const express = await createStateMachine(client, 'sync', PASS, { type: 'EXPRESS', ...logging('ALL') });
  const executionArns = [await startExecution(client, standard), await startSyncExecution(client, express)];
  await untilEnded(client, executionArns[0] ?? '');
  await Promise.all([terminate(worker), terminate(api)]);
  api = await start('api');
  for (const arn of executionArns) {
    const { events } = await client.logs({ arn, wait: 0, limit: 10 });
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
  }
  await terminate(api);
});

/** @returns the ARN of the execution, which has ended */
async function startSyncExecution({ endpoint }: Client, stateMachineArn: string): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartSyncExecution',
    },
    body: JSON.stringify({ stateMachineArn }),
  });
  return ((await response.json()) as { executionArn: string }).executionArn;
}

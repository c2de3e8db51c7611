/** The production roles, each a process of its own, that meet in Postgres alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { childEnvironment } from '../support/child-environment.ts';
import {
  callOperation,
  createStateMachine,
  logging,
  startExecution,
  untilEnded,
} from '../support/executions.ts';
import { freePort } from '../support/free-port.ts';
import { OtlpReceiver } from '../support/otlp/otlp-receiver.ts';
import { RoleProcess } from '../support/role-process.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/statehouse.js', import.meta.url));
const PASS = { StartAt: 'Pass', States: { Pass: { Type: 'Pass', Result: 'done', End: true } } };

let database: TestDatabase;
let env: Record<string, string>;
const running: RoleProcess[] = [];

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
  await Promise.all(running.map((role) => role.end('SIGKILL')));
  await database.drop();
});

async function start(role: 'api' | 'worker'): Promise<RoleProcess> {
  const started = await RoleProcess.start(role, env);
  running.push(started);
  return started;
}

test('api and worker refuse a database that is not migrated, and say what to do', async () => {
  const ended = await Promise.all([runStatehouse(['api'], env), runStatehouse(['worker'], env)]);
  for (const { exitCode, stderr } of ended) {
    expect(exitCode).toBe(1);
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
  expect(await worker.end()).toBe(0);
  expect(await api.end()).toBe(0);
});

test.each(['api', 'worker'])('a signal while the %s starts ends it in good order', async (role) => {
  const operator = new pg.Client({ connectionString: database.url });
  operator.on('error', () => {}); // dropped with the database when the test fails
  await operator.connect();
  await operator.query('begin; lock table statehouse.migrations in access exclusive mode');
  const child = spawn(process.execPath, [PROGRAM, role], { env: childEnvironment(env), stdio: 'ignore' });
  const ended = once(child, 'exit');
  const waiting = `select from pg_locks where not granted and relation = 'statehouse.migrations'::regclass`;
  while ((await operator.query(waiting)).rowCount === 0) await sleep(20);
  child.kill('SIGTERM');
  await operator.query('commit');
  await operator.end();
  expect(await ended).toEqual([0, null]);
});

test('both leave in Postgres what executions have logged in them before they end', async () => {
  const worker = await start('worker');
  let api = await start('api');
  const client = new Client(`http://127.0.0.1:${env.STATEHOUSE_PORT}`);
  const standard = await createStateMachine(client, 'logged', PASS, logging('ALL'));
  const express = await createStateMachine(client, 'sync', PASS, { type: 'EXPRESS', ...logging('ALL') });
  const sync = await callOperation(client.endpoint, 'StartSyncExecution', { stateMachineArn: express });
  const executionArns = [await startExecution(client, standard), sync.executionArn ?? ''];
  await untilEnded(client, executionArns[0] ?? '');
  await Promise.all([worker.end(), api.end()]);
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
  await api.end();
});

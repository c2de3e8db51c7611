/** The production roles, each a process of its own, that meet in Postgres alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { createStateMachine, startExecution, untilEnded } from '../support/executions.ts';
import { freePort } from '../support/free-port.ts';
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
    env: { PATH: process.env.PATH, ...env },
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

test('after migrate, what the api starts the worker runs, and SIGTERM ends both cleanly', async () => {
  expect(await runStatehouse(['migrate'], env)).toMatchObject({ exitCode: 0 });
  const [api, worker] = await Promise.all([start('api'), start('worker')]);
  const client = new Client(`http://127.0.0.1:${env.STATEHOUSE_PORT}`);
  const executionArn = await startExecution(client, await createStateMachine(client, 'pass', PASS));
  expect(await untilEnded(client, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  expect(await terminate(worker)).toBe(0);
  expect(await terminate(api)).toBe(0);
});

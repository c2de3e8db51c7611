/** DBOS does the work of task-10: a durable workflow of ten steps in its process that do nothing, on the same Postgres. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { DbosReply, DbosRequest } from '../dbos.ts';
import type { Measured, Peer, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';
import { AT_ONCE, TASKS } from './task-10.ts';

const PROGRAM = fileURLToPath(new URL('../dbos.ts', import.meta.url));
const DATABASE = 'statehouse_bench_dbos';

/** Compared by a hundred at once, and by one at a time. */
export const dbos: Peer = {
  name: 'dbos',
  scenario: 'task-10',
  compared: [
    { metric: 'executionsPerSecond', better: 'more', ratio: 'task-10' },
    { metric: 'latencyMsP50', better: 'less', ratio: 'task-10-latency' },
  ],
  run,
};

let opened: Promise<ChildProcess> | undefined;

async function run(server: BenchServer, { loadSeconds, oneAtATime }: Size): Promise<Measured> {
  opened ??= open(server);
  const child = await opened;
  const busy = await ask(child, { seconds: loadSeconds, atOnce: AT_ONCE });
  const idle = await ask(child, { workflows: oneAtATime, atOnce: 1 });
  return {
    executionsPerSecond: busy.workflowsPerSecond,
    transitionsPerSecond: busy.workflowsPerSecond * TASKS,
    latencyMsP50: idle.latencyMsP50,
    latencyMsP95: idle.latencyMsP95,
  };
}

/** In a database of its own, new each time. */
async function open({ databaseUrl, closing }: BenchServer): Promise<ChildProcess> {
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  await admin.query(`drop database if exists ${DATABASE}`);
  await admin.query(`create database ${DATABASE}`);
  await admin.end();
  const url = new URL(databaseUrl);
  url.pathname = DATABASE;
  // With no variable that could ask it to connect to anything else.
  const started = fork(PROGRAM, [url.href], {
    env: { PATH: process.env.PATH },
    execArgv: ['--disable-warning=DeprecationWarning'],
  });
  const child = closing.adopt(started, () => void started.kill());
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, request: DbosRequest): Promise<DbosReply> {
  const answered = Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('DBOS has ended'))),
  ]);
  child.send(request);
  const [reply] = await answered;
  return reply;
}

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

/** With more at once than it has connections for, which is when it does most; and one at a time. */
export const dbos: Peer = {
  name: 'dbos',
  scenario: 'task-10',
  compared: [
    { metric: 'executionsPerSecond', better: 'more', ratio: 'task-10' },
    { metric: 'latencyMsP50', better: 'less', ratio: 'task-10-latency' },
  ],
  run,
};

/** With a hundred at once on both sides. */
export const dbosAtOnce: Peer = {
  name: 'dbos',
  scenario: 'task-10-at-once',
  compared: [{ metric: 'executionsPerSecond', better: 'more', ratio: 'task-10-at-once' }],
  run: async (server, { loadSeconds }) => throughput(server, loadSeconds, AT_ONCE),
};

let opened: Promise<ChildProcess> | undefined;

async function run(server: BenchServer, { loadSeconds, oneAtATime }: Size): Promise<Measured> {
  const busy = await throughput(server, loadSeconds, 3 * AT_ONCE);
  const { latencyMsP50, latencyMsP95 } = await ask(server, { workflows: oneAtATime, atOnce: 1 });
  return { ...busy, latencyMsP50, latencyMsP95 };
}

async function throughput(server: BenchServer, seconds: number, atOnce: number): Promise<Measured> {
  const { workflowsPerSecond } = await ask(server, { seconds, atOnce });
  return { executionsPerSecond: workflowsPerSecond, transitionsPerSecond: workflowsPerSecond * TASKS };
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

async function ask(server: BenchServer, request: DbosRequest): Promise<DbosReply> {
  opened ??= open(server);
  const child = await opened;
  const answered = Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('DBOS has ended'))),
  ]);
  child.send(request);
  const [reply] = await answered;
  return reply;
}

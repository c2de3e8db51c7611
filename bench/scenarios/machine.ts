/**
 * What the machine itself can do, to hold the other figures against: machines differ, and one is not equally fast each day.
 * The least that a start over HTTP is made of: a request to a server of node:http that does nothing, and a commit.
 */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { putUnderLoad, WARM_UP_SECONDS } from '../load.ts';
import type { Measured, Scenario, Size } from '../scenario.ts';
import type { BenchServer } from '../server.ts';
import { CLIENTS } from './start-http.ts';

/** Metrics: bareRequestsPerSecond; commitsPerSecond, of a row each, one after the other, and commitsPerSecondOf32 clients. */
export const machine: Scenario = { name: 'machine', run };

const PROGRAM = fileURLToPath(new URL('../bare-server.ts', import.meta.url));
const WRITERS = 32;

async function run({ databaseUrl }: BenchServer, { loadSeconds }: Size): Promise<Measured> {
  return {
    bareRequestsPerSecond: await requestsPerSecond(loadSeconds),
    commitsPerSecond: await commitsPerSecond(databaseUrl, 1, loadSeconds),
    commitsPerSecondOf32: await commitsPerSecond(databaseUrl, WRITERS, loadSeconds),
  };
}

async function requestsPerSecond(seconds: number): Promise<number> {
  const server = fork(PROGRAM);
  try {
    const [endpoint] = (await once(server, 'message')) as [string];
    const load = { endpoint, operation: 'StartExecution', input: { input: '{}' }, connections: CLIENTS };
    await putUnderLoad({ ...load, seconds: WARM_UP_SECONDS });
    return (await putUnderLoad({ ...load, seconds })).callsPerSecond;
  } finally {
    server.kill();
  }
}

async function commitsPerSecond(databaseUrl: string, writers: number, seconds: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: writers });
  const table = `statehouse_bench_${randomBytes(8).toString('hex')}`; // the database may have others of anybody's
  try {
    await pool.query(`create table ${table} (id bigint generated always as identity)`);
    const begin = performance.now();
    const write = async (): Promise<number> => {
      let commits = 0;
      for (; performance.now() - begin < seconds * 1000; commits++)
        await pool.query({ name: 'commit', text: `insert into ${table} default values` });
      return commits;
    };
    const commits = await Promise.all(Array.from({ length: writers }, write));
    return (commits.reduce((sum, of) => sum + of, 0) * 1000) / (performance.now() - begin);
  } finally {
    await pool.query(`drop table if exists ${table}`).finally(() => pool.end());
  }
}

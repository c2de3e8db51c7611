/** What an API and a worker cost that have nothing to do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, watchCores } from '../cpu.ts';
import { noExecutions } from '../million-executions.ts';
import { query } from '../own-databases.ts';
import type { Scenario } from '../scenario.ts';

/** So many times as long as other scenarios put a load on: some services look only every few seconds. */
const LONGER = 3;
const MINUTE_SECONDS = 60;

/** Metrics, per minute: transactions in the database, and what the server has written ahead; the cores of each process. */
export const idle: Scenario = {
  name: 'idle',
  async run(server, { loadSeconds }) {
    const { databaseUrl, installation } = await noExecutions(server);
    const { api, worker } = installation;
    const before = await used(databaseUrl);
    const cores = watchCores({
      apiCores: cpuOf(api.pid),
      workerCores: cpuOf(worker.pid),
      ...server.postgresCpu,
    });
    await sleep(loadSeconds * LONGER * 1000);
    const average = cores();
    const after = await used(databaseUrl);
    const perMinute = MINUTE_SECONDS / (after.seconds - before.seconds);
    return {
      transactionsPerMinute: (after.transactions - before.transactions) * perMinute,
      walKbPerMinute: ((after.walBytes - before.walBytes) / 1000) * perMinute,
      ...average,
    };
  },
};

interface Used {
  readonly seconds: number;
  readonly transactions: number;
  readonly walBytes: number;
}

async function used(databaseUrl: string): Promise<Used> {
  const [row] = await query<Used>(
    databaseUrl,
    `select extract(epoch from clock_timestamp())::float8 as seconds,
       (xact_commit + xact_rollback)::float8 as transactions, (pg_current_wal_lsn() - '0/0')::float8 as "walBytes"
     from pg_stat_database where datname = current_database()`,
  );
  if (row === undefined) throw new Error('The database has no statistics');
  return row;
}

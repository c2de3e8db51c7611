/**
 * `node bench/retention.ts [--executions N] [--rounds N] [--runs N]`: what removing closed executions costs. First the
 * sizes of the tables over rounds, in each of which so many executions start and end while as many of the round before
 * are removed. Then pass-10 in turns, without a removal and with one under way.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { printTable } from '../cli/terminal.ts';
import type { NewExecution } from '../store/execution.ts';
import type { Append } from '../store/lease.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { systemClock } from '../telemetry/clock.ts';
import { createLogger } from '../telemetry/log.ts';
import { retention } from '../worker/services/retention.ts';
import { runService, type Service } from '../worker/services/service.ts';
import type { Size } from './scenario.ts';
import { pass10 } from './scenarios/pass-10.ts';
import { type BenchServer, startBenchServer } from './server.ts';
import { summarise } from './statistics.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** So many starts and appends are under way at a time: full batches. */
const WRITERS = 1000;
const SIZE: Size = {
  preloaded: 2000,
  oneAtATime: 200,
  timers: 0,
  inMemorySeconds: 0,
  loadSeconds: 0,
  runs: 1,
};
const IDLE_PACE_MS = 60_000;
const logger = createLogger('warn');

interface World {
  readonly server: BenchServer;
  readonly store: Store;
  readonly database: pg.Client;
}

/** A closed execution of pass-10, as it is in the database. */
interface Sample {
  readonly start: Omit<NewExecution, 'name' | 'startedAt'>;
  readonly rows: readonly { seq: number; first_event_id: number; body: string }[];
  readonly nextEventId: number;
  readonly output: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      executions: { type: 'string', default: '200000' },
      rounds: { type: 'string', default: '6' },
      runs: { type: 'string', default: '5' },
    },
  });
  const server = await startBenchServer();
  const store = await openStore({ databaseUrl: server.databaseUrl, poolSize: 6, logger });
  const database = new pg.Client({ connectionString: server.databaseUrl });
  await database.connect();
  try {
    const world = { server, store, database };
    await pass10.run(server, { ...SIZE, preloaded: 500, oneAtATime: 1 });
    await measureSizes(world, Number(values.executions), Number(values.rounds));
    await measurePass10(world, Number(values.executions), Number(values.runs));
  } finally {
    await database.end();
    await store.close();
    await server.close();
  }
}

async function measureSizes({ store, database }: World, executions: number, rounds: number): Promise<void> {
  const sample = await takeSample(database);
  const lines: string[][] = [];
  for (let round = 0; round < rounds; round++) {
    // The executions of a round are a day younger than those of the one before.
    const stoppedAt = Date.now() - (1000 - round) * DAY_MS;
    const begin = performance.now();
    const [, removed] = await Promise.all([
      fill(store, sample, executions, stoppedAt),
      removeAll(store, database, 1000.5 - round),
    ]);
    const seconds = (performance.now() - begin) / 1000;
    await database.query('truncate graphile_worker._private_jobs');
    lines.push([
      String(round + 1),
      (executions / seconds).toFixed(0),
      removed.toFixed(0),
      ...(await sizes(database)),
    ]);
    console.log(lines.at(-1)?.join('  '));
  }
  const tables = TABLES.flatMap((table) => [`${table.toUpperCase()} MB`, 'INDEXES MB']);
  printTable(['ROUND', 'CLOSED/S', 'REMOVED/S', ...tables], lines);
}

async function takeSample(database: pg.Client): Promise<Sample> {
  const {
    rows: [execution],
  } = await database.query(
    `select * from statehouse.executions where status = 'SUCCEEDED' order by id desc limit 1`,
  );
  const { rows } = await database.query<Sample['rows'][number]>(
    'select seq, first_event_id, body from statehouse.journal where execution_id = $1 order by seq',
    [execution.id],
  );
  return {
    start: {
      ...{ stateMachineId: execution.state_machine_id, revisionRowId: execution.revision_id },
      ...{ input: '{}', body: rows[0]?.body ?? '', traceHeader: undefined },
    },
    rows,
    nextEventId: execution.next_event_id,
    output: execution.output,
  };
}

/** Starts and ends so many executions, without claims: those belong to no worker. */
async function fill(store: Store, sample: Sample, count: number, stoppedAt: number): Promise<void> {
  let left = count;
  const writer = async (): Promise<void> => {
    while (left-- > 0) {
      const outcome = await store.executions.start({
        ...sample.start,
        name: randomUUID(),
        startedAt: stoppedAt - 100,
      });
      if (outcome.kind !== 'started') throw new Error(outcome.kind);
      for (const append of appendsOf(sample, outcome.executionId, stoppedAt))
        if ((await store.leases.append(append)) !== 'won') throw new Error('lost');
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

function appendsOf({ rows, nextEventId, output }: Sample, executionId: string, stoppedAt: number): Append[] {
  return rows.slice(1).map(({ seq, first_event_id, body }, index) => ({
    ...{ executionId, epoch: 0, seq, body, firstEventId: first_event_id },
    nextEventId: rows[index + 2]?.first_event_id ?? nextEventId,
    ...{ mail: [], openTokens: [], closedTokens: [], children: [], leftChildren: [] },
    end:
      seq === rows.length
        ? { status: 'SUCCEEDED', stoppedAt, output, error: undefined, cause: undefined }
        : undefined,
  }));
}

function removal(store: Store, days: number): Service {
  return retention({ store: store.retention, days, clock: systemClock, logger });
}

/** Removes what is older, at the service's pace. Answers how many executions a second. */
async function removeAll(store: Store, database: pg.Client, days: number): Promise<number> {
  const service = removal(store, days);
  const begin = performance.now();
  const {
    rows: [due],
  } = await database.query(
    `select count(*) from statehouse.executions where stopped_at < now() - $1 * interval '1 day'`,
    [days],
  );
  do {
    await service.runOnce();
    if (service.paceMs !== IDLE_PACE_MS) await sleep(service.paceMs);
  } while (service.paceMs !== IDLE_PACE_MS);
  return (Number(due.count) * 1000) / (performance.now() - begin);
}

const TABLES = ['executions', 'execution_names', 'journal'];

async function sizes(database: pg.Client): Promise<string[]> {
  const { rows } = await database.query<{ heap: number; indexes: number }>(
    `select pg_table_size(name::regclass)::float8 / 1e6 as heap, pg_indexes_size(name::regclass)::float8 / 1e6 as indexes
     from unnest($1::text[]) with ordinality as t (name, position) order by position`,
    [TABLES.map((table) => `statehouse.${table}`)],
  );
  return rows.flatMap(({ heap, indexes }) => [heap.toFixed(0), indexes.toFixed(0)]);
}

/** @param backlog how many executions there are to be removed in each run */
async function measurePass10(
  { server, store, database }: World,
  backlog: number,
  runs: number,
): Promise<void> {
  const sample = await takeSample(database);
  const without: Record<string, number>[] = [];
  const during: Record<string, number>[] = [];
  let removed = 0;
  for (let run = 0; run < runs; run++) {
    await fill(store, sample, backlog - (await count(database)), Date.now() - 1000 * DAY_MS);
    await database.query('truncate graphile_worker._private_jobs');
    without.push(await pass10.run(server, SIZE));
    const before = await count(database);
    const stop = runService(removal(store, 500), systemClock, logger);
    during.push(await pass10.run(server, SIZE));
    await stop();
    removed += before - (await count(database));
  }
  const lines = Object.keys(without[0] ?? {}).flatMap((metric) =>
    [['without', without] as const, ['during a removal', during] as const].map(([when, measured]) => {
      const { median, min, max } = summarise(measured.map((values) => values[metric] ?? Number.NaN));
      return [metric, when, median.toFixed(1), min.toFixed(1), max.toFixed(1)];
    }),
  );
  printTable(['PASS-10', 'WHEN', 'MEDIAN', 'MIN', 'MAX'], lines);
  console.log(`${removed} executions were removed meanwhile`);
}

/** Old executions that are still there. */
async function count(database: pg.Client): Promise<number> {
  const { rows } = await database.query(
    `select count(*) from statehouse.executions where stopped_at < now() - interval '500 days'`,
  );
  return Number(rows[0].count);
}

await main();

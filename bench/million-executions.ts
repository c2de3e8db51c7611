/**
 * A database with a million executions of one state machine that are parked, and as many as a twentieth of that which
 * have ended. A few are run; the others are copies of them, made in SQL.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { chain } from './chain.ts';
import { Installation } from './installation.ts';
import { newMachine } from './machine.ts';
import { query } from './own-databases.ts';
import type { BenchServer } from './server.ts';

/** How many executions there are of a status: each is the copy of one that ran with this input. */
const KINDS = [
  { status: 'RUNNING', input: {}, count: 1_000_000 },
  { status: 'SUCCEEDED', input: { end: 'well' }, count: 45_000 },
  { status: 'FAILED', input: { end: 'badly' }, count: 5000 },
] as const;

const DEFINITION = {
  StartAt: 'HowToEnd',
  States: {
    HowToEnd: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.end', IsPresent: false, Next: 'Park' },
        { Variable: '$.end', StringEquals: 'badly', Next: 'Fail' },
      ],
      Default: 'Succeed',
    },
    Park: { Type: 'Wait', Seconds: 300 * 24 * 60 * 60, Next: 'Succeed' },
    Succeed: { Type: 'Succeed' },
    Fail: { Type: 'Fail', Error: 'Broken' },
  },
};

/** A database with an API and a worker, which stay from run to run, and two state machines in it. */
export interface Tables {
  readonly databaseUrl: string;
  readonly installation: Installation;
  /** Of the executions that the database is filled with. */
  readonly parkingArn: string;
  /** Of ten Pass states. */
  readonly passArn: string;
}

/** Seeded when it is asked for first, which takes a minute or two. */
export function millionExecutions(server: BenchServer): Promise<Tables> {
  return server.databases.open('million', async (databaseUrl) => {
    const tables = await createMachines(server, databaseUrl);
    await multiply(tables, await runSamples(tables));
    return tables;
  });
}

/** The same without any execution. */
export function noExecutions(server: BenchServer): Promise<Tables> {
  return server.databases.open('empty', (databaseUrl) => createMachines(server, databaseUrl));
}

async function createMachines({ closing }: BenchServer, databaseUrl: string): Promise<Tables> {
  const installation = closing.use(await Installation.start(databaseUrl));
  return {
    databaseUrl,
    installation,
    parkingArn: await newMachine(installation, 'parking', DEFINITION),
    passArn: await newMachine(installation, 'pass-10', chain(10, { Type: 'Pass' })),
  };
}

/** One execution of each kind: their names. */
async function runSamples({ databaseUrl, installation, parkingArn }: Tables): Promise<string[]> {
  const names = KINDS.map(({ status }) => `sample-${status}`);
  for (const [index, { input }] of KINDS.entries())
    await installation.client.call('StartExecution', {
      stateMachineArn: parkingArn,
      name: names[index] ?? '',
      input: JSON.stringify(input),
    });
  while ((await query(databaseUrl, UNSETTLED)).length > 0) await sleep(PACE_MS);
  for (const [index, { status }] of KINDS.entries()) {
    const [sample] = await query(databaseUrl, 'select status from statehouse.executions where name = $1', [
      names[index],
    ]);
    if (sample?.status !== status) throw new Error(`${names[index]} is ${sample?.status}`);
  }
  return names;
}

async function multiply({ databaseUrl }: Tables, samples: readonly string[]): Promise<void> {
  for (const [index, { count }] of KINDS.entries()) await query(databaseUrl, COPIES, [samples[index], count]);
  await query(databaseUrl, 'vacuum (analyze)');
}

const PACE_MS = 20;

/** Those that are neither parked nor at their end. */
const UNSETTLED = `select from statehouse.executions
  where status = 'RUNNING' and (owner is not null or owner_epoch = 0) limit 1`;

/** Of each kind they started one by one within a week, and lasted as long as the sample. */
const COPIES = `
  with sample as (
    select *, nextval('statehouse.executions_id_seq') as base from statehouse.executions where name = $1
  ), last as (
    select setval('statehouse.executions_id_seq', base + $2) from sample
  ), copy as (
    select sample.*, base + n as copy_id, name || '-' || n as copy_name, n * interval '7 days' / $2 as earlier
    from last cross join sample cross join generate_series(1, $2::int) as n
  ), executions as (
    insert into statehouse.executions (id, state_machine_id, revision_id, name, status, started_at, stopped_at,
      owner_epoch, head_seq, next_event_id, wake_at, output, error, cause)
    select copy_id, state_machine_id, revision_id, copy_name, status, started_at - earlier, stopped_at - earlier,
      owner_epoch, head_seq, next_event_id, wake_at, output, error, cause
    from copy
  ), names as (
    insert into statehouse.execution_names (state_machine_id, name, execution_id)
    select state_machine_id, copy_name, copy_id from copy
  )
  insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body)
  select copy.copy_id, row.seq, row.first_event_id, row.append_id, row.body
  from copy join statehouse.journal row on row.execution_id = copy.id`;

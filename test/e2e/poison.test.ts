/**
 * Executions that end or block whatever process runs them: they are found, run apart and set aside, and all others end
 * well. The test does what keeps workers running anywhere: it starts another one when one is gone.
 */
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { startRole } from '../../bench/role-process.ts';
import { Client } from '../../cli/client.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { runStatehouse } from '../support/run-statehouse.ts';
import { patience } from '../support/runs.ts';
import { createTestDatabase } from '../support/test-database.ts';

const POISON = fileURLToPath(new URL('../support/poison.js', import.meta.url));
const NEIGHBOURS = 20;

const startingAt = (name: string) =>
  JSON.stringify({ StartAt: name, States: { [name]: { Type: 'Wait', Seconds: 1, End: true } } });

/** Strikes for executions of a state machine; undefined: for all. */
async function strike(connectionString: string, times: number, stateMachineName?: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(
    `select statehouse.strike(array(
       select e.id from statehouse.executions e join statehouse.state_machines m on m.id = e.state_machine_id
       where m.name = coalesce($2, m.name)), '"test"')
     from generate_series(1, $1)`,
    [times, stateMachineName],
  );
  await client.end();
}

test(
  'executions that kill or block their worker are set aside; the others end',
  async () => {
    const database = await createTestDatabase();
    const api = await startRole('api', database.url);
    const client = new Client(api.url);
    let isOver = false;
    let workers = 0;
    let worker: RoleProcess | undefined;
    const keepWorking = async (): Promise<void> => {
      while (!isOver) {
        workers++;
        worker = await startRole('worker', database.url, {
          NODE_OPTIONS: `--import=${POISON}`,
          STATEHOUSE_WORKER_TIMEOUT_SECONDS: '1',
          LOG_LEVEL: 'info',
        }).catch(() => undefined);
        await worker?.exited;
      }
    };
    const create = async (name: string) => {
      const { stateMachineArn } = await client.call('CreateStateMachine', {
        name,
        definition: startingAt(name),
        roleArn: 'arn:aws:iam::000000000000:role/statehouse',
      });
      return () => client.call('StartExecution', { stateMachineArn });
    };
    try {
      const startKiller = await create('Kill');
      const startBlocker = await create('Block');
      const startNeighbour = await create('Wait');
      const neighbours = await Promise.all(Array.from({ length: NEIGHBOURS }, startNeighbour));
      const killer = (await startKiller()).executionArn;
      const blocker = (await startBlocker()).executionArn;
      const poisonous = [killer, blocker];
      // What deaths before the test would have done: one of a worker, and two in processes of its own.
      await strike(database.url, 1);
      await strike(database.url, 3, 'Block');
      const working = keepWorking();
      await vi.waitFor(
        async () => {
          const { executions } = await client.setAside();
          expect(executions.map(({ executionArn }) => executionArn).sort()).toEqual(poisonous.toSorted());
        },
        { timeout: patience(120_000), interval: 500 },
      );
      for (const { executionArn } of neighbours)
        await vi.waitFor(
          async () =>
            expect((await client.call('DescribeExecution', { executionArn })).status).toBe('SUCCEEDED'),
          { timeout: patience(60_000), interval: 200 },
        );
      // Nobody else had to be started: the others have died in processes of their own.
      expect(workers).toBe(2);

      const [executionArn = ''] = poisonous;
      expect((await client.call('DescribeExecution', { executionArn })).status).toBe('RUNNING');
      const listed = await runStatehouse(['set-aside', '--endpoint', api.url]);
      expect(listed.stdout).toContain(executionArn);
      await client.call('StopExecution', { executionArn });
      expect((await runStatehouse(['set-aside', '--endpoint', api.url])).stdout).not.toContain(executionArn);
      isOver = true;
      await worker?.end();
      await working;
    } finally {
      isOver = true;
      await Promise.all([worker?.end('SIGKILL'), api.end('SIGKILL')]);
      await database.drop();
    }
  },
  patience(240_000),
);

/**
 * What the statements of the hot path read in a database that has grown since they were planned: plans are made once for a
 * session, often while the tables are new, and the planner's statistics come late.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../store/open.ts';
import type { StateMachineRecord } from '../../store/state-machine.ts';
import { uuidOf } from '../../store/uuid.ts';
import { administer } from '../support/administer.ts';
import { PLACE } from '../support/place.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { FILL_TABLES } from './filled-tables.ts';
import { appendTo, logger, StoreFixture, SUCCEEDED, stopWith } from './fixture.ts';
import { type Explained, PlanWatch, rowsRead } from './plan-watch.ts';

/** Of a table, by a statement for a few executions; the tables hold thousands of others. */
const ROWS_MAX = 200;
/** After so many times, Postgres settles for a plan that does not look at the parameters. */
const UNTIL_SETTLED = 6;

/** Planned each time, by the sizes as they are: a worker may own thousands, and there is little mail as a rule. */
const MAIL_OF_A_WORKER = /from "statehouse"\."mailbox" as "m"/;

let watch: PlanWatch;
let fixture: StoreFixture;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  drop = database.drop;
  watch = new PlanWatch(database.url);
  // What comes one after the other is sent over the same connection.
  const store = await openStore({ databaseUrl: watch.url, poolSize: 2, logger });
  fixture = new StoreFixture(database.url, store);
  await administer(database.url, WITHOUT_STATISTICS);
});
afterAll(async () => {
  await fixture.close();
  watch[Symbol.dispose]();
  await drop();
});

/** Nor are there any later, until the test says so. */
const WITHOUT_STATISTICS = `
  do $$
  declare name text;
  begin
    for name in select oid::regclass from pg_class where relnamespace = 'statehouse'::regnamespace and relkind = 'r' loop
      execute format('alter table %s set (autovacuum_enabled = off)', name);
    end loop;
  end
  $$`;

test('the tables have grown since the statements were planned, and then been analyzed', async ({ skip }) => {
  const [role] = await fixture.query<{ is: string }>(`select current_setting('is_superuser') as is`);
  skip(role?.is !== 'on', 'plans are shown to superusers');
  const machine = await fixture.machine();
  for (let n = 0; n < UNTIL_SETTLED; n++) await work(machine);
  await administer(fixture.url, FILL_TABLES);
  watch.explained();
  await work(machine);
  expect(readingTooMuch(watch.explained())).toEqual([]);

  await administer(fixture.url, 'analyze');
  for (let n = 0; n < 2; n++) await work(machine);
  expect(readingTooMuch(watch.explained())).toEqual([]);
});

function readingTooMuch(explained: readonly Explained[]): string[] {
  expect(explained.length).toBeGreaterThan(50);
  return explained.flatMap(({ query, nodes }) =>
    (MAIL_OF_A_WORKER.test(query) ? [] : nodes)
      .filter(
        (node) =>
          node['Sort Space Type'] === 'Disk' ||
          (node['Relation Name'] !== undefined && rowsRead(node) > ROWS_MAX),
      )
      .map(
        (node) =>
          `${node['Node Type']} of ${rowsRead(node)} rows of ${node['Relation Name'] ?? 'a disk'} in ${query}`,
      ),
  );
}

let works = 0;

/** What the API and a worker ask of the store for a few executions and their ends. */
async function work(machine: StateMachineRecord): Promise<void> {
  const { store } = fixture;
  const of = { stateMachineId: machine.id, revisionRowId: machine.revisionRowId };
  const { executions, leases, workers } = store;
  const token = `token-${++works}`;

  const workerId = await fixture.worker();
  const execution = await fixture.newExecution(of);
  const executionId = await fixture.started(execution);
  await executions.start(execution);
  await executions.find(PLACE, machine.name, execution.name);
  for (const status of [undefined, 'RUNNING', 'FAILED'] as const)
    await executions.list({ ...LIST, stateMachineId: machine.id, status });
  for (const through of [{ version: 1 }, { alias: 'live' }])
    await executions.list({ ...LIST, ...through, stateMachineId: machine.id, status: 'FAILED' });
  const claim = await fixture.claim(executionId, workerId);
  const { id: activityId } = await fixture.activity();
  await leases.append(
    appendTo(claim, {
      openTokens: [
        { token, scheduledEventId: 5 },
        {
          token: `${token}-a`,
          scheduledEventId: 6,
          activityTask: { activityId, input: '{}', trace: undefined },
        },
      ],
      children: [{ scheduledEventId: 7, isAwaited: true, execution: await fixture.newExecution(of) }],
    }),
  );
  const [child] = await executions.children(executionId, [7]);
  await store.activities.take([{ activityId, workerName: 'test' }]);
  await leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body: '{}' });
  const childClaim = await fixture.claim(child?.id ?? '', workerId);
  await leases.append(appendTo(childClaim, { end: SUCCEEDED }));
  const { mail } = await leases.mail(workerId, { limit: 100 });
  expect(mail.map(({ kind }) => kind)).toEqual(['ActivityStarted', 'CallbackSucceeded', 'ExecutionEnded']);
  await leases.append(
    appendTo(
      { ...claim, headSeq: 2, nextEventId: 3 },
      { mail: mail.map(({ id }) => id), closedTokens: [`${token}-a`] },
    ),
  );
  await executions.journal(executionId, { from: 2, to: 3 });
  const snapshot = { seq: 3, version: 1, body: '{}' };
  expect(await leases.park({ executionId, epoch: claim.epoch, signals: 3, wakeAt: 0, snapshot })).toBe(true);
  await workers.wakeDue(10, 0);
  await workers.wakeDue(0, 10);
  await fixture.claim(executionId, workerId);
  await leases.owned(workerId);
  await executions.stop(executionId, stopWith());
  await executions.waitForEnd(executionId, 10_000);
  await workers.reconcile(60_000);
  const express = {
    id: uuidOf(Date.now()),
    stateMachineId: machine.id,
    revisionRowId: machine.revisionRowId,
    body: '{}',
  };
  await store.express.start(express);
  expect(await store.express.claim(workerId, 1)).toHaveLength(1);
  await store.express.owned(workerId);
  await store.express.finish(express.id, workerId);
  await store.suspects.next();
  await executions.orphans(10);
  await executions.deleting(10);
  await store.activities.haveNews([activityId]);
  await store.suspects.areWaiting();
  await store.slots.count();
  await store.retention.removeExecutions({ retentionMs: DAY_MS, after: undefined, limits: FEW });
  await store.retention.removeMachines(DAY_MS, 10);
  await workers.unregister(workerId);
}

const DAY_MS = 24 * 60 * 60 * 1000;
const FEW = { executions: 10, journalRows: 100, journalBytes: 100_000 };
const LIST = { version: undefined, alias: undefined, limit: 20, after: undefined };

/** Postgres in trouble: calls wait for it to pass, and have their effect once. */
import { beforeAll, expect, test } from 'vitest';
import type { Store } from '../../store/store.ts';
import { uuidOf } from '../../store/uuid.ts';
import { appendTo, NOON, startBody, useStore } from './fixture.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

const fixture = useStore();

/** Of every new journal row, the first so many are refused with this SQLSTATE. */
async function refuseJournalRows(count: number, sqlstate: string): Promise<void> {
  await fixture().query(`
    create sequence if not exists refusals;
    select setval('refusals', 1, false);
    create or replace function refuse() returns trigger language plpgsql as $$
    begin
      -- A sequence counts on when the transaction is rolled back.
      if nextval('refusals') <= ${count} then raise exception using errcode = '${sqlstate}'; end if;
      return new;
    end $$;
    create or replace trigger refuse before insert on statehouse.journal for each row execute function refuse()`);
}

test.each([
  ['a serialization failure', '40001'],
  ['a deadlock', '40P01'],
  ['a statement that took too long', '57014'],
  ['a lock that is not to be had', '55P03'],
  ['a full disk', '53100'],
  ['no memory', '53200'],
])('%s (%s) passes: what is written stands once', async (_what, sqlstate) => {
  const execution = await fixture().newExecution();
  const workerId = await fixture().worker();
  await refuseJournalRows(2, sqlstate);
  const started = await fixture().store.executions.start(execution);
  expect(started).toMatchObject({ kind: 'started' });
  const executionId = started.kind === 'started' ? started.executionId : '';
  const claim = await fixture().claim(executionId, workerId);
  await refuseJournalRows(2, sqlstate);
  expect(await fixture().store.leases.append(appendTo(claim))).toBe('won');
  expect(await fixture().journal(executionId)).toEqual([1, 2]);
  await refuseJournalRows(0, sqlstate);
});

test('a statement that waits for a lock for too long is given up, and made again', async () => {
  const store = await fixture().another({ timeouts: { statementMs: 50 } });
  const { executionId, claim } = await fixture().owned();
  const lock = `select from statehouse.executions where id = ${executionId} for no key update`;
  expect(await behind(lock, () => store.leases.append(appendTo(claim)))).toBe('won');
});

test('what a task has yielded is written again also when one statement has taken all the time there is for others', async () => {
  const store = await fixture().another({ timeouts: { statementMs: 50, retryMs: 20 } });
  const { executionId, claim } = await fixture().owned();
  const lock = `select from statehouse.executions where id = ${executionId} for no key update`;
  expect(await behind(lock, () => store.leases.append(appendTo(claim)))).toBe('won');
});

test('the end of an Express execution is written again likewise: else it would run once more', async () => {
  const store = await fixture().another({ timeouts: { statementMs: 50, retryMs: 20 } });
  const workerId = await fixture().worker();
  const { id: stateMachineId, revisionRowId } = await fixture().machine();
  const id = uuidOf(NOON);
  await store.express.start({ id, stateMachineId, revisionRowId, body: startBody('{}', NOON) });
  expect(await store.express.claim(workerId, 1)).toMatchObject([{ id }]);
  const lock = `select from statehouse.express_executions where id = '${id}' for update`;
  await behind(lock, () => store.express.finish(id, workerId));
  expect(await store.express.owned(workerId)).toEqual([]);
});

/** What a call answers that meets a lock, which goes when Postgres has given up the first statement of the call. */
async function behind<Answer>(lock: string, call: () => Promise<Answer>): Promise<Answer> {
  const session = await fixture().session();
  await session.query('begin');
  await session.query(lock);
  const answer = call();
  await fixture().untilBlockedBy(session);
  await fixture().untilBlockedByNobody(session);
  await session.query('rollback');
  session.release();
  return answer;
}

let proxy: TcpProxy;

beforeAll(async () => {
  proxy = await tcpProxy(fixture().url);
  return () => proxy.close();
});

const throughProxy = (): Promise<Store> =>
  fixture().another({ url: proxy.url, timeouts: { silenceMs: 300 } });

test('a server that falls silent in the middle of a call is given up, and asked again', async () => {
  const store = await throughProxy();
  const execution = await fixture().newExecution();
  const silent = proxy.silenceAnswerTo('statehouse.start');
  const outcome = store.executions.start(execution);
  await silent;
  expect(await outcome).toMatchObject({ kind: 'started' });
});

test('a store that closes does not wait for long for a server that is silent', async () => {
  const store = await fixture().another({ url: proxy.url, timeouts: { silenceMs: 60_000, closeMs: 100 } });
  const silent = proxy.silenceAnswerTo('statehouse.start');
  const outcome = store.executions.start(await fixture().newExecution()).catch((error: unknown) => error);
  await silent;
  await store.close();
  expect(await outcome).toEqual(new Error('Connection terminated: no answer within 100 ms'));
});

test.each(['53300', '57P03'])('connections that are refused (%s) are made again', async (sqlstate) => {
  const store = await throughProxy();
  const executionId = await fixture().started();
  proxy.refuse(sqlstate);
  const read = store.executions.journal(executionId, { from: 1, to: 1 });
  const written = store.executions.start(await fixture().newExecution());
  proxy.refuse(undefined);
  expect(await read).toHaveLength(1);
  expect(await written).toMatchObject({ kind: 'started' });
});

test('a read that finds its connection broken is made again', async () => {
  const store = await throughProxy();
  const executionId = await fixture().started();
  const broken = proxy.swallowAnswerTo('journal');
  const read = store.executions.journal(executionId, { from: 1, to: 1 });
  await broken;
  expect(await read).toHaveLength(1);
});

import { expect, test } from 'vitest';
import { type ExecutionLogStore, logPosition } from '../../store/execution-log.ts';
import { executionStream, label, logEntry, ORDER, readAll } from '../support/log-entries.ts';
import { NOON, useStore } from './fixture.ts';

const fixture = useStore();
const DAY_MS = 24 * 60 * 60 * 1000;

/** The logs on a day after the first one, at noon or so much later. */
async function onDay(day: number, laterMs = 0): Promise<ExecutionLogStore> {
  return (await fixture().another({ now: NOON + day * DAY_MS + laterMs })).logs;
}

const days = async (logs: ExecutionLogStore) => (await readAll(logs, ORDER)).map(({ id }) => Number(id));

test('a position is a time: reading can begin at one', async () => {
  for (const day of [0, 1, 2]) await (await onDay(day)).write([logEntry('daily', day)]);
  const logs = fixture().store.logs;
  const from = (time: number) => readAll(logs, ORDER, { after: logPosition(time) - 1 });
  expect((await from(NOON + DAY_MS)).map(({ id }) => id)).toEqual(['1', '2']);
  expect((await from(NOON + DAY_MS + 1)).map(({ id }) => id)).toEqual(['2']);
});

test('a day is dropped once it has been over for the time of the retention', async () => {
  const justBefore = await onDay(3, DAY_MS / 2 - 1);
  expect(await justBefore.drop(3)).toBe(0);
  expect(await days(justBefore)).toEqual([0, 1, 2]);
  const after = await onDay(3, DAY_MS / 2);
  expect(await after.drop(3)).toBe(1);
  expect(await after.drop(3)).toBe(0);
  expect(await days(after)).toEqual([1, 2]);
});

test('who reads for long keeps a day, and nobody waits for that', async () => {
  const logs = await onDay(5);
  const reader = await fixture().session();
  await reader.query('begin; select from statehouse.execution_logs');
  expect(await logs.drop(3)).toBe(0);
  await logs.write([logEntry('meanwhile', 5)]);
  expect(await days(logs)).toEqual([1, 2, 5]);
  await reader.query('commit');
  reader.release();
  expect(await logs.drop(3)).toBe(1);
  expect(await days(logs)).toEqual([2, 5]);
});

test('workers that drop at the same time drop each day once', async () => {
  const stores = await Promise.all([onDay(6), onDay(6), onDay(6)]);
  const dropped = await Promise.all(stores.map((logs) => logs.drop(3)));
  expect(dropped.sort()).toEqual([0, 0, 1]);
});

test('a retention of no day leaves today', async () => {
  const logs = await onDay(7);
  await logs.write([logEntry('today', 7)]);
  expect(await logs.drop(0)).toBe(1);
  expect(await days(logs)).toEqual([7]);
});

test('records that are written together across midnight stay in their order', async () => {
  const logs = await onDay(7, DAY_MS / 2 - 1);
  const entries = Array.from({ length: 2500 }, (_, n) => logEntry(`midnight-${n % 900}`, n));
  await logs.write(entries);
  const partitions = await fixture().query(
    'select distinct tableoid from statehouse.execution_logs where execution like $1',
    ['%:midnight-%'],
  );
  expect(partitions).toHaveLength(2);
  expect((await readAll(logs, executionStream('midnight-7'))).map(label)).toEqual([
    'midnight-7:7',
    'midnight-7:907',
    'midnight-7:1807',
  ]);
});

test('a clock that goes back brings no position twice, and none before what was read', async () => {
  const logs = await onDay(9);
  await logs.write([logEntry('clock', 1)]);
  const { position } = await logs.read({ stream: executionStream('clock'), after: 0, limit: 1 });
  await (await onDay(8)).write([logEntry('clock', 2)]);
  const page = await logs.read({ stream: executionStream('clock'), after: position, limit: 10 });
  expect(page.records.map(label)).toEqual(['clock:2']);
});

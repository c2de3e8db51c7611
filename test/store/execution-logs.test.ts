import { describe, expect, test } from 'vitest';
import { stateMachineArn } from '../../runtime/execution/arn.ts';
import type { ExecutionLogStore } from '../../store/execution-log.ts';
import type { LogRecord } from '../../telemetry/logs/log-record.ts';
import { executionStream, label, logEntry, ORDER, readAll } from '../support/log-entries.ts';
import { PLACE } from '../support/place.ts';
import { useStore } from './fixture.ts';
import { tcpProxy } from './tcp-proxy.ts';

const fixture = useStore();
const logs = (): ExecutionLogStore => fixture().store.logs;

/** Another state machine's records are none of the test's. */
function machineOf(name: string) {
  const arn = stateMachineArn(PLACE, name);
  return {
    stream: { of: 'stateMachine', arn } as const,
    entry: (...args: Parameters<typeof logEntry>) => ({ ...logEntry(...args), stateMachineArn: arn }),
  };
}

describe('records', () => {
  test('come back as they were, by execution and by state machine', async () => {
    const details = { name: 'Grüße \u0000\u001e\ud800 "', output: '{"a":1}' };
    const entries = [logEntry('one', 1, details), logEntry('two \u{1f600}"', 1), logEntry('one', 2)];
    await logs().write(entries);
    const records = entries.map(({ record }) => record);
    expect(await readAll(logs(), executionStream('one'))).toEqual([records[0], records[2]]);
    expect(await readAll(logs(), executionStream('two \u{1f600}"'))).toEqual([records[1]]);
    expect((await readAll(logs(), ORDER)).map(label).sort()).toEqual(records.map(label).sort());
  });

  test('of nobody: nothing is written', async () => {
    await logs().write([]);
    expect(await logs().read({ stream: executionStream('none'), after: 7, limit: 1 })).toEqual({
      records: [],
      position: 7,
    });
  });

  test('of another account or region are not among them', async () => {
    await logs().write([logEntry('placed', 1)]);
    for (const place of [
      { ...PLACE, accountId: '111111111111' },
      { ...PLACE, region: 'eu-west-1' },
    ]) {
      const arn = stateMachineArn(place, 'order');
      expect(await readAll(logs(), { of: 'stateMachine', arn })).toEqual([]);
    }
    expect(await readAll(logs(), executionStream('placed'))).toHaveLength(1);
  });

  test.each([1, 2, 3, 7])('are read in pages of %i, none twice and none left out', async (limit) => {
    const { stream, entry } = machineOf(`paged-${limit}`);
    const given = Array.from({ length: 10 }, (_, n) => entry(`paged-${limit}-${n % 2}`, n));
    await logs().write(given.slice(0, 6));
    await logs().write(given.slice(6));
    const [page] = [await logs().read({ stream, after: 0, limit })];
    expect(page.records).toHaveLength(limit);
    const read = await readAll(logs(), stream, { limit });
    expect(read.map(label).sort()).toEqual(given.map(({ record }) => label(record)).sort());
  });

  test('that are large come in smaller pages, of at least one', async () => {
    const { stream, entry } = machineOf('large');
    const padded = (n: number, length: number) => entry('large', n, { output: 'x'.repeat(length) });
    const given = [padded(1, 2_000_000), ...Array.from({ length: 50 }, (_, n) => padded(n + 2, 50_000))];
    await logs().write(given);
    const first = await logs().read({ stream, after: 0, limit: 1000 });
    expect(first.records.map(label)).toEqual(['large:1']);
    const second = await logs().read({ stream, after: first.position, limit: 1000 });
    expect(second.records.length).toBeLessThan(50);
    expect((await readAll(logs(), stream)).map(label)).toEqual(given.map(({ record }) => label(record)));
  });

  test('are written once when the answer to their writing is lost', async () => {
    const proxy = await tcpProxy(fixture().url);
    const store = await fixture().another({ url: proxy.url });
    const broken = proxy.swallowAnswerTo('statehouse.write_logs');
    const written = store.logs.write([logEntry('swallowed', 1), logEntry('swallowed', 2)]);
    await broken;
    await written;
    expect((await readAll(logs(), executionStream('swallowed'))).map(label)).toEqual([
      'swallowed:1',
      'swallowed:2',
    ]);
    await proxy.close();
  });
});

describe('who follows', () => {
  test('misses nothing of a writer that commits late', async () => {
    const { stream, entry } = machineOf('late');
    const late = await fixture().session();
    await late.query('begin');
    await late.query(`select statehouse.write_logs(1, false, '{1}', $1, $2, $3)`, [
      stream.arn,
      executionStream('late').arn,
      '[{"id":"1"}]',
    ]);
    const quick = logs().write([entry('quick', 1)]);
    await Promise.race([quick, fixture().untilBlockedBy(late)]);
    const before = await logs().read({ stream, after: 0, limit: 10 });
    await late.query('commit');
    late.release();
    await quick;
    const after = await logs().read({ stream, after: before.position, limit: 10 });
    expect([...before.records, ...after.records].map(label)).toEqual(['late:1', 'quick:1']);
  });

  test('does not wait for transactions that have nothing to do with logs', async () => {
    const other = await fixture().session();
    await other.query(`begin; insert into statehouse.secrets (name, value) values ('open', '')`);
    await logs().write([logEntry('beside', 1)]);
    expect(await readAll(logs(), executionStream('beside'))).toHaveLength(1);
    await other.query('rollback');
    other.release();
  });

  test('sees every record of many writers once, in the order of each execution', async () => {
    const { stream, entry } = machineOf('busy');
    const stores = [fixture().store, await fixture().another(), await fixture().another()];
    const [WRITERS, WRITES, RECORDS] = [12, 15, 4];
    const writing = Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let first = 0; first < WRITES * RECORDS; first += RECORDS) {
          const entries = Array.from({ length: RECORDS }, (_, n) => entry(`busy-${writer}`, first + n));
          await stores[writer % stores.length]?.logs.write(entries);
        }
      }),
    );
    const seen: LogRecord[] = [];
    for (let position = 0; seen.length < WRITERS * WRITES * RECORDS; ) {
      const page = await logs().read({ stream, after: position, limit: 7 });
      seen.push(...page.records);
      position = page.position;
    }
    await writing;
    for (let writer = 0; writer < WRITERS; writer++) {
      const ids = seen
        .filter(({ execution_arn }) => execution_arn.endsWith(`:busy-${writer}`))
        .map(({ id }) => id);
      expect(ids).toEqual(Array.from({ length: WRITES * RECORDS }, (_, id) => String(id)));
    }
    expect(await readAll(logs(), stream)).toEqual(seen);
  });
});

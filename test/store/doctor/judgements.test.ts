/** What is a problem and what is not: facts that a test server does not have. */
import { expect, test } from 'vitest';
import type { Finding, SqlCheck } from '../../../store/doctor/check.ts';
import { judgeClock } from '../../../store/doctor/clock-check.ts';
import { connections, judgePooling, judgeTimeouts } from '../../../store/doctor/connection-checks.ts';
import { durability, replication } from '../../../store/doctor/durability-checks.ts';
import { version, writable } from '../../../store/doctor/server-checks.ts';
import { autovacuum, deadRows, oldTransactions, transactionIds } from '../../../store/doctor/table-checks.ts';
import { due, dueExpress, jobs, setAside, workers } from '../../../store/doctor/work-checks.ts';

type Verdict = Finding['verdict'];
type Case = readonly [what: string, verdict: Verdict, finding: Finding];

const patient = { poolSize: 10, workerTimeoutSeconds: 10 };

/** A check, facts that it is content with, and what makes of them something else. */
function cases<Row extends object>(
  { name, judge }: Pick<SqlCheck<Row>, 'name' | 'judge'>,
  sound: NoInfer<Row>,
  ...faults: readonly (readonly [Exclude<Verdict, 'ok'>, Partial<NoInfer<Row>>])[]
): Case[] {
  return [
    [`${name}, sound`, 'ok', judge(sound, patient)],
    ...faults.map(([verdict, fault]): Case => {
      return [`${name}, ${JSON.stringify(fault)}`, verdict, judge({ ...sound, ...fault }, patient)];
    }),
  ];
}

test.each<Case>([
  ...cases(
    version,
    { version: '18.1', number: 180_001 },
    ['warning', { number: 160_004 }],
    ['problem', { number: 130_011 }],
  ),
  ...cases(
    writable,
    { standby: false, read_only: false },
    ['problem', { standby: true }],
    ['problem', { read_only: true }],
  ),
  ...cases(
    durability,
    { fsync: true, full_page_writes: true, synchronous_commit: 'on' },
    ['problem', { fsync: false }],
    ['problem', { full_page_writes: false }],
    ['problem', { synchronous_commit: 'off' }],
  ),
  ...cases(
    replication,
    { synchronous_commit: 'on', names: 'ANY 1 (a, b)', standbys: 2, hidden: 0, synchronous: 2 },
    ['warning', { names: '', standbys: 0, synchronous: 0 }],
    ['warning', { names: '', synchronous: 0 }],
    ['warning', { synchronous_commit: 'local' }],
    ['warning', { hidden: 1 }],
    ['problem', { synchronous: 0 }],
  ),
  ...cases(connections, { maximum: 100, used: 20 }, ['warning', { used: 90 }], ['problem', { maximum: 12 }]),
  ...cases(
    workers,
    { alive: 2, silent: 0, ahead: 0, open: true },
    ['warning', { silent: 1 }],
    ['warning', { alive: 0, open: false }],
    ['problem', { alive: 0 }],
    ['problem', { ahead: 1 }],
  ),
  ...cases(due, { seconds: null }, ['warning', { seconds: 20 }], ['problem', { seconds: 100 }]),
  ...cases(setAside, { count: 0 }, ['warning', { count: 1 }]),
  ...cases(dueExpress, { seconds: 1 }, ['warning', { seconds: 20 }], ['problem', { seconds: 100 }]),
  ...cases(jobs, { count: 10, exhausted: 0 }, ['warning', { count: 100_001 }], ['warning', { exhausted: 1 }]),
  ...cases(
    autovacuum,
    { autovacuum: true, track_counts: true, off: [] },
    ['problem', { autovacuum: false }],
    ['problem', { track_counts: false }],
    ['problem', { off: ['statehouse.journal'] }],
  ),
  ...cases(deadRows, { tables: [] }, [
    'warning',
    { tables: ['statehouse.executions (60000 dead, 10 live)'] },
  ]),
  ...cases(
    oldTransactions,
    { seconds: 5, forgotten: [] },
    ['warning', { seconds: 3600 }],
    ['warning', { forgotten: ['replication slot b'] }],
  ),
  ...cases(
    transactionIds,
    { age: 200 },
    ['warning', { age: 1_200_000_000 }],
    ['problem', { age: 1_900_000_000 }],
  ),
  ['clocks that agree', 'ok', judgeClock(-1500, 10)],
  ['clocks that may agree: the answer took long', 'ok', judgeClock(4000, 3000)],
  ['clocks that are apart', 'warning', judgeClock(5000, 10)],
  ['clocks that are far apart', 'problem', judgeClock(-3_600_000, 10)],
  ['no pooler', 'ok', judgePooling('none', false, false)],
  ['a pooler by session', 'ok', judgePooling('by session', false, false)],
  ['a pooler by transaction, with a way past it', 'ok', judgePooling('by transaction', false, true)],
  ['a pooler by transaction', 'problem', judgePooling('by transaction', false, false)],
  ['a pooler on both ways', 'problem', judgePooling('by transaction', true, true)],
  ['timeouts behind a pooler', 'ok', judgeTimeouts({ statement: '30s', idle: '10s' })],
  ['no timeouts behind a pooler', 'warning', judgeTimeouts({ statement: '30s', idle: '0' })],
])('%s: %s', (_what, verdict, finding) => {
  expect(finding).toMatchObject({ verdict });
  // Whoever reads of something that is not well must learn what to do.
  expect(finding.advice === undefined).toBe(verdict === 'ok');
});

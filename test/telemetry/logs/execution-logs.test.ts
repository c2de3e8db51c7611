import { expect, test } from 'vitest';
import { evolve } from '../../../runtime/execution/evolve.ts';
import {
  abortedEvent,
  fold,
  type JournalEvent,
  redrivenEvent,
  spanIdOf,
  startedEvent,
} from '../../../runtime/index.ts';
import { notWatched } from '../../../telemetry/execution-watch.ts';
import { createLogger } from '../../../telemetry/log.ts';
import { type LogDestinations, startExecutionLogs } from '../../../telemetry/logs/execution-logs.ts';
import type { LogDestination, LogEntry } from '../../../telemetry/logs/log-destination.ts';
import { readLogRoutes } from '../../../telemetry/logs/log-routes.ts';
import type { LoggingConfiguration } from '../../../telemetry/logs/logging-configuration.ts';
import { compile } from '../../support/in-memory-run.ts';
import { ManualClock } from '../../worker/manual-clock.ts';

const GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:/states/orders:*';
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:orders:e';
const MACHINE = compile({ StartAt: 'A', States: { A: { Type: 'Succeed' } } });
const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', isSampled: true };

class Kept implements LogDestination {
  readonly entries: LogEntry[] = [];
  async write(entries: readonly LogEntry[]): Promise<void> {
    this.entries.push(...entries);
  }
  async close(): Promise<void> {}
}

const started = startedEvent({
  identity: {
    executionArn: EXECUTION,
    executionName: 'e',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:orders',
    stateMachineName: 'orders',
    region: 'us-east-1',
    trace: TRACE,
    secret: 'secret',
  },
  roleArn: 'role',
  input: '{"order":1}',
  time: 1000,
  startAt: 'A',
  timeoutSeconds: undefined,
});

function settings(more: Partial<LoggingConfiguration> = {}) {
  const logging = { level: 'ALL', includeExecutionData: true, logGroupArns: [GROUP], ...more } as const;
  return { type: 'STANDARD', machine: MACHINE, logging } as const;
}

function start(rules: string, destinations: LogDestinations) {
  const logger = createLogger('silent');
  return startExecutionLogs({ routes: readLogRoutes(rules), destinations, clock: new ManualClock(), logger });
}

test('the records of an execution say what it is about', async () => {
  const stdout = new Kept();
  const logs = start('stdout', { stdout });
  logs.watcher.watch(fold([started]), settings()).record([started]);
  await logs.close();
  expect(stdout.entries).toMatchObject([
    {
      record: { id: '1', type: 'ExecutionStarted', execution_arn: EXECUTION, redrive_count: '0' },
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:orders',
      logGroupArn: GROUP,
      time: 1000,
      span: { traceId: TRACE.traceId, spanId: spanIdOf(EXECUTION, 1), isSampled: true },
    },
  ]);
  expect(logs.queues).toMatchObject([{ name: 'stdout', buffered: 0, written: 1, dropped: 0 }]);
});

test('records count the redrives, also those of an execution that comes back later', async () => {
  const stdout = new Kept();
  const logs = start('stdout', { stdout });
  const aborted = abortedEvent(2, 2000, {});
  const redriven = redrivenEvent({ id: 3, time: 3000, redriveCount: 1, timeoutSeconds: undefined });
  const execution = fold([started, aborted]);
  logs.watcher.watch(execution, settings()).record([redriven, abortedEvent(4, 4000, {})]);
  evolve(execution, redriven);
  logs.watcher.watch(execution, settings()).record([abortedEvent(4, 5000, {})]);
  await logs.close();
  expect(stdout.entries.map(({ record }) => record.redrive_count)).toEqual(['1', '1', '1']);
});

test('the level decides what is logged; without records to make, an execution is not watched', async () => {
  const stdout = new Kept();
  const logs = start('/states/*=stdout,none', { stdout });
  const watched = (more: Partial<LoggingConfiguration>) =>
    logs.watcher.watch(fold([started]), settings(more));
  expect(watched({ level: 'OFF' })).toBe(notWatched());
  expect(watched({ logGroupArns: [GROUP.replace('/states/', '/other/')] })).toBe(notWatched());
  const events: JournalEvent[] = [started, abortedEvent(2, 2000, {})];
  watched({ level: 'FATAL' }).record(events);
  await logs.close();
  expect(stdout.entries.map(({ record }) => record.type)).toEqual(['ExecutionAborted']);
});

test('a log group goes where its rule says, others everywhere but to standard output', async () => {
  const destinations = { postgres: new Kept(), cloudwatch: new Kept(), otel: new Kept(), stdout: new Kept() };
  const logs = start('/states/orders=otel+stdout', destinations);
  logs.watcher.watch(fold([started]), settings()).record([started]);
  const other = settings({ logGroupArns: [GROUP.replace('orders', 'payments')] });
  logs.watcher.watch(fold([started]), other).record([started]);
  await logs.close();
  const counts = Object.entries(destinations).map(([name, { entries }]) => [name, entries.length]);
  expect(Object.fromEntries(counts)).toEqual({ postgres: 1, cloudwatch: 1, otel: 2, stdout: 1 });
});

test('a destination that is not there is refused at start', () => {
  expect(() => start('a=cloudwatch', { stdout: new Kept() })).toThrow(
    /STATEHOUSE_EXECUTION_LOGS: cloudwatch is not set up/,
  );
});

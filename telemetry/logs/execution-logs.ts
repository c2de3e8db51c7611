/** The logs of executions: records of their events, on their way to where the log group's name leads. */
import { type Execution, type JournalEvent, spanIdOf } from '../../runtime/index.ts';
import type { Clock } from '../clock.ts';
import { type ExecutionWatch, type ExecutionWatcher, notWatched } from '../execution-watch.ts';
import type { Logger } from '../log.ts';
import type { LogDestination, LogEntry } from './log-destination.ts';
import { isLogged } from './log-level.ts';
import { LogQueue } from './log-queue.ts';
import { type LogRecord, toLogRecord } from './log-record.ts';
import { LOG_DESTINATIONS, type LogDestinationName, type LogRoute, routeOf } from './log-routes.ts';
import type { LoggingConfiguration } from './logging-configuration.ts';
import { textUnits } from './truncation.ts';

export type LogDestinations = Readonly<Partial<Record<LogDestinationName, LogDestination>>>;

export interface ExecutionLogsOptions {
  /** For log groups that none of them fits: all that there is but standard output. */
  readonly routes: readonly LogRoute[];
  readonly destinations: LogDestinations;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ExecutionLogs {
  readonly watcher: ExecutionWatcher;
  /** Of each destination that is there. */
  readonly queues: readonly Pick<LogQueue, 'name' | 'buffered' | 'written' | 'dropped'>[];
  /** Writes what is left. Never throws, and is bounded in time. */
  close(): Promise<void>;
}

/** What a record takes of memory besides the texts of its details. */
const RECORD_SIZE = 500;

/** @throws Error when a route leads to a destination that is not there */
export function startExecutionLogs(options: ExecutionLogsOptions): ExecutionLogs {
  const { routes, destinations, clock, logger } = options;
  const queues = new Map<LogDestinationName, LogQueue>();
  for (const name of LOG_DESTINATIONS) {
    const destination = destinations[name];
    if (destination !== undefined) queues.set(name, new LogQueue({ name, destination, clock, logger }));
  }
  const leading = [...routes, defaultRoute(destinations)].map(({ pattern, destinations: names }) => ({
    pattern,
    queues: names.map((name) => queues.get(name) ?? missing(name)),
  }));
  // By configuration, which is one object as long as its revision is in memory.
  const found = new WeakMap<LoggingConfiguration, readonly LogQueue[]>();
  const queuesOf = (logging: LoggingConfiguration): readonly LogQueue[] => {
    const known = found.get(logging) ?? routeOf(leading, nameOf(logging.logGroupArns[0] ?? ''))?.queues ?? [];
    found.set(logging, known);
    return known;
  };
  return {
    watcher: watcherOf(queuesOf),
    queues: [...queues.values()],
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

function defaultRoute(destinations: LogDestinations): LogRoute {
  const there = LOG_DESTINATIONS.filter((name) => name !== 'stdout' && destinations[name] !== undefined);
  return { pattern: '*', destinations: there };
}

function missing(name: LogDestinationName): never {
  throw new Error(`STATEHOUSE_EXECUTION_LOGS: ${name} is not set up (docs/logs.md says what it needs)`);
}

/** `arn:aws:logs:us-east-1:000000000000:log-group:NAME:*` */
function nameOf(logGroupArn: string): string {
  return logGroupArn.split(':')[6] ?? '';
}

function watcherOf(queuesOf: (logging: LoggingConfiguration) => readonly LogQueue[]): ExecutionWatcher {
  return {
    watch(execution, { logging }) {
      if (logging.level === 'OFF') return notWatched();
      const queues = queuesOf(logging);
      return queues.length === 0 ? notWatched() : new ExecutionLog(execution, logging, queues);
    },
  };
}

class ExecutionLog implements ExecutionWatch {
  readonly #logging: LoggingConfiguration;
  readonly #queues: readonly LogQueue[];
  readonly #about: Pick<LogEntry, 'stateMachineArn' | 'logGroupArn' | 'span'>;
  readonly #executionArn: string;
  #redriveCount: number;

  constructor({ identity, redrive }: Execution, logging: LoggingConfiguration, queues: readonly LogQueue[]) {
    const { executionArn, stateMachineArn, trace } = identity;
    this.#logging = logging;
    this.#queues = queues;
    this.#executionArn = executionArn;
    this.#redriveCount = redrive?.count ?? 0;
    this.#about = {
      stateMachineArn,
      logGroupArn: logging.logGroupArns[0] ?? '',
      // The execution's own span: it begins with the first event.
      span: trace && { ...trace, spanId: spanIdOf(executionArn, 1) },
    };
  }

  record(events: readonly JournalEvent[]): void {
    for (const event of events) {
      if (event.type === 'ExecutionRedriven') this.#redriveCount = event.details.redriveCount;
      if (!isLogged(this.#logging.level, event.type)) continue;
      const record = this.#recordOf(event);
      if (record === undefined) continue;
      const entry = { ...this.#about, record, time: event.timestamp, size: sizeOf(record) };
      for (const queue of this.#queues) queue.add(entry);
    }
  }

  #recordOf(event: JournalEvent): LogRecord | undefined {
    const about = { executionArn: this.#executionArn, redriveCount: this.#redriveCount };
    return toLogRecord(event, about, this.#logging.includeExecutionData);
  }
}

function sizeOf({ details }: LogRecord): number {
  return RECORD_SIZE + textUnits(details);
}

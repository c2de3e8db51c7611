/**
 * The Standard driver: takes executions from the queue and runs them, each transition durable before its effects
 * (docs/architecture.md §2 to §4).
 */

import { createSyncStarts } from '../express/sync-starts.ts';
import { ExecutionStops } from '../integrations/states/execution-stops.ts';
import { Machines } from '../integrations/states/machines.ts';
import { createStartPoints } from '../integrations/states/start-points.ts';
import { type ExecutionLimits, PORTABLE_LIMITS } from '../runtime/index.ts';
import type { Store } from '../store/store.ts';
import type { WorkerNews } from '../store/worker.ts';
import { type Clock, systemClock, within } from '../telemetry/clock.ts';
import { DatabaseTime } from '../telemetry/database-time.ts';
import { type ExecutionWatcher, NO_WATCHER } from '../telemetry/execution-watch.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Metrics, NO_METRICS } from '../telemetry/metrics/metrics.ts';
import type { TraceSampler } from '../telemetry/traces/trace-sampler.ts';
import type { AfterAppend } from './activation-context.ts';
import { Engine } from './engine.ts';
import { ExpressEngine } from './express-engine.ts';
import { Faults } from './faults.ts';
import { Mailbox } from './mailbox.ts';
import { Membership } from './membership.ts';
import { type JobQueue, Queue, type QueueOptions } from './queue.ts';
import type { Integrations } from './recovery.ts';
import { abandonedJobs } from './services/abandoned-jobs.ts';
import { deletions } from './services/deletions.ts';
import { heartbeat } from './services/heartbeat.ts';
import { type IsolatedProcess, Isolation } from './services/isolation.ts';
import { logRetention } from './services/log-retention.ts';
import { orphans } from './services/orphans.ts';
import { reconciler } from './services/reconciler.ts';
import { retention } from './services/retention.ts';
import { sentSignals } from './services/sent-signals.ts';
import { runService, type Service } from './services/service.ts';
import { slots } from './services/slots.ts';
import { strays } from './services/strays.ts';
import { SuspectRuns } from './services/suspects.ts';
import { ticker } from './services/ticker.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';

export interface WorkerOptions {
  readonly store: Store;
  /** For the job queue, which has connections of its own. */
  readonly databaseUrl: string;
  readonly integrations: Integrations;
  /** What state machines may raise their own limits to; absent: to nothing. */
  readonly ceilings?: ExecutionLimits | undefined;
  /** Decides which executions that tasks start are traced; undefined: none. */
  readonly traceSampler?: TraceSampler | undefined;
  /** How long a stopping worker lets task calls go on. */
  readonly graceSeconds: number;
  /** Without a heartbeat for this long, a worker is taken for dead. */
  readonly workerTimeoutSeconds: number;
  /** How long what executions have logged is kept after its day. */
  readonly logRetentionDays: number;
  /** How long executions are kept when they are closed; absent: for ever. */
  readonly retentionDays?: number | 'forever';
  /** Executions under way at a time of a state machine without a cap of its own; absent: any number. */
  readonly maxConcurrency?: number | undefined;
  /** Who runs executions that may have ended their worker; absent: this worker, like others. */
  readonly suspects?: SuspectHandling;
  readonly watcher?: ExecutionWatcher;
  readonly metrics?: Metrics;
  readonly logger: Logger;
  /** Shown with the worker's row. */
  readonly version?: string;
  readonly tuning?: Partial<Tuning>;
  readonly clock?: Clock;
  /** For tests. */
  readonly hooks?: {
    readonly afterAppend?: AfterAppend;
    /** In place of graphile-worker. */
    readonly createQueue?: (options: QueueOptions) => JobQueue;
  };
}

/** left: to processes that this one starts. only: this worker is such a process, and runs nothing else. */
export type SuspectHandling =
  | { readonly policy: 'left'; readonly start: () => IsolatedProcess }
  | { readonly policy: 'taken' }
  | { readonly policy: 'only'; readonly finished: () => void };

export interface Worker {
  /** Resolves when executions are being claimed. @throws what the database throws */
  start(): Promise<void>;
  /**
   * Takes no more work, lets calls under way end within the grace time, parks the rest, and goes. Bounded in time,
   * whatever the database does.
   */
  stop(): Promise<void>;
  /** Its periodic services, for tests to run at their own time. */
  readonly services: Readonly<
    Record<
      | 'abandonedJobs'
      | 'deletions'
      | 'express'
      | 'heartbeat'
      | 'logRetention'
      | 'mailbox'
      | 'orphans'
      | 'reconciler'
      | 'retention'
      | 'sentSignals'
      | 'slots'
      | 'strays'
      | 'suspects'
      | 'ticker',
      Service
    >
  >;
  /** Executions alive in this process. */
  readonly liveExecutions: number;
  /** The others know that it lives. */
  readonly isCurrent: boolean;
  /** It has been told to stop: it takes no more work. */
  readonly isStopping: boolean;
}

/** The services that news may be for. */
const CONCERNED: Readonly<
  Record<Exclude<WorkerNews['kind'], 'stopped'>, readonly (keyof Worker['services'])[]>
> = {
  mail: ['mailbox'],
  express: ['express'],
  orphans: ['orphans'],
  // First of all: it may be another server by now.
  reconnected: ['heartbeat', 'mailbox', 'express', 'orphans'],
};

/** What a worker runs that is there for suspects only: nothing that finds it other work. */
const SERVICES_FOR_SUSPECTS: ReadonlySet<string> = new Set(['heartbeat', 'mailbox', 'suspects']);

/** How long each last word to the database may take. */
const FAREWELL_MS = 5000;

export function createWorker(options: WorkerOptions): Worker {
  const { store, logger } = options;
  const { clock = systemClock, watcher = NO_WATCHER, metrics = NO_METRICS } = options;
  const { afterAppend = () => 'continue', createQueue = (queue: QueueOptions) => new Queue(queue) } =
    options.hooks ?? {};
  const suspects = options.suspects ?? { policy: 'taken' };
  const isForSuspects = suspects.policy === 'only';
  const tuning = {
    ...DEFAULT_TUNING,
    ...options.tuning,
    ...(isForSuspects && { expressExecutionsMax: 1 }),
  };
  const timeoutMs = options.workerTimeoutSeconds * 1000;
  const time = new DatabaseTime(clock);
  const membership = new Membership({
    workers: store.workers,
    clock,
    time,
    timeoutMs,
    version: options.version ?? 'unknown',
    suspects: suspects.policy,
    logger,
    events: {
      joined: (workerId) => store.workers.listen(workerId, onNews),
      left: () => {
        engine.dropAll();
        express.dropAll();
        machines.forget();
      },
      confirmed: () => engine.admit(),
    },
  });
  const mailbox = new Mailbox({
    leases: store.leases,
    workerId: () => membership.workerId,
    pageSize: tuning.mailPageSize,
    hasReaders: () => engine.size > 0,
    deliver: (mail) => engine.deliver(mail),
  });
  const machines = new Machines(store.stateMachines);
  const { integrations, executions: syncExecutions } = createSyncStarts({
    integrations: options.integrations,
    stateMachines: store.stateMachines,
    startPoints: createStartPoints(store.stateMachines),
    machines,
    ceilings: options.ceilings ?? PORTABLE_LIMITS,
    traceSampler: options.traceSampler,
    watcher,
    clock,
    now: () => time.now(),
    logger,
  });
  const engine: Engine = new Engine({
    leases: store.leases,
    executions: store.executions,
    machines,
    integrations,
    activities: store.activities,
    membership,
    watcher,
    metrics,
    clock,
    now: () => time.now(),
    checkMail: () => mailbox.look(),
    afterAppend: (executionId, seq) => {
      suspectRuns.moved(executionId);
      // Others go on with it: by its append it is a suspect no more.
      return isForSuspects ? 'end-activation' : afterAppend(executionId, seq);
    },
    left: (executionId) => suspectRuns.moved(executionId),
    faults: new Faults(store.suspects, logger),
    tuning,
    logger,
  });
  const express = new ExpressEngine({
    express: store.express,
    machines,
    integrations,
    membership,
    watcher,
    clock,
    now: () => time.now(),
    executionsMax: tuning.expressExecutionsMax,
    logger,
  });
  const queue = createQueue({
    databaseUrl: options.databaseUrl,
    concurrency: tuning.claimsMax,
    advance: (executionId) => engine.advance(executionId),
    clock,
    logger,
  });
  const suspectRuns = new SuspectRuns({
    suspects: store.suspects,
    engine,
    express,
    clock,
    finished: isForSuspects ? suspects.finished : undefined,
  });
  const isolation =
    suspects.policy === 'left' ? new Isolation(store.suspects, suspects.start, logger) : undefined;
  const stops = new ExecutionStops({ executions: store.executions, machines, watcher, logger });
  const services = {
    abandonedJobs: abandonedJobs(store.workers, timeoutMs),
    deletions: deletions(store.executions, stops),
    express,
    heartbeat: heartbeat(membership),
    logRetention: logRetention(store.logs, options.logRetentionDays, logger),
    mailbox,
    orphans: orphans(store.executions, stops),
    reconciler: reconciler(store.workers, membership, timeoutMs, metrics, logger),
    suspects: isolation ?? suspectRuns,
    retention: retention({ store: store.retention, days: options.retentionDays ?? 'forever', clock, logger }),
    sentSignals: sentSignals(store.workers),
    strays: strays(engine, membership, logger),
    slots: slots(store.slots, options.maxConcurrency, clock),
    ticker: ticker(store.workers),
  };
  metrics.observe(['statehouse.executions.alive'], (observe) => {
    observe('statehouse.executions.alive', engine.size, { 'statehouse.driver': 'standard' });
    observe('statehouse.executions.alive', express.size, { 'statehouse.driver': 'express' });
    observe('statehouse.executions.alive', syncExecutions.alive, { 'statehouse.driver': 'nested' });
  });
  let running: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;

  function onNews(news: WorkerNews): void {
    const looks =
      news.kind === 'stopped'
        ? [engine.ended(news.executionId, news.epoch)]
        : CONCERNED[news.kind].filter(isRun).map((service) => services[service].runOnce());
    for (const look of looks)
      look.catch((err: unknown) => logger.warn({ err, news }, 'could not look into news of the database'));
  }

  function isRun(service: string): boolean {
    return !isForSuspects || SERVICES_FOR_SUSPECTS.has(service);
  }

  async function start(): Promise<void> {
    await membership.join();
    running = Object.values(services)
      .filter(({ name }) => isRun(name))
      .map((service) => runService(service, clock, logger));
    try {
      if (!isForSuspects) await queue.start();
    } catch (error) {
      await stop();
      throw error;
    }
  }

  function stop(): Promise<void> {
    stopping ??= stopOnce();
    return stopping;
  }

  async function stopOnce(): Promise<void> {
    engine.close();
    const graceMs = options.graceSeconds * 1000;
    // The heartbeat goes on meanwhile: a draining worker still holds leases.
    await Promise.all([
      farewell(queue.stop()),
      engine.drain(graceMs),
      express.drain(graceMs),
      isolation?.stop(),
    ]);
    await farewell(Promise.all(running.map((stopService) => stopService())));
    await farewell(membership.leave());
  }

  async function farewell(done: Promise<unknown>): Promise<void> {
    try {
      await within(clock, FAREWELL_MS, done);
    } catch (error) {
      logger.warn({ err: error }, 'a stopping worker could not clean up');
    }
  }

  return {
    start,
    stop,
    services,
    get liveExecutions() {
      return engine.size + express.size;
    },
    get isCurrent() {
      return membership.isCurrent();
    },
    get isStopping() {
      return stopping !== undefined;
    },
  };
}

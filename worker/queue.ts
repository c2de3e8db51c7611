/**
 * The job queue: graphile-worker, kept running. A job `advance {executionId}` is a hint that an execution has
 * something to do; the claim decides, so a job lost or delivered twice does no harm.
 *
 * Graphile's runner can end by itself: one failed completion of jobs (a connection that broke) is enough, and
 * then nothing runs any more. So its promise is watched, and a new runner, with a pool and an id of its own,
 * takes over after a pause that grows while runners end soon after they began. And a runner whose first look at its
 * tables fails keeps that failure for ever, so one that has not fetched soon is given up.
 */
import { EventEmitter } from 'node:events';
import {
  Logger as GraphileLogger,
  type LogLevel,
  type Runner,
  run,
  type WorkerEvents,
} from 'graphile-worker';
import pg from 'pg';
import { type Clock, pause, within } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/log.ts';

export interface QueueOptions {
  readonly databaseUrl: string;
  /** Claims in flight. The store gathers those of one moment into one statement. */
  readonly concurrency: number;
  /** Must not throw: a job is a hint, there is nothing to retry. */
  readonly advance: (executionId: string) => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Jobs fetched, and locked, at a time. */
const LOCAL_QUEUE_SIZE = 500;

/** One listens, one fetches, the others complete jobs. Handlers use the store's pool, not this one. */
const CONNECTIONS_MAX = 4;

/** How long a new runner may take until it has fetched for the first time. */
const FIRST_FETCH_MS = 5000;

/** A connection that is not made, or a statement that is not answered, for this long: the link is dead. */
const CONNECT_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = 30_000;

/** How long the connections of a runner that has ended may take to close. */
const CLOSE_MS = 5000;

const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 10_000;
/** A runner that has lived this long was a good one: the next failure starts from the shortest pause. */
const STABLE_MS = 60_000;

interface Running {
  readonly runner: Runner;
  readonly pool: pg.Pool;
}

/** Where a worker's jobs come from. */
export type JobQueue = Pick<Queue, 'start' | 'stop'>;

export class Queue {
  readonly #options: QueueOptions;
  readonly #logger: GraphileLogger;
  readonly #stopping = new AbortController();
  #running: Running | undefined;
  #supervision: Promise<void> = Promise.resolve();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#logger = new GraphileLogger(() => (level, message) => {
      options.logger[this.#stopping.signal.aborted ? LEVEL_STOPPING : LEVELS[level]](message);
    });
  }

  /** Resolves when jobs are being fetched. @throws what the database throws: a first runner must come up */
  async start(): Promise<void> {
    this.#running = await this.#run();
    this.#supervision = this.#supervise();
  }

  /** Fetches no more, gives fetched jobs back, and resolves when the handlers under way are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#running) await stopped(this.#running);
    await this.#supervision;
  }

  async #supervise(): Promise<void> {
    const { clock, logger } = this.#options;
    let delayMs = RESTART_MS_MIN;
    while (true) {
      const startedAt = clock.monotonic();
      if (this.#running) {
        const error = await this.#ended(this.#running);
        if (this.#stopping.signal.aborted) return;
        if (clock.monotonic() - startedAt > STABLE_MS) delayMs = RESTART_MS_MIN;
        logger.error({ err: error, delayMs }, 'the job runner ended; a new one takes over');
      }
      await pause(clock, delayMs, this.#stopping.signal);
      delayMs = Math.min(delayMs * 2, RESTART_MS_MAX);
      await this.#restart();
      if (this.#stopping.signal.aborted) return;
    }
  }

  async #restart(): Promise<void> {
    try {
      if (!this.#stopping.signal.aborted) this.#running = await this.#run();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'the job runner could not start; it will be tried again');
    }
    // It may have come up while the worker was being stopped.
    if (!this.#stopping.signal.aborted || !this.#running) return;
    await this.#discard(this.#running);
  }

  async #discard(running: Running): Promise<void> {
    await stopped(running);
    await this.#ended(running);
  }

  /** Resolves when the runner is over and its connections are closed, with what it failed with. */
  async #ended({ runner, pool }: Running): Promise<unknown> {
    const error = await runner.promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    this.#running = undefined;
    await within(this.#options.clock, CLOSE_MS, pool.end()).catch(() => {});
    return error;
  }

  async #run(): Promise<Running> {
    const { databaseUrl, concurrency, clock, logger } = this.#options;
    const pool = createPool(databaseUrl, logger);
    const events: WorkerEvents = new EventEmitter();
    const fetched = new Promise<void>((resolve) =>
      events.once('localQueue:getJobs:complete', () => resolve()),
    );
    let runner: Runner | undefined;
    try {
      runner = await run({
        concurrency,
        events,
        noHandleSignals: true,
        logger: this.#logger,
        taskList: { advance: (payload) => this.#advance(payload) },
        // Without this it reads a file `crontab` of the current folder.
        parsedCronItems: [],
        pgPool: pool,
        preset: {
          worker: { localQueue: { size: LOCAL_QUEUE_SIZE }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
        },
      });
      await within(clock, FIRST_FETCH_MS, Promise.race([fetched, runner.promise]));
      return { runner, pool };
    } catch (error) {
      if (runner) await this.#discard({ runner, pool });
      else await pool.end();
      throw error;
    }
  }

  async #advance(payload: unknown): Promise<void> {
    const executionId = executionIdOf(payload);
    if (executionId === undefined) return this.#options.logger.error({ payload }, 'a job names no execution');
    await this.#options.advance(executionId);
  }
}

/**
 * Graphile logs each job at `info`, and at `warning` that it has fewer connections than handlers, which is meant
 * here. Nothing depends on its jobs, and its end is logged by us.
 */
const LEVELS: Record<LogLevel, 'warn' | 'debug' | 'trace'> = {
  error: 'warn',
  warning: 'debug',
  info: 'trace',
  debug: 'trace',
};

/**
 * A runner that is stopped while it holds jobs gives them back and then calls that a failure: graphile-worker
 * 0.18 counts what is under way before it asks for it. What would really stay locked is freed as a dead worker's jobs are.
 */
const LEVEL_STOPPING = 'debug';

/**
 * A pool for one runner. Not graphile's own: that one stops listening for errors before its connections are
 * closed, and a connection that the server ends at that moment would end the process.
 */
function createPool(databaseUrl: string, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'statehouse jobs',
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
  });
  pool.on('connect', (client) => {
    releaseOnce(client);
    client.on('error', (error) => logger.debug({ err: error }, 'a connection of the job runner was lost'));
  });
  pool.on('error', () => {});
  return pool;
}

/**
 * Graphile gives its listening connection back twice when that breaks while its runner stops. The pool throws at the
 * second time, nobody catches it, and that would end the process.
 */
function releaseOnce(client: pg.PoolClient): void {
  let release: pg.PoolClient['release'];
  Object.defineProperty(client, 'release', {
    get: () => release,
    // The pool sets it each time the connection is taken.
    set: (giveBack: pg.PoolClient['release']) => {
      let released = false;
      release = (error) => {
        if (!released) giveBack(error);
        released = true;
      };
    },
  });
}

async function stopped({ runner }: Running): Promise<void> {
  await runner.stop().catch(() => {}); // it rejects when the runner is stopping by itself
}

function executionIdOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('executionId' in payload)) return undefined;
  return typeof payload.executionId === 'string' ? payload.executionId : undefined;
}

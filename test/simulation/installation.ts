/** Everything that runs in one simulation: the database, workers, clients, functions, and the ways between them. */
import { type Logger, pino } from 'pino';
import { StatesIntegration } from '../../integrations/states/states-integration.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import type { Tuning } from '../../worker/tuning.ts';
import { createWorker, type Worker } from '../../worker/worker.ts';
import type { Crash } from '../chaos/checker/evidence.ts';
import type { Dice } from '../chaos/dice.ts';
import { START_TIME } from '../support/in-memory-run.ts';
import { Clients } from './clients.ts';
import { SimulatedFunctions } from './functions.ts';
import { SimulatedQueue } from './job-queue.ts';
import { Link, SILENT } from './link.ts';
import type { ModelDatabase } from './model/database.ts';
import type { Transaction } from './model/tables.ts';
import { SimulatedProcess } from './process.ts';
import { type Subscribe, simulatedStore } from './store.ts';
import { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

export const WORKER_TIMEOUT_SECONDS = 5;
const RESTART_MS = 500;

export interface InstallationOptions {
  readonly dice: Dice;
  readonly weather: Weather;
  readonly tuning: Partial<Tuning>;
  /** Tests plant faults here. */
  readonly createDatabase: (clock: () => number, notify: Transaction['notify']) => ModelDatabase;
  /** Gets a line for each happening, and for each of the workers' logs. */
  readonly trace?: ((line: string) => void) | undefined;
}

/** A worker, and the process that it is alone in. */
export interface WorkerProcess {
  readonly process: SimulatedProcess;
  readonly worker: Worker;
}

interface Listener {
  readonly process: SimulatedProcess;
  /** What is told of jobs, and what of all else. */
  readonly channel: 'jobs' | 'news';
  readonly hear: (payload: string) => void;
  readonly back: () => void;
}

export class Installation {
  readonly timeline: Timeline;
  readonly database: ModelDatabase;
  readonly clients: Clients;
  readonly functions: SimulatedFunctions;
  readonly crashes: Crash[] = [];
  workers: WorkerProcess[] = [];
  readonly #options: InstallationOptions;
  readonly #logger: Logger;
  readonly #listeners = new Set<Listener>();
  #isUp = true;
  /** How far the database's clock is ahead. */
  #aheadMs = 0;
  #workersMade = 0;

  constructor(options: InstallationOptions) {
    const { dice, weather, trace } = options;
    this.#options = options;
    this.timeline = new Timeline(dice, trace);
    this.#logger = trace
      ? pino({ level: 'info', base: null, timestamp: false }, { write: (line) => trace(`  ${line.trim()}`) })
      : SILENT;
    this.database = options.createDatabase(
      () => this.now,
      (payload) => this.#tellAll(payload),
    );
    const api = new SimulatedProcess('api', this.timeline);
    const store = simulatedStore(this.database, this.#linkOf(api), this.#subscribe(api));
    this.clients = new Clients(api, store, this.database.tables);
    this.functions = new SimulatedFunctions(this.timeline, weather, dice, this.clients);
  }

  /** The database's time, ms since 1970. */
  get now(): number {
    return START_TIME + Math.floor(this.timeline.now) + this.#aheadMs;
  }

  /** Starts a worker; another one, when it has died or does not come up. */
  startWorker(): void {
    const name = `w${++this.#workersMade}`;
    const process = new SimulatedProcess(name, this.timeline, () => this.#replace(started));
    const link = this.#linkOf(process);
    const store = simulatedStore(this.database, link, this.#subscribe(process));
    const states = new StatesIntegration({
      store: () => store,
      ceilings: PORTABLE_LIMITS,
      traceSampler: undefined,
    });
    const functions = this.functions.integrationFor(process);
    const worker = createWorker({
      store,
      databaseUrl: '',
      integrations: { find: (resource) => [states, functions].find((one) => one.serves(resource)) },
      graceSeconds: 2,
      workerTimeoutSeconds: WORKER_TIMEOUT_SECONDS,
      logRetentionDays: 30,
      logger: this.#logger.child({ worker: name }),
      tuning: this.#options.tuning,
      clock: process,
      hooks: {
        createQueue: (options) => {
          const queue = new SimulatedQueue(options, this.database, link);
          this.#listen(process, 'jobs', () => void queue.fetch());
          return queue;
        },
      },
    });
    const started: WorkerProcess = { process, worker };
    this.workers.push(started);
    worker.start().catch(() => process.kill());
  }

  /** Ends it as SIGTERM does. Another one is started when it has gone. */
  stop(stopped: WorkerProcess): void {
    stopped.worker.stop().then(
      () => stopped.process.kill(),
      (error: unknown) => {
        this.crashes.push({ process: stopped.process.name, how: String(error) });
        stopped.process.kill();
      },
    );
  }

  #replace(gone: WorkerProcess): void {
    this.workers = this.workers.filter((worker) => worker !== gone);
    this.timeline.after(RESTART_MS, 'a worker starts', () => this.startWorker());
  }

  /** For so long the database takes no calls, and answers none. */
  breakDown(durationMs: number): void {
    this.#isUp = false;
    this.timeline.after(durationMs, 'the database is back', () => {
      this.#isUp = true;
      for (const { process, back } of this.#listeners) process.enter(back);
    });
  }

  leapDatabaseClock(ms: number): void {
    this.#aheadMs += ms;
  }

  #linkOf(process: SimulatedProcess): Link {
    return new Link(process, this.timeline, this.#options.weather, () => this.#isUp);
  }

  #subscribe(process: SimulatedProcess): Subscribe {
    return (hear, back) => this.#listen(process, 'news', hear, back);
  }

  #listen(
    process: SimulatedProcess,
    channel: Listener['channel'],
    hear: Listener['hear'],
    back: Listener['back'] = () => {},
  ): () => void {
    const listener = { process, channel, hear, back };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tellAll(payload: string): void {
    const told = payload === 'jobs' ? 'jobs' : 'news';
    for (const { process, channel, hear } of this.#listeners) {
      if (process.isDead || channel !== told) continue;
      const delay = this.#options.weather.newsDelay();
      if (delay !== undefined)
        this.timeline.after(delay, `${process.name} hears: ${payload}`, () =>
          process.enter(() => hear(payload)),
        );
    }
  }
}

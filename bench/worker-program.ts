/**
 * `node bench/worker-program.ts DATABASE_URL TASKS`: a worker in a process of its own, as `statehouse worker` makes it, with
 * a meter. TASKS is the path of a function map, or `no-op`. It is started and stopped over IPC, again and again: what the
 * compiler has learnt in one run is there in the next.
 */
import { ceilingsOf, placeOf, readConfig } from '../cli/config.ts';
import { createIntegrations } from '../integrations/registry.ts';
import { openStore } from '../store/open.ts';
import { createLogger } from '../telemetry/log.ts';
import { createWorker, type Worker } from '../worker/worker.ts';
import { DrainMeter, type Progress } from './drain-meter.ts';
import { NO_OP } from './no-op.ts';

export type WorkerRequest = 'start' | 'stop';
export type WorkerNotice =
  | { readonly kind: 'opened' | 'started' | 'stopped' }
  | ({ readonly kind: 'progress' } & Progress)
  | { readonly kind: 'failed'; readonly executionId: string; readonly status: string };

const PROGRESS_MS = 20;

const [databaseUrl = '', tasks = ''] = process.argv.slice(2);
const config = readConfig();
const logger = createLogger('warn');
const ceilings = ceilingsOf(config);
const store = await openStore({ databaseUrl, poolSize: config.STATEHOUSE_POOL_SIZE, logger });
const integrations =
  tasks === 'no-op'
    ? NO_OP
    : createIntegrations({
        functions: tasks,
        env: process.env,
        place: placeOf(config),
        store: () => store,
        ceilings,
        logger,
      });

let worker: Worker | undefined;
let reporting: NodeJS.Timeout | undefined;

async function start(): Promise<void> {
  const meter = new DrainMeter(store.leases, (executionId, status) =>
    say({ kind: 'failed', executionId, status }),
  );
  worker = createWorker({
    store: { ...store, leases: meter.leases },
    databaseUrl,
    integrations,
    ceilings,
    graceSeconds: 0,
    workerTimeoutSeconds: config.STATEHOUSE_WORKER_TIMEOUT_SECONDS,
    logRetentionDays: config.STATEHOUSE_LOG_RETENTION_DAYS,
    logger,
  });
  let said = 0;
  reporting = setInterval(() => {
    const { progress } = meter;
    if (progress.ended !== said) say({ kind: 'progress', ...progress });
    said = progress.ended;
  }, PROGRESS_MS);
  await worker.start();
  say({ kind: 'started' });
}

async function stop(): Promise<void> {
  clearInterval(reporting);
  await worker?.stop();
  say({ kind: 'stopped' });
}

function say(notice: WorkerNotice): void {
  process.send?.(notice);
}

process.on('message', (request: WorkerRequest) => {
  // A promise that is rejected ends the process, which its parent sees.
  void (request === 'start' ? start() : stop());
});
// By an exit of its own, so that a profile is written when one has been asked for.
process.once('disconnect', () => process.exit());
say({ kind: 'opened' });

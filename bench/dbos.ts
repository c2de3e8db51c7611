/**
 * `node bench/dbos.ts DATABASE_URL`: a process with DBOS in it, for a durable workflow of ten steps that do nothing. Does
 * what it is told over IPC. It reaches nothing but the database: DBOS exports and connects only when it is configured to.
 */
import { percentile } from './statistics.ts';

export interface DbosRequest {
  /** Workflows under way at a time. */
  readonly atOnce: number;
  /** When it is over: after so many seconds, or so many workflows. */
  readonly seconds?: number;
  readonly workflows?: number;
}
export interface DbosReply {
  readonly workflowsPerSecond: number;
  readonly latencyMsP50: number;
  readonly latencyMsP95: number;
}

/** The part of the package that is used; it is not installed where the compiler looks. */
interface Package {
  readonly DBOS: {
    setConfig(config: object): void;
    registerWorkflow<F extends () => Promise<unknown>>(workflow: F, options: { name: string }): F;
    runStep(step: () => Promise<unknown>, options: { name: string }): Promise<unknown>;
    launch(): Promise<void>;
  };
}

const STEPS = 10;
/** Connections; its default is 10. */
const POOL_SIZE = 50;
const ENTRY = new URL('peers/node_modules/@dbos-inc/dbos-sdk/dist/src/index.js', import.meta.url);

const [systemDatabaseUrl = ''] = process.argv.slice(2);
const { DBOS } = (await import(ENTRY.href)) as Package;
DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl,
  systemDatabasePoolSize: POOL_SIZE,
  logLevel: 'error',
});
const workflow = DBOS.registerWorkflow(
  async () => {
    for (let n = 0; n < STEPS; n++) await DBOS.runStep(async () => ({}), { name: `step-${n}` });
    return {};
  },
  { name: 'task-10' },
);
await DBOS.launch();

async function run(request: DbosRequest): Promise<DbosReply> {
  const { atOnce, seconds = Number.POSITIVE_INFINITY, workflows = Number.POSITIVE_INFINITY } = request;
  const latenciesMs: number[] = [];
  const begin = performance.now();
  let started = 0;
  const loop = async (): Promise<void> => {
    while (started < workflows && performance.now() - begin < seconds * 1000) {
      started++;
      const startedAt = performance.now();
      await workflow();
      latenciesMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
  return {
    workflowsPerSecond: (latenciesMs.length * 1000) / (performance.now() - begin),
    latencyMsP50: percentile(latenciesMs, 50),
    latencyMsP95: percentile(latenciesMs, 95),
  };
}

process.on('message', (request: DbosRequest) => {
  // A promise that is rejected ends the process, which its parent sees.
  run(request).then((reply) => process.send?.(reply));
});
process.send?.('ready');

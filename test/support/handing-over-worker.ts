/**
 * A program for test/property/processes.test.ts: a worker that gives an execution away after every append, without
 * snapshots, and says a line for each. Argument: the database's URL.
 */
import type { TaskIntegration } from '../../integrations/integration.ts';
import { openStore } from '../../store/open.ts';
import { createLogger } from '../../telemetry/log.ts';
import { createWorker } from '../../worker/worker.ts';
import { answerByAttempt } from './handing-over-scenarios.ts';

const [databaseUrl = ''] = process.argv.slice(2);
const logger = createLogger('error');
const tasks: TaskIntegration = {
  name: 'test',
  recovery: 'unknown',
  serves: () => true,
  lost: () => ({ error: 'Lost' }),
  invoke: async ({ input }) => answerByAttempt(input.text),
  close: async () => {},
};
const store = await openStore({ databaseUrl, poolSize: 4, logger });
const worker = createWorker({
  store,
  databaseUrl,
  integrations: { find: () => tasks },
  graceSeconds: 0,
  workerTimeoutSeconds: 30,
  logRetentionDays: 30,
  logger,
  tuning: {
    hotMs: 0,
    maxEventsPerTransition: 0,
    snapshotAfter: { events: Number.POSITIVE_INFINITY, characters: Number.POSITIVE_INFINITY },
  },
  hooks: {
    afterAppend: (executionId, seq) => {
      process.stdout.write(`appended ${executionId} ${seq}\n`);
      return 'end-activation';
    },
  },
});
await worker.start();
process.stdout.write('ready\n');
process.once('SIGTERM', async () => {
  await worker.stop();
  await store.close();
});

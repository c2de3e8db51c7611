/** What a state machine has to wait for that starts little, while another one has a backlog. */
import { chain } from '../chain.ts';
import { oneAtATime, preload } from '../drain.ts';
import { newMachine } from '../machine.ts';
import type { Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

/** Executions of the noisy state machine: more than a worker takes into its memory at a time. */
const BACKLOG = 10_000;
const IDLE = 20;

const integrations = { find: () => undefined, close: async () => {} };

/** The latency of the quiet state machine's first execution, what was left of the backlog then, and the latency without one. */
export const fairShare: Scenario = {
  name: 'fair-share',
  async run(server) {
    const noisy = await newMachine(server, 'noisy', chain(10, { Type: 'Pass' }));
    const quiet = await newMachine(server, 'quiet', chain(10, { Type: 'Pass' }));
    await preload(server.client, noisy, BACKLOG);
    const worker = server.worker(integrations, server.leases);
    try {
      await worker.start();
      const begin = performance.now();
      const [firstLatencyMs = Number.NaN] = await oneAtATime(server.client, quiet, 1);
      const backlogThen = await server.jobs();
      while ((await server.jobs()) + worker.liveExecutions > 0) await new Promise(setImmediate);
      const drainedMs = performance.now() - begin;
      const idleMs = await oneAtATime(server.client, quiet, IDLE);
      return { firstLatencyMs, backlogThen, drainedMs, idleLatencyMsP50: percentile(idleMs, 50) };
    } finally {
      await worker.stop();
    }
  },
};

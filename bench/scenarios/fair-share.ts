/** What a state machine has to wait for that starts little, while another one has a backlog. */
import { chain } from '../chain.ts';
import { oneAtATime, preload } from '../drain.ts';
import { newMachine } from '../machine.ts';
import type { Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

/** Executions of the backlog for each one that is preloaded elsewhere: it outlasts the measurement. */
const BACKLOG = 4;
/** Part of the executions that are run one at a time elsewhere. */
const QUIET = 0.1;

const integrations = { find: () => undefined, close: async () => {} };

/** Metrics: the latency of the quiet state machine, with a backlog of the other and without; how many it was. */
export const fairShare: Scenario = {
  name: 'fair-share',
  async run(server, { preloaded, oneAtATime: count }) {
    const noisy = await newMachine(server, 'noisy', chain(100, { Type: 'Pass' }));
    const quiet = await newMachine(server, 'quiet', chain(10, { Type: 'Pass' }));
    await preload(server.client, noisy, preloaded * BACKLOG);
    const worker = server.worker(integrations, server.leases);
    try {
      await worker.start();
      const busyMs = await oneAtATime(server.client, quiet, count * QUIET);
      const backlog = await server.jobs();
      while ((await server.jobs()) + worker.liveExecutions > 0) await new Promise(setImmediate);
      const idleMs = await oneAtATime(server.client, quiet, count * QUIET);
      return {
        backlogAtTheEnd: backlog,
        busyLatencyMsP50: percentile(busyMs, 50),
        busyLatencyMsP95: percentile(busyMs, 95),
        idleLatencyMsP50: percentile(idleMs, 50),
        idleLatencyMsP95: percentile(idleMs, 95),
      };
    } finally {
      await worker.stop();
    }
  },
};

import { Teardown } from '../process/teardown.ts';
import type { Logger } from '../telemetry/log.ts';
import { stopSignal } from './shutdown.ts';

/** How long what is left open may keep the process: a connection to a server that does not answer, say. */
const LINGER_MS = 1000;

/**
 * Runs a process of a role until it is told to stop, which may be while it starts: the first process of a container gets
 * no signal that it does not listen to, and would then run on. Whatever `start` has started is taken down at the end, also
 * when it fails half way: nothing that is left open keeps the process from ending.
 * @param start puts what has to be taken down into the teardown
 * @throws what `start` throws
 */
export async function runRole(
  role: 'api' | 'worker',
  logger: Logger,
  start: (teardown: Teardown) => Promise<void>,
): Promise<void> {
  const teardown = new Teardown();
  const stopped = stopSignal();
  try {
    await start(teardown);
    const signal = await stopped;
    logger.info({ signal }, `${role} stopping`);
  } finally {
    await teardown.run().finally(() => setTimeout(() => process.exit(), LINGER_MS).unref());
  }
}

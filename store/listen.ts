/**
 * News for a worker over LISTEN, on a connection of its own that comes back after it breaks. Advisory: the worker
 * asks for its mail in intervals as well.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../telemetry/log.ts';
import type { WorkerNews } from './store.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5000;

interface Listening {
  readonly client: pg.Client;
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Calls `news` until the function that it resolves with is called.
 * @throws the error of the first attempt to connect; later ones are repeated
 */
export async function listenForNews(
  newClient: () => pg.Client,
  logger: Logger,
  workerId: string,
  news: (news: WorkerNews) => void,
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const connect = () =>
    listen(newClient(), logger, (payload) => {
      const item = parseNews(payload, workerId);
      if (item) news(item);
    });

  let current = await connect();
  const loop = (async () => {
    for (;;) {
      await current.ended;
      const next = await reconnect(connect, logger, stopping.signal);
      if (next === undefined) return;
      current = next;
      news({ kind: 'reconnected' });
    }
  })();
  return async () => {
    stopping.abort();
    await current.client.end();
    await loop;
  };
}

async function listen(
  client: pg.Client,
  logger: Logger,
  onPayload: (payload: string) => void,
): Promise<Listening> {
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.on('error', (error) => logger.warn({ err: error }, 'connection for news lost'));
  client.on('notification', ({ payload }) => onPayload(payload ?? ''));
  try {
    await client.connect();
    await client.query('listen statehouse_news');
    return { client, ended };
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Undefined: stopped before the connection was back. */
async function reconnect(
  connect: () => Promise<Listening>,
  logger: Logger,
  stopping: AbortSignal,
): Promise<Listening | undefined> {
  for (let delay = FIRST_DELAY_MS; !stopping.aborted; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    try {
      const listening = await connect();
      if (!stopping.aborted) return listening;
      await listening.client.end();
    } catch (error) {
      logger.warn({ err: error, delayMs: delay }, 'cannot listen for news, trying again');
      await sleep(delay, undefined, { signal: stopping }).catch(() => {});
    }
  }
  return undefined;
}

/** `mail <worker>` or `stopped <worker> <execution>`, written by migrations/; undefined: not for this worker. */
function parseNews(payload: string, workerId: string): WorkerNews | undefined {
  const [kind, worker, executionId] = payload.split(' ');
  if (worker !== workerId) return undefined;
  if (kind === 'mail') return { kind };
  if (kind === 'stopped' && executionId !== undefined) return { kind, executionIds: [executionId] };
  return undefined;
}

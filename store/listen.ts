/**
 * News over LISTEN, on a connection of its own that comes back after it breaks. Advisory: whoever listens asks in
 * intervals as well.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../telemetry/log.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5000;

interface Listening {
  readonly client: pg.Client;
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<void>;
}

export interface ListenOptions {
  readonly newClient: () => pg.Client;
  readonly channel: string;
  readonly onPayload: (payload: string) => void;
  /** The connection was lost and is back: anything may have been missed. */
  readonly onReconnect: () => void;
  readonly logger: Logger;
}

/**
 * Calls back until the function that it resolves with is called.
 * @throws the error of the first attempt to connect; later ones are repeated
 */
export async function listen(options: ListenOptions): Promise<() => Promise<void>> {
  const { logger } = options;
  const stopping = new AbortController();
  const connect = () => connectListening(options);

  let current = await connect();
  const loop = (async () => {
    for (;;) {
      await current.ended;
      const next = await reconnect(connect, logger, stopping.signal);
      if (next === undefined) return;
      current = next;
      options.onReconnect();
    }
  })();
  return async () => {
    stopping.abort();
    await current.client.end();
    await loop;
  };
}

async function connectListening(options: ListenOptions): Promise<Listening> {
  const { newClient, channel, onPayload, logger } = options;
  const client = newClient();
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.on('error', (error) => logger.warn({ err: error }, 'connection for news lost'));
  client.on('notification', ({ payload }) => onPayload(payload ?? ''));
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
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

import type { FastifyReply, FastifyRequest } from 'fastify';
import { awsError } from './errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** While it waits for news: to be aborted when its client leaves. */
    gone: AbortController | undefined;
  }
}

/**
 * Waits on behalf of a request, which lets others have its slot meanwhile.
 * @param wait is given a signal: aborted when nobody is there any more to read the answer
 */
export type WaitForNews = <News>(wait: (gone: AbortSignal) => Promise<News>) => Promise<News>;

export function waitForNewsOf(request: FastifyRequest, { raw }: FastifyReply): WaitForNews {
  return async (wait) => {
    const gone = new AbortController();
    if (raw.destroyed) gone.abort();
    request.gone = gone;
    request.slot?.lend();
    try {
      return await wait(gone.signal);
    } finally {
      request.slot?.takeBack();
      request.gone = undefined;
    }
  };
}

/** Proxies on the way would give up on a longer silence; callers ask again. */
const WAIT_SECONDS_MAX = 300;

/**
 * How long a request would wait, by its parameter `wait`; absent: not at all.
 * @throws AwsError ValidationException
 */
export function readWaitSeconds(wait: unknown): number {
  if (wait === undefined) return 0;
  const seconds = typeof wait === 'string' && /^\d+(\.\d+)?$/.test(wait) ? Number(wait) : Number.NaN;
  if (seconds >= 0 && seconds <= WAIT_SECONDS_MAX) return seconds;
  throw awsError('ValidationException', `'wait' must be a number of seconds from 0 to ${WAIT_SECONDS_MAX}`);
}

import type { FastifyReply, FastifyRequest } from 'fastify';
import { awsError } from './errors.ts';

/**
 * Waits on behalf of a request, which lets others have its slot meanwhile.
 * @param wait is given a signal: aborted when nobody is there any more to read the answer
 */
export type WaitForNews = <News>(wait: (gone: AbortSignal) => Promise<News>) => Promise<News>;

export function waitForNewsOf({ slot }: FastifyRequest, { raw }: FastifyReply): WaitForNews {
  return async (wait) => {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    if (raw.destroyed) leave();
    else raw.on('close', leave);
    slot?.lend();
    try {
      return await wait(gone.signal);
    } finally {
      slot?.takeBack();
      raw.off('close', leave); // it comes after each answer too
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

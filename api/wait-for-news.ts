import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Waits on behalf of a request, which lets others have its slot meanwhile.
 * @param wait is given a signal: aborted when nobody is there any more to read the answer
 */
export type WaitForNews = <News>(wait: (gone: AbortSignal) => Promise<News>) => Promise<News>;

export function waitForNewsOf({ slot }: FastifyRequest, { raw }: FastifyReply): WaitForNews {
  return (wait) => {
    const gone = new AbortController();
    if (raw.destroyed) gone.abort();
    else raw.once('close', () => gone.abort());
    const waiting = () => wait(gone.signal);
    return slot?.whileWaiting(waiting) ?? waiting();
  };
}

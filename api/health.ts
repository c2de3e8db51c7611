import type { FastifyInstance } from 'fastify';
import type { Store } from '../store/store.ts';

/**
 * `/healthz`: this process answers; no database is asked, for restarting would not bring one back.
 * `/readyz`: requests can be served. Neither is refused because of many requests: whoever asks would take the process
 * for ill.
 * @param closing from then on the process is not ready
 */
export function serveHealth(app: FastifyInstance, store: Store, closing: AbortSignal): void {
  const config = { needsNoSlot: true };
  app.get('/healthz', { config }, async () => ({ status: 'ok' }));
  app.get('/readyz', { config }, async (_request, reply) => {
    const checks = closing.aborted ? { server: 'closing' } : await databaseFault(store);
    if (checks === undefined) return { status: 'ok' };
    return reply.code(503).send({ status: 'unavailable', checks });
  });
}

async function databaseFault(store: Store): Promise<{ readonly database: string } | undefined> {
  const fault = await store.check().catch((error: unknown) => String(error));
  return fault === undefined ? undefined : { database: fault };
}

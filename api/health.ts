import type { FastifyInstance } from 'fastify';
import type { Store } from '../store/store.ts';

/**
 * `/healthz`: this process answers; no database is asked, for restarting would not bring one back.
 * `/readyz`: requests can be served.
 */
export function serveHealth(app: FastifyInstance, store: Store): void {
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const fault = await store.check().catch((error: unknown) => String(error));
    if (fault === undefined) return { status: 'ok' };
    return reply.code(503).send({ status: 'unavailable', checks: { database: fault } });
  });
}

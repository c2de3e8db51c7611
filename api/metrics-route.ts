import type { FastifyInstance } from 'fastify';
import { EXPOSITION_TYPE } from '../telemetry/metrics/start-metrics.ts';

/**
 * `/metrics` for Prometheus. As with the health checks nobody is asked who he is, and it is not refused because of
 * many requests: that is when it is wanted most.
 */
export function serveMetrics(app: FastifyInstance, exposition: () => Promise<string>): void {
  app.get('/metrics', { config: { needsNoSlot: true } }, async (_request, reply) =>
    reply.type(EXPOSITION_TYPE).send(await exposition()),
  );
}

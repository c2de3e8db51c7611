import type { Metrics } from '../telemetry/metrics/metrics.ts';

/** What a pool of `pg` tells of itself. */
interface Pool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly options: { readonly max: number };
}

/** @see https://opentelemetry.io/docs/specs/semconv/database/database-metrics/#connection-pools */
export function observePool(
  metrics: Metrics,
  pool: Pool,
  name: 'statehouse' | 'statehouse sql task' = 'statehouse',
): void {
  const labels = { 'db.client.connection.pool.name': name };
  metrics.observe(
    ['db.client.connection.count', 'db.client.connection.max', 'db.client.connection.pending_requests'],
    (observe) => {
      const { totalCount, idleCount, waitingCount, options } = pool;
      const count = (state: 'idle' | 'used', connections: number) =>
        observe('db.client.connection.count', connections, {
          ...labels,
          'db.client.connection.state': state,
        });
      count('idle', idleCount);
      count('used', totalCount - idleCount);
      observe('db.client.connection.max', options.max, labels);
      observe('db.client.connection.pending_requests', waitingCount, labels);
    },
  );
}

import type { FastifyReply } from 'fastify';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import { errorOf, type RequestEnd } from './access-log.ts';
import { targetOf } from './aws-protocol.ts';

/** They begin an execution, or begin one again. */
const STARTS: ReadonlySet<string> = new Set(['StartExecution', 'StartSyncExecution', 'RedriveExecution']);

/**
 * Measures a request that is over; health checks and scrapes are none. What was refused before it was read is counted
 * under the operation that it names.
 */
export function measureRequest(metrics: Metrics, reply: FastifyReply, end: RequestEnd): void {
  const { request } = reply;
  if (request.needsNoSlot) return;
  const operation = { 'rpc.method': request.operation ?? targetOf(request) ?? '_OTHER' };
  const error = errorOf(request, end);
  const labels = error === undefined ? operation : { ...operation, 'error.type': error };
  metrics.record('statehouse.api.request.duration', end.durationMs / 1000, labels);
  if (error !== 'ThrottlingException') return;
  metrics.add('statehouse.api.requests.throttled', 1, operation);
  if (STARTS.has(operation['rpc.method'])) metrics.add('statehouse.executions.throttled', 1, operation);
}

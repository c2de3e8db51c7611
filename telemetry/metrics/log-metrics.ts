import type { ExecutionLogs } from '../logs/execution-logs.ts';
import type { Metrics } from './metrics.ts';

/** What becomes of the records that executions log. */
export function observeLogs(metrics: Metrics, queues: ExecutionLogs['queues']): void {
  metrics.observe(
    ['statehouse.logs.written', 'statehouse.logs.dropped', 'statehouse.logs.buffered'],
    (observe) => {
      for (const { name, written, dropped, buffered } of queues) {
        const labels = { 'statehouse.log.destination': name };
        observe('statehouse.logs.written', written, labels);
        observe('statehouse.logs.dropped', dropped, labels);
        observe('statehouse.logs.buffered', buffered, labels);
      }
    },
  );
}

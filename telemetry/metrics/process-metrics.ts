import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import type { Metrics } from './metrics.ts';

const NS_PER_S = 1e9;
const US_PER_S = 1e6;

/**
 * Node's own figures, by OpenTelemetry's semantic conventions.
 * @see https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/
 * @returns ends the measuring
 */
export function observeProcess(metrics: Metrics): () => void {
  const delay = monitorEventLoopDelay();
  delay.enable();
  let loop = performance.eventLoopUtilization();
  metrics.observe(
    [
      'nodejs.eventloop.delay.p50',
      'nodejs.eventloop.delay.p99',
      'nodejs.eventloop.delay.max',
      'nodejs.eventloop.utilization',
    ],
    (observe) => {
      const before = loop;
      loop = performance.eventLoopUtilization();
      observe('nodejs.eventloop.utilization', performance.eventLoopUtilization(loop, before).utilization, {});
      if (delay.count === 0) return;
      observe('nodejs.eventloop.delay.p50', delay.percentile(50) / NS_PER_S, {});
      observe('nodejs.eventloop.delay.p99', delay.percentile(99) / NS_PER_S, {});
      observe('nodejs.eventloop.delay.max', delay.max / NS_PER_S, {});
      delay.reset();
    },
  );
  metrics.observe(
    [
      'v8js.memory.heap.used',
      'v8js.memory.heap.limit',
      'process.memory.usage',
      'process.cpu.time',
      'process.uptime',
    ],
    (observe) => {
      for (const { space_name, space_size, space_used_size } of getHeapSpaceStatistics()) {
        const attributes = { 'v8js.heap.space.name': space_name };
        observe('v8js.memory.heap.used', space_used_size, attributes);
        observe('v8js.memory.heap.limit', space_size, attributes);
      }
      const { user, system } = process.cpuUsage();
      observe('process.memory.usage', process.memoryUsage.rss(), {});
      observe('process.cpu.time', user / US_PER_S, { 'cpu.mode': 'user' });
      observe('process.cpu.time', system / US_PER_S, { 'cpu.mode': 'system' });
      observe('process.uptime', process.uptime(), {});
    },
  );
  return () => delay.disable();
}

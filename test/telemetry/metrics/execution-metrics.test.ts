import { expect, test } from 'vitest';
import { runExpress } from '../../../express/express-execution.ts';
import { executionMetrics } from '../../../telemetry/metrics/execution-metrics.ts';
import { LeapingWorld, startOf } from '../../express/express-world.ts';
import { startTestMetrics } from '../../support/metrics.ts';

const PASS = { StartAt: 'a', States: { a: { Type: 'Succeed' } } };

function world(seriesMax: number, metrics: Parameters<typeof executionMetrics>[0]) {
  const leaping = new LeapingWorld(async () => ({ kind: 'succeeded', output: '1' }));
  leaping.watcher = executionMetrics(metrics, seriesMax);
  return leaping;
}

test('state machines beyond the bound share one series', async () => {
  const measured = await startTestMetrics();
  const leaping = world(2, measured.metrics);
  for (const name of ['one', 'two', 'three', 'four', 'one'])
    await runExpress(startOf(PASS, '{}', name), leaping);
  const started = (await measured.scrape()).filter(
    ({ name }) => name === 'statehouse_executions_started_total',
  );
  expect(
    started.map(({ labels, value }) => [
      labels.statehouse_state_machine_name ?? labels.otel_metric_overflow,
      value,
    ]),
  ).toEqual([
    ['one', 2],
    ['two', 1],
    ['true', 2],
  ]);
});

test('the bound holds over many scrapes, which is where the SDK’s own does not', async () => {
  const measured = await startTestMetrics();
  const leaping = world(2, measured.metrics);
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    await runExpress(startOf(PASS, '{}', name), leaping);
    await measured.scrape();
  }
  const started = (await measured.scrape()).filter(
    ({ name }) => name === 'statehouse_executions_started_total',
  );
  expect(started).toHaveLength(3);
});

test('no label has the execution’s name or data', async () => {
  const measured = await startTestMetrics();
  const leaping = world(100, measured.metrics);
  const task = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f:live', End: true };
  await runExpress(startOf({ StartAt: 'a', States: { a: task } }, '{"secret":"hunter2"}'), leaping);
  const labels = (await measured.scrape()).flatMap((sample) => Object.values(sample.labels));
  expect(labels).toContain('f');
  expect(labels.filter((label) => /hunter2|^run$|uuid/.test(label))).toEqual([]);
});

test('a synchronous execution whose client hangs up is counted as aborted', async () => {
  const measured = await startTestMetrics();
  const gone = new AbortController();
  const leaping = new LeapingWorld(() => {
    gone.abort();
    return new Promise(() => {});
  });
  leaping.watcher = executionMetrics(measured.metrics);
  const task = { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f', End: true };
  await runExpress(startOf({ StartAt: 'a', States: { a: task } }, '{}'), leaping, {
    signal: gone.signal,
    isOverWhenStopped: true,
  });
  expect(
    await measured.sum('statehouse_executions_aborted_total', { statehouse_state_machine_type: 'EXPRESS' }),
  ).toBe(1);
});

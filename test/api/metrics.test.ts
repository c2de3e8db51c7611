import { expect, test } from 'vitest';
import { executionMetrics } from '../../telemetry/metrics/execution-metrics.ts';
import { METRICS_OFF } from '../../telemetry/metrics/start-metrics.ts';
import { readExposition, startTestMetrics } from '../support/metrics.ts';
import { post, ROLE_ARN, startTestApi, type TestApiOptions } from './test-api.ts';

const DEFINITION = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Succeed' } } });

async function measuredApi(options: TestApiOptions = {}) {
  const measured = await startTestMetrics();
  const api = await startTestApi({ ...options, metrics: measured });
  return { ...api, measured, [Symbol.asyncDispose]: () => api.close() };
}

test('/metrics is served to everybody, also when all requests are refused', async () => {
  await using test = await measuredApi({ auth: 'sigv4', maxConcurrentRequests: 0 });
  const answer = await test.api.inject({ method: 'GET', url: '/metrics' });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const names = new Set(readExposition(answer.payload).map(({ name }) => name));
  expect(names).toContain('process_uptime_seconds');
});

test('requests are counted by operation and error, and health checks are not', async () => {
  await using test = await measuredApi();
  await test.call('ListStateMachines');
  await test.call('ListStateMachines');
  await test.fail('DescribeStateMachine', { stateMachineArn: 'nonsense' });
  await test.fail('OpenPodBayDoors');
  await test.api.inject({ method: 'GET', url: '/healthz' });
  await test.api.inject({ method: 'GET', url: '/metrics' });
  const requests = (await test.measured.scrape()).filter(
    ({ name }) => name === 'statehouse_api_request_duration_seconds_count',
  );
  expect(requests.map(({ labels, value }) => ({ ...labels, value }))).toEqual([
    { rpc_method: 'ListStateMachines', value: 2 },
    { rpc_method: 'DescribeStateMachine', error_type: 'InvalidArn', value: 1 },
    { rpc_method: '_OTHER', error_type: 'UnknownOperationException', value: 1 },
  ]);
  expect(await test.measured.sum('statehouse_api_request_duration_seconds_sum')).toBeGreaterThan(0);
});

test('throttled requests are counted by operation, before and after they are read', async () => {
  await using test = await measuredApi({ maxConcurrentRequests: 0 });
  await post(test.api, 'StartExecution', '{}');
  await post(test.api, 'ListExecutions', '{}');
  await post(test.api, 'ListExecutions', '{}');
  const { sum } = test.measured;
  const throttled = 'statehouse_api_requests_throttled_total';
  expect(await sum(throttled, { rpc_method: 'ListExecutions' })).toBe(2);
  expect(await sum(throttled, { rpc_method: 'StartExecution' })).toBe(1);
  expect(await sum('statehouse_executions_throttled_total')).toBe(1);
});

test('synchronous executions beyond the bound are counted as throttled', async () => {
  await using test = await measuredApi({ maxSyncExecutions: 0 });
  const { stateMachineArn } = await test.call('CreateStateMachine', {
    name: 'express',
    type: 'EXPRESS',
    definition: DEFINITION,
    roleArn: ROLE_ARN,
  });
  await test.fail('StartSyncExecution', { stateMachineArn });
  expect(
    await test.measured.sum('statehouse_executions_throttled_total', { rpc_method: 'StartSyncExecution' }),
  ).toBe(1);
});

test('an execution that is stopped is counted by the API that has stopped it', async () => {
  const measured = await startTestMetrics();
  const watcher = executionMetrics(measured.metrics);
  const test = await startTestApi({ metrics: measured, watcher });
  const { stateMachineArn } = await test.call('CreateStateMachine', {
    name: 'stopped',
    definition: DEFINITION,
    roleArn: ROLE_ARN,
  });
  const { executionArn } = await test.call('StartExecution', { stateMachineArn });
  await test.call('StopExecution', { executionArn });
  await test.close();
  const labels = { statehouse_state_machine_name: 'stopped', statehouse_state_machine_type: 'STANDARD' };
  expect(await measured.sum('statehouse_executions_aborted_total', labels)).toBe(1);
  expect(await measured.sum('statehouse_execution_time_seconds_count', labels)).toBe(1);
});

test('with metrics off there is no /metrics', async () => {
  const test = await startTestApi({ metrics: METRICS_OFF });
  expect((await test.api.inject({ method: 'GET', url: '/metrics' })).statusCode).toBe(404);
  await test.close();
});

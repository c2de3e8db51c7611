import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMachine, start, startTestApi, type TestApi, WAIT_DEFINITION } from './test-api.ts';

const PLACE = 'arn:aws:states:us-east-1:000000000000';
const T0 = Date.UTC(2026, 0, 1);
const COUNTS = {
  pending: 1,
  running: 2,
  succeeded: 3,
  failed: 4,
  timedOut: 5,
  aborted: 6,
  total: 21,
  resultsWritten: 0,
  failuresNotRedrivable: 0,
  pendingRedrive: 0,
};
let test: TestApi;
let executionArn: string;
beforeAll(async () => {
  test = await startTestApi();
  executionArn = await start(test, await createMachine(test, 'order', WAIT_DEFINITION), { name: 'one' });
});
afterAll(() => test.close());

/** Written as Distributed Map states will. @returns its ARN */
async function mapRun(columns: Record<string, unknown> = {}, execution = executionArn): Promise<string> {
  const [, name] = /:order:(.*)$/.exec(execution) ?? [];
  const row = {
    label: 'items',
    uuid: randomUUID(),
    started_at: new Date(T0),
    item_counts: COUNTS,
    execution_counts: { ...COUNTS, total: 22 },
    ...columns,
  };
  const names = Object.keys(row);
  await test.query(
    `insert into statehouse.map_runs (execution_id, ${names.join(', ')})
     select execution_id, ${names.map((_, index) => `$${index + 2}`).join(', ')}
     from statehouse.execution_names where name = $1`,
    [name, ...Object.values(row)],
  );
  return `${PLACE}:mapRun:order/${row.label}:${row.uuid}`;
}

const describeRun = (mapRunArn: string) => test.call('DescribeMapRun', { mapRunArn });

describe('DescribeMapRun', () => {
  it('shows one that is running', async () => {
    const mapRunArn = await mapRun();
    expect(await describeRun(mapRunArn)).toEqual({
      mapRunArn,
      executionArn,
      status: 'RUNNING',
      startDate: T0 / 1000,
      maxConcurrency: 0,
      toleratedFailureCount: 0,
      toleratedFailurePercentage: 0,
      itemCounts: COUNTS,
      executionCounts: { ...COUNTS, total: 22 },
      redriveCount: 0,
    });
  });

  it('shows one that has ended and was redriven', async () => {
    const mapRunArn = await mapRun({
      status: 'FAILED',
      stopped_at: new Date(T0 + 1500),
      max_concurrency: 7,
      tolerated_failure_count: 5_000_000_000,
      tolerated_failure_percentage: 33.3,
      redrive_count: 2,
      redriven_at: new Date(T0 + 1000),
    });
    expect(await describeRun(mapRunArn)).toMatchObject({
      status: 'FAILED',
      stopDate: T0 / 1000 + 1.5,
      maxConcurrency: 7,
      toleratedFailureCount: 5_000_000_000,
      toleratedFailurePercentage: 33.3,
      redriveCount: 2,
      redriveDate: T0 / 1000 + 1,
    });
  });
});

describe('ListMapRuns', () => {
  it('pages through those of an execution, the newest first', async () => {
    const other = await start(test, `${PLACE}:stateMachine:order`, { name: 'listed' });
    const arns = [];
    for (const label of ['a', 'b', 'c']) arns.unshift(await mapRun({ label }, other));
    const first = await test.call('ListMapRuns', { executionArn: other, maxResults: 2 });
    const rest = await test.call('ListMapRuns', { executionArn: other, nextToken: first.nextToken });
    expect([...first.mapRuns, ...rest.mapRuns]).toEqual(
      arns.map((mapRunArn, index) => ({
        executionArn: other,
        mapRunArn,
        stateMachineArn: `${PLACE}:stateMachine:order/${['c', 'b', 'a'][index]}`,
        startDate: T0 / 1000,
      })),
    );
    expect(first.mapRuns).toHaveLength(2);
    expect(rest).not.toHaveProperty('nextToken');
  });

  it('of an execution without any, and of none', async () => {
    const plain = await start(test, `${PLACE}:stateMachine:order`, { name: 'plain' });
    expect(await test.call('ListMapRuns', { executionArn: plain })).toEqual({ mapRuns: [] });
    expect((await test.fail('ListMapRuns', { executionArn: `${plain}-2` })).type).toBe(
      'ExecutionDoesNotExist',
    );
  });
});

describe('UpdateMapRun', () => {
  it.each([
    { maxConcurrency: 9 },
    { toleratedFailureCount: 10, toleratedFailurePercentage: 12.5 },
    { maxConcurrency: 0, toleratedFailureCount: 0, toleratedFailurePercentage: 0 },
  ])('sets %j and nothing else', async (change) => {
    const mapRunArn = await mapRun({ max_concurrency: 1, tolerated_failure_count: 2 });
    const before = await describeRun(mapRunArn);
    expect(await test.call('UpdateMapRun', { mapRunArn, ...change })).toEqual({});
    expect(await describeRun(mapRunArn)).toEqual({ ...before, ...change });
  });

  it('refuses one that has ended, and nothing to change', async () => {
    const ended = await mapRun({ status: 'ABORTED', stopped_at: new Date(T0) });
    expect(await test.fail('UpdateMapRun', { mapRunArn: ended, maxConcurrency: 1 })).toMatchObject({
      status: 400,
      type: 'ValidationException',
      reason: 'CANNOT_UPDATE_COMPLETED_MAP_RUN',
    });
    expect(await describeRun(ended)).toMatchObject({ maxConcurrency: 0 });
    expect(await test.fail('UpdateMapRun', { mapRunArn: await mapRun() })).toMatchObject({
      type: 'ValidationException',
      reason: 'MISSING_REQUIRED_PARAMETER',
    });
  });
});

describe('ListExecutions of a Map Run', () => {
  it('takes its filters', async () => {
    const mapRunArn = await mapRun();
    for (const filter of [{}, { statusFilter: 'PENDING_REDRIVE' }, { redriveFilter: 'REDRIVEN' }])
      expect(await test.call('ListExecutions', { mapRunArn, ...filter })).toEqual({ executions: [] });
  });
});

describe('a Map Run that there is not', () => {
  const uuid = randomUUID();
  it.each([
    `${PLACE}:mapRun:order/items:${uuid}`,
    `${PLACE}:mapRun:order/items:nonsense`,
    `${PLACE}:mapRun:order`,
  ])('%s', async (mapRunArn) => {
    const notFound = { status: 400, type: 'ResourceNotFound', message: `Resource not found: '${mapRunArn}'` };
    expect(await test.fail('DescribeMapRun', { mapRunArn })).toEqual(notFound);
    expect(await test.fail('UpdateMapRun', { mapRunArn, maxConcurrency: 1 })).toEqual(notFound);
    expect(await test.fail('ListExecutions', { mapRunArn })).toEqual(notFound);
  });

  it('is what others have, too', async () => {
    const arn = await mapRun();
    for (const mapRunArn of [
      arn.replace('us-east-1', 'eu-west-1'),
      arn.replace('/items:', '/others:'),
      arn.replace(':order/', ':orders/'),
    ])
      expect((await test.fail('DescribeMapRun', { mapRunArn })).type).toBe('ResourceNotFound');
  });

  it('is told from other ARNs', async () => {
    expect(await test.fail('DescribeMapRun', { mapRunArn: executionArn })).toMatchObject({
      type: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: execution'",
    });
    expect((await test.fail('DescribeMapRun', { mapRunArn: 'x' })).type).toBe('InvalidArn');
  });
});

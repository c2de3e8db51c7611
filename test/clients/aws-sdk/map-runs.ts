import { randomUUID } from 'node:crypto';
import {
  DescribeMapRunCommand,
  ListMapRunsCommand,
  paginateListMapRuns,
  ResourceNotFound,
  type SFNClient,
  UpdateMapRunCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { arnOf, REST } from '../definitions.ts';
import { addMapRun, COUNTS } from '../map-run-row.ts';
import { all, createMachine, expectError, start } from './sdk.ts';

export function mapRuns(sfn: () => SFNClient, databaseUrl: () => string): void {
  test('are described, listed and updated', async () => {
    const executionArn = await start(sfn(), await createMachine(sfn(), 'mapping', REST), { name: 'mapping' });
    const mapRunArn = await addMapRun(databaseUrl(), 'mapping');
    const describe = () => sfn().send(new DescribeMapRunCommand({ mapRunArn }));
    expect(await describe()).toMatchObject({
      mapRunArn,
      executionArn,
      status: 'RUNNING',
      startDate: expect.any(Date),
      itemCounts: COUNTS,
      executionCounts: COUNTS,
    });
    expect((await sfn().send(new ListMapRunsCommand({ executionArn }))).mapRuns).toMatchObject([
      { mapRunArn },
    ]);
    await addMapRun(databaseUrl(), 'mapping');
    const pages = paginateListMapRuns({ client: sfn(), pageSize: 1 }, { executionArn });
    expect(await all(pages, (page) => page.mapRuns)).toHaveLength(2);
    const changes = { maxConcurrency: 5, toleratedFailurePercentage: 12.5, toleratedFailureCount: 3 };
    await sfn().send(new UpdateMapRunCommand({ mapRunArn, ...changes }));
    expect(await describe()).toMatchObject(changes);
  });

  test('are refused with the errors that the client has classes for', async () => {
    const mapRunArn = arnOf('mapRun', `none/items:${randomUUID()}`);
    await expectError(sfn().send(new DescribeMapRunCommand({ mapRunArn })), ResourceNotFound);
    const update = (change: object) => sfn().send(new UpdateMapRunCommand({ mapRunArn, ...change }));
    await expectError(update({ maxConcurrency: 1 }), ResourceNotFound);
    await expectError(update({ toleratedFailurePercentage: 101 }), ValidationException, /equal to 100/);
  });
}

/** The jobs that executions get: graphile-worker's, inserted without its help. */
import { beforeEach, expect, test } from 'vitest';
import { useStore } from './fixture.ts';

const fixture = useStore();

beforeEach(() => fixture().deleteJobs());

test('are what add_jobs() would make of them', async () => {
  const executionId = await fixture().started();
  await fixture().query(
    `select from graphile_worker.add_jobs(array[row('advance', json_build_object('executionId', $1::text),
       null, now(), 32767, null, null, null)::graphile_worker.job_spec])`,
    [executionId],
  );
  const [ours, theirs] = await fixture().query<{ job: unknown }>(
    `select to_jsonb(job) - array['id', 'run_at', 'created_at', 'updated_at'] as job
     from graphile_worker._private_jobs job order by id`,
  );
  expect(ours).toEqual(theirs);
  expect(ours).toMatchObject({ job: { payload: { executionId }, is_available: true } });
});

test('are announced as add_jobs() announces them, with their number', async () => {
  const listener = await fixture().session();
  let announced = 0;
  listener.on('notification', ({ payload = '' }) => {
    announced += (JSON.parse(payload) as { count: number }).count;
  });
  await listener.query('listen "jobs:insert"');
  await Promise.all([fixture().started(), fixture().started()]);
  await expect.poll(() => announced).toBe(2);
  listener.release(true);
});

test('are made where graphile-worker knows no such task any more', async () => {
  await fixture().query('delete from graphile_worker._private_tasks');
  const executionId = await fixture().started();
  expect(await fixture().jobs()).toEqual([executionId]);
  const tasks = await fixture().query('select identifier from graphile_worker._private_tasks');
  expect(tasks).toEqual([{ identifier: 'advance' }]);
});

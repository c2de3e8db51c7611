/** Another server takes over that lacks what was acknowledged last, and whose clock is behind. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../dev/postgres/postgres.ts';
import type { JournalEvent } from '../../runtime/index.ts';
import { migrate } from '../../store/migrate.ts';
import { recover } from '../../store/recover.ts';
import { tcpProxy } from '../store/tcp-proxy.ts';
import { administer } from '../support/administer.ts';
import { copyFreshCluster } from '../support/fresh-cluster.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { HAS_EMBEDDED_POSTGRES } from '../support/test-server.ts';
import { sequence } from './small-machines.ts';
import { attemptsOf, createWorld, functionArn, silent, succeed } from './world.ts';

async function server(dataDir: string): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({ dataDir, logger: silent });
  onTestFinished(() => postgres.stop());
  return postgres;
}

/** A machine of three tasks, the last of which waits until it is let go. */
const MACHINE = sequence([
  ['one', { Type: 'Task', Resource: functionArn('one') }],
  ['two', { Type: 'Task', Resource: functionArn('two') }],
  [
    'three',
    {
      Type: 'Task',
      Resource: functionArn('three'),
      Retry: [{ ErrorEquals: ['Lambda.SdkClientException'], IntervalSeconds: 1 }],
    },
  ],
]);

function historyFaults(journal: readonly JournalEvent[]): string[] {
  return journal.flatMap(({ id, timestamp }, index) => {
    const before = journal[index - 1];
    return [
      ...(id === index + 1 ? [] : [`event ${id} stands in place ${index + 1}`]),
      ...(before === undefined || before.timestamp <= timestamp
        ? []
        : [`event ${id} is older than the one before`]),
    ];
  });
}

test.runIf(HAS_EMBEDDED_POSTGRES)(
  'executions go on from what is there, and nobody from what is lost',
  async () => {
    const folder = temporaryFolder();
    onTestFinished(() => folder[Symbol.dispose]());
    const [first, second] = [join(folder.path, 'first'), join(folder.path, 'second')];
    copyFreshCluster(first);
    const before = await startPostgres({ dataDir: first, logger: silent });
    const proxy = await tcpProxy(before.url);
    onTestFinished(() => proxy.close());
    await migrate(before.url);

    const gate = Promise.withResolvers<void>();
    const world = await createWorld(
      {
        one: () => succeed(1),
        two: () => succeed(2),
        three: (_call, attempt) =>
          attempt === 1 ? gate.promise.then(() => succeed('lost')) : succeed('kept'),
      },
      { url: proxy.url, drop: async () => {} },
    );
    await world.worker();
    const early = await world.start(MACHINE);
    await world.tasks.called('three');

    // The standby has got no further than this.
    await before.stop();
    execFileSync('cp', ['-a', first, second]);
    const primary = await server(first);
    proxy.leadTo(primary.url);
    gate.resolve();
    expect(await world.ended(early)).toMatchObject({ status: 'SUCCEEDED', output: '"lost"' });
    const lost = await vi.waitFor(() => world.start(MACHINE));
    expect(await world.ended(lost)).toMatchObject({ status: 'SUCCEEDED' });

    const standby = await server(second);
    await administer(
      standby.url,
      `create or replace function statehouse.now() returns timestamptz language sql stable
     as $$ select clock_timestamp() - interval '2 seconds' $$`,
    );
    const options = { databaseUrl: standby.url, workerTimeoutSeconds: 30 };
    expect(await recover({ ...options, isForced: true })).toMatchObject({
      recovery: { workers: 1, executions: 1, interrupted: 1 },
    });
    proxy.leadTo(standby.url);

    expect(await world.ended(early)).toMatchObject({ status: 'SUCCEEDED', output: '"kept"' });
    const journal = await world.journal(early);
    expect(historyFaults(journal)).toEqual([]);
    // What the lost history was answered is in no history: that attempt is lost, and another one was made.
    expect(JSON.stringify(journal)).toContain('Lambda.SdkClientException');
    expect(world.tasks.received.filter((key) => attemptsOf(journal).includes(key))).toEqual(
      attemptsOf(journal),
    );
    await expect(world.record(lost)).rejects.toThrow('There is no execution');
    // Whoever starts now gets no id that the lost history has given away.
    expect(Number(await vi.waitFor(() => world.start(MACHINE)))).toBeGreaterThan(Number(lost));
  },
);

import { expect, test } from 'vitest';
import { openStore } from '../../../store/open.ts';
import { executionStream, logEntry } from '../../support/log-entries.ts';
import { createWorld, silent } from '../world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

test('a worker drops logs of days that are too old, and keeps the others', async () => {
  const world = await createWorld();
  for (const age of [5, 2]) {
    const url = new URL(world.databaseUrl);
    url.searchParams.set('options', `-c statehouse.now=${new Date(Date.now() - age * DAY_MS).toISOString()}`);
    const then = await openStore({ databaseUrl: url.href, poolSize: 1, logger: silent });
    await then.logs.write([logEntry('old', age)]);
    await then.close();
  }
  const worker = await world.worker({ logRetentionDays: 3 });
  await worker.services.logRetention.runOnce();
  const { records } = await world.store.logs.read({ stream: executionStream('old'), after: 0, limit: 10 });
  expect(records.map(({ id }) => id)).toEqual(['2']);
});

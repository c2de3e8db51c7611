/** Executions for which more mail has come than is read at a time. */
import { expect, test, vi } from 'vitest';
import type { LeaseStore } from '../../store/lease.ts';
import type { Store } from '../../store/store.ts';
import { PLACE } from '../support/place.ts';
import { callback, sequence } from './small-machines.ts';
import { createWorld, succeed, type World } from './world.ts';

const ANSWERS = 7;
const ANSWER_BYTES = 10_000;
/** Two of them. */
const TUNING = { mailBytesMax: 2 * ANSWER_BYTES };

const ASKS_MANY = sequence([
  [
    'all',
    {
      Type: 'Map',
      ItemProcessor: {
        StartAt: 'ask',
        States: { ask: { ...callback, TimeoutSeconds: 600, ResultSelector: { 'n.$': '$.n' }, End: true } },
      },
    },
  ],
]);

/** Parked and answered, the last one first; since then all of their times have run out. */
async function answeredInTime(world: World): Promise<{ executionId: string; answers: number[] }> {
  const worker = await world.worker();
  const items = Array.from({ length: ANSWERS }, (_, n) => n);
  const executionId = await world.start(ASKS_MANY, items);
  await vi.waitFor(
    async () => {
      const open = await world.sql('select from statehouse.task_tokens');
      const owned = await world.sql('select from statehouse.executions where owner is not null');
      expect([open.length, owned.length]).toEqual([ANSWERS, 0]);
    },
    { timeout: 20_000 },
  );
  await worker.stop();
  const tokens = await world.sql<{ token: string }>(
    'select token from statehouse.task_tokens order by scheduled_event_id',
  );
  const answers = items.toReversed();
  for (const n of answers) {
    const body = JSON.stringify({ n, text: 'x'.repeat(ANSWER_BYTES) });
    const token = tokens[n]?.token ?? '';
    expect(await world.store.leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body })).toBe(
      'sent',
    );
  }
  await world.advance(601);
  return { executionId, answers };
}

/** @param read is told how many pieces come with a claim, or afterwards */
function reading({ store }: World, read: (how: 'claimed' | 'read', pieces: number) => void): Store {
  const { leases } = store;
  return {
    ...store,
    leases: {
      ...leases,
      async claim(...asked) {
        const claim = await leases.claim(...asked);
        if (claim !== undefined) read('claimed', claim.mail.length);
        return claim;
      },
      async mailOf(...asked) {
        const mail = await leases.mailOf(...asked);
        read('read', mail.length);
        return mail;
      },
    },
  };
}

async function expectAllOnceInOrder(world: World, executionId: string, answers: number[]): Promise<void> {
  const { status, output } = await world.ended(executionId);
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output ?? '')).toEqual(answers.toReversed().map((n) => ({ n })));
  const outputs = (await world.journal(executionId)).flatMap((event) =>
    event.type === 'TaskSucceeded' ? (JSON.parse(event.details.output.text) as { n: number }).n : [],
  );
  expect(outputs).toEqual(answers);
}

test.each([
  ['the worker that has claimed it reads them', 'continue', ['claimed 2', 'read 2', 'read 2', 'read 1']],
  [
    'each is read by another owner, with its claim',
    'end-activation',
    ['claimed 2', 'claimed 2', 'claimed 2', 'claimed 1'],
  ],
] as const)('pages of mail: %s, before time passes', async (_who, after, expected) => {
  const world = await createWorld({ 'invoke.waitForTaskToken': () => succeed({}) });
  const { executionId, answers } = await answeredInTime(world);
  const pages: string[] = [];
  const store = reading(world, (how, pieces) => pages.push(`${how} ${pieces}`));
  await world.worker({ store, tuning: TUNING, hooks: { afterAppend: () => after } });
  await expectAllOnceInOrder(world, executionId, answers);
  expect(pages).toEqual(expected);
});

test('a worker that is taken for dead between two pages leaves the rest to the next', async () => {
  const world = await createWorld({ 'invoke.waitForTaskToken': () => succeed({}) });
  const { executionId, answers } = await answeredInTime(world);
  const { leases } = world.store;
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const mailOf: LeaseStore['mailOf'] = async (...of) => {
    const mail = await leases.mailOf(...of);
    asked.resolve();
    await answer.promise;
    return mail;
  };
  const first = await world.worker({
    store: { ...world.store, leases: { ...leases, mailOf } },
    tuning: TUNING,
  });
  await asked.promise;
  expect(await world.sql('select from statehouse.mailbox')).toHaveLength(ANSWERS - 2);
  await world.sql(`update statehouse.workers set heartbeat_at = 'epoch'`);
  await world.store.workers.reconcile(0);
  answer.resolve();
  await first.services.heartbeat.runOnce();
  await expectAllOnceInOrder(world, executionId, answers);
});

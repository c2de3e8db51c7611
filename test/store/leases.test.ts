import { describe, expect, onTestFinished, test } from 'vitest';
import { FOLD_VERSION } from '../../runtime/index.ts';
import type { Mail, MailRange, RowRange, Snapshot } from '../../store/lease.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, SUCCEEDED, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

/** Postgres throws whenever the row is to be written. */
async function poison(executionId: string): Promise<void> {
  await fixture().query(`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'poisonous'; end $$;
    create trigger refuse before update on statehouse.executions for each row
      when (old.id = ${executionId}) execute function refuse()`);
  onTestFinished(async () => {
    await fixture().query('drop function refuse cascade');
  });
}

describe('claim', () => {
  test('hands over the lease with the journal', async () => {
    const { executionId, claim } = await fixture().owned();
    expect(claim).toMatchObject({ executionId, epoch: 1, headSeq: 1, nextEventId: 2, signals: 0, mail: [] });
    expect(claim.snapshot).toBeUndefined();
    expect(claim.journal.map((row) => [row.seq, row.firstEventId])).toEqual([[1, 1]]);
  });

  test('of two workers one gets it', async () => {
    const executionId = await fixture().started();
    const workers = [await fixture().worker(), await fixture().worker()];
    const stores = [fixture().store, await fixture().another()];
    const claims = await Promise.all(
      stores.map((store, index) => store.leases.claim(executionId, workers[index] as string)),
    );
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  test('a second job for an execution that the worker has already gets nothing', async () => {
    const { executionId, workerId } = await fixture().owned();
    expect(await fixture().store.leases.claim(executionId, workerId)).toBeUndefined();
  });

  test('a worker that is not registered (any more) gets nothing', async () => {
    const workerId = await fixture().worker();
    await fixture().store.workers.unregister(workerId);
    expect(await fixture().store.leases.claim(await fixture().started(), workerId)).toBeUndefined();
  });

  test('a closed execution cannot be claimed', async () => {
    const executionId = await fixture().started();
    await fixture().store.executions.stop(executionId, stopWith());
    expect(await fixture().store.leases.claim(executionId, await fixture().worker())).toBeUndefined();
  });

  test('many at the same moment each get their own', async () => {
    const workerId = await fixture().worker();
    const ids = await Promise.all(Array.from({ length: 50 }, () => fixture().started()));
    const claims = await Promise.all(ids.map((id) => fixture().claim(id, workerId)));
    expect(claims.map((claim) => claim.executionId)).toEqual(ids);
    expect(claims.every((claim) => claim.journal.length === 1)).toBe(true);
  });
});

describe('a claim that may not carry all', () => {
  const ROW = 100;
  const SNAPSHOT = { seq: 2, version: FOLD_VERSION, body: 's'.repeat(ROW) };

  /** Given back, with rows of that many bytes. */
  async function parkedWithRows(count: number, snapshot?: Snapshot): Promise<string> {
    const { executionId, claim } = await fixture().owned();
    const { leases } = fixture().store;
    for (let n = 1; n < count; n++)
      await leases.append(
        appendTo({ ...claim, headSeq: n, nextEventId: n + 1 }, { body: 'ä'.repeat(ROW / 2) }),
      );
    await leases.park({ executionId, epoch: claim.epoch, signals: 0, wakeAt: 0, snapshot });
    return executionId;
  }

  test.each([
    ['the rows that fit', 4, undefined, 2 * ROW + 450, [1, 2, 3]],
    ['no row, if the first one does not fit', 2, undefined, ROW, []],
    ['the snapshot, and the rows that fit beside it', 5, SNAPSHOT, 2 * ROW, [2, 3]],
    ['the snapshot alone', 5, SNAPSHOT, 2 * ROW - 1, [2]],
    ['neither the snapshot nor what comes after it, if that does not fit', 5, SNAPSHOT, ROW - 1, []],
  ])('carries %s', async (_what, rows, snapshot, bytesMax, carried) => {
    const executionId = await parkedWithRows(rows, snapshot);
    const claim = await fixture().store.leases.claim(executionId, await fixture().worker(), { bytesMax });
    expect(claim?.headSeq).toBe(rows);
    const seqs = [claim?.snapshot, ...(claim?.journal ?? [])].flatMap((part) => part?.seq ?? []);
    expect(seqs).toEqual(carried);
    expect(await fixture().store.leases.snapshot(executionId)).toEqual(snapshot);
  });

  test('leaves the rest to be read in pages', async () => {
    const executionId = await parkedWithRows(7);
    const seqsOf = async (range: RowRange) =>
      (await fixture().store.leases.rows(executionId, range)).map(({ seq }) => seq);
    expect(await seqsOf({ after: 1, to: 6, bytesMax: 3 * ROW })).toEqual([2, 3, 4]);
    expect(await seqsOf({ after: 4, to: 6, bytesMax: 3 * ROW })).toEqual([5, 6]);
    expect(await seqsOf({ after: 2, to: 6, bytesMax: 1 })).toEqual([3]);
  });
});

describe('more mail than a claim may carry', () => {
  const TEXT = JSON.stringify('x'.repeat(98));
  const BYTES = TEXT.length;

  /** Given back, with so many answers to it. */
  async function answered(count: number): Promise<string> {
    const { executionId, claim } = await fixture().owned();
    const { leases } = fixture().store;
    const tokens = Array.from({ length: count }, (_, n) => ({
      token: `mail-${executionId}-${n}`,
      scheduledEventId: n,
    }));
    await leases.append(appendTo(claim, { openTokens: tokens }));
    await leases.park({ executionId, epoch: claim.epoch, signals: 0, wakeAt: 0, snapshot: undefined });
    for (const { token } of tokens)
      await leases.signal({ token, place: PLACE, kind: 'CallbackSucceeded', body: TEXT });
    return executionId;
  }

  const eventsOf = (mail: readonly Mail[]) => mail.map(({ scheduledEventId }) => scheduledEventId);

  test.each([
    ['the first one, however large it is', 1, [0]],
    ['as many as are needed to fill it', BYTES + 1, [0, 1]],
    ['all, if they do not fill it', 3 * BYTES, [0, 1, 2]],
  ])('it carries %s, and says how many are left', async (_what, mailBytesMax, carried) => {
    const executionId = await answered(3);
    const { leases } = fixture().store;
    const claim = await leases.claim(executionId, await fixture().worker(), { mailBytesMax });
    expect(eventsOf(claim?.mail ?? [])).toEqual(carried);
    expect(claim).toMatchObject({ signals: 3, mailLeft: 3 - carried.length });
    expect(eventsOf(await leases.mailOf(executionId, mailBytesMax))).toEqual(carried);
  });

  test('a worker’s is read in pages, each with the first of other executions', async () => {
    const workerId = await fixture().worker();
    const [one, other] = [await answered(3), await answered(2)];
    for (const id of [one, other]) await fixture().claim(id, workerId);
    const page = async (range: MailRange) => {
      const { mail, continuesAfter } = await fixture().store.leases.mail(workerId, range);
      return [mail.map((piece) => [piece.executionId, piece.scheduledEventId]), continuesAfter];
    };
    expect(await page({ limit: 2 })).toEqual([
      [
        [one, 0],
        [one, 1],
      ],
      one,
    ]);
    expect(await page({ limit: 3, after: one })).toEqual([
      [
        [other, 0],
        [other, 1],
      ],
      undefined,
    ]);
    expect(await page({ limit: 1, after: one })).toEqual([[[other, 0]], other]);
    expect(await page({ limit: 1, after: other })).toEqual([[], undefined]);
  });

  test('a worker of the version before gets all of it', async () => {
    const executionId = await answered(3);
    const claimed = await fixture().query<{ mail: number[] }>(
      `select mail_event_ids as mail from statehouse.claim(
        array[$1::bigint], array[$2::bigint], array[1::bigint], 1, 1, 0, array[1])`,
      [executionId, await fixture().worker()],
    );
    expect(claimed).toEqual([{ mail: [0, 1, 2] }]);
  });
});

describe('in one batch', () => {
  test('a claim that Postgres throws at fails alone', async () => {
    const workerId = await fixture().worker();
    const ids = await Promise.all(Array.from({ length: 10 }, () => fixture().started()));
    await poison(ids[7] as string);
    const claims = await Promise.allSettled(ids.map((id) => fixture().store.leases.claim(id, workerId)));
    expect(claims.map(({ status }) => status === 'fulfilled')).toEqual(ids.map((_, index) => index !== 7));
    const owners = await Promise.all(ids.map(async (id) => (await fixture().row(id)).owner));
    expect(owners).toEqual(ids.map((_, index) => (index === 7 ? null : workerId)));
  });

  test('a park that Postgres throws at fails alone', async () => {
    const workerId = await fixture().worker();
    const ids = await Promise.all(Array.from({ length: 10 }, () => fixture().started()));
    for (const id of ids) await fixture().claim(id, workerId);
    await poison(ids[7] as string);
    const parks = await Promise.allSettled(
      ids.map((executionId) =>
        fixture().store.leases.park({ executionId, epoch: 1, signals: 0, wakeAt: null, snapshot: undefined }),
      ),
    );
    expect(parks.map(({ status }) => status === 'fulfilled')).toEqual(ids.map((_, index) => index !== 7));
    const owners = await Promise.all(ids.map(async (id) => (await fixture().row(id)).owner));
    expect(owners).toEqual(ids.map((_, index) => (index === 7 ? workerId : null)));
  });
});

describe('append', () => {
  test('advances the journal', async () => {
    const { executionId, claim } = await fixture().owned();
    expect(await fixture().store.leases.append(appendTo(claim))).toBe('won');
    expect(await fixture().row(executionId)).toMatchObject({
      head_seq: 2,
      next_event_id: 3,
      status: 'RUNNING',
    });
    expect(await fixture().journal(executionId)).toEqual([1, 2]);
  });

  test.each([
    ['an older epoch', { epoch: 0 }],
    ['a seq that is taken', { seq: 1 }],
    ['a seq that leaves a gap', { seq: 3 }],
  ])('%s loses and writes nothing', async (_, overrides) => {
    const { executionId, claim } = await fixture().owned();
    expect(await fixture().store.leases.append(appendTo(claim, overrides))).toBe('lost');
    expect(await fixture().row(executionId)).toMatchObject({ head_seq: 1, next_event_id: 2 });
    expect(await fixture().journal(executionId)).toEqual([1]);
  });

  test('the owner before the present one loses, wherever it writes', async () => {
    const { executionId, workerId, claim } = await fixture().owned();
    await fixture().store.workers.unregister(workerId);
    const successor = await fixture().claim(executionId, await fixture().worker());
    expect(successor.epoch).toBeGreaterThan(claim.epoch);
    expect(await fixture().store.leases.append(appendTo(successor))).toBe('won');
    for (const seq of [2, 3]) {
      expect(await fixture().store.leases.append(appendTo(claim, { seq }))).toBe('lost');
    }
  });

  test('loses once it has parked', async () => {
    const { executionId, claim } = await fixture().owned();
    const park = { executionId, epoch: claim.epoch, signals: 0, wakeAt: null, snapshot: undefined };
    expect(await fixture().store.leases.park(park)).toBe(true);
    expect(await fixture().store.leases.append(appendTo(claim))).toBe('lost');
  });

  test('loses when the execution was stopped in between, and nothing of it remains', async () => {
    const { executionId, claim } = await fixture().owned();
    await fixture().store.executions.stop(executionId, stopWith());
    const openTokens = [{ token: 'too-late', scheduledEventId: 2 }];
    expect(await fixture().store.leases.append(appendTo(claim, { openTokens }))).toBe('lost');
    const sent = await fixture().store.leases.signal({
      token: 'too-late',
      place: PLACE,
      kind: 'CallbackSucceeded',
      body: '1',
    });
    expect(sent).toBe('unknown');
  });

  test('waits for a stop that holds the row, and then loses', async () => {
    const { executionId, claim } = await fixture().owned();
    const session = await fixture().session();
    await session.query('begin');
    await session.query('select statehouse.seize($1)', [executionId]);
    const outcome = fixture().store.leases.append(appendTo(claim));
    await fixture().untilBlockedBy(session);
    await session.query('commit');
    session.release();
    expect(await outcome).toBe('lost');
  });

  test('in one batch winners and losers get each their own outcome', async () => {
    const workerId = await fixture().worker();
    const ids = await Promise.all(Array.from({ length: 20 }, () => fixture().started()));
    const claims = await Promise.all(ids.map((id) => fixture().claim(id, workerId)));
    const outcomes = await Promise.all(
      claims.map((claim, index) =>
        fixture().store.leases.append(appendTo(claim, { epoch: claim.epoch - (index % 2) })),
      ),
    );
    expect(outcomes).toEqual(claims.map((_, index) => (index % 2 === 0 ? 'won' : 'lost')));
  });

  test.each([
    ['U+0000, which Postgres refuses', '[]\u0000'],
    ['the separator of batches', '[]\u001e[]'],
  ])('an entry with %s fails alone', async (_, poison) => {
    const workerId = await fixture().worker();
    const ids = await Promise.all(Array.from({ length: 20 }, () => fixture().started()));
    const claims = await Promise.all(ids.map((id) => fixture().claim(id, workerId)));
    const outcomes = await Promise.allSettled(
      claims.map((claim, index) =>
        fixture().store.leases.append(appendTo(claim, index === 7 ? { body: poison } : {})),
      ),
    );
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual(
      claims.map((_, index) => (index === 7 ? false : 'won')),
    );
  });

  test('a huge row comes back as it was', async () => {
    const { executionId, claim, workerId } = await fixture().owned();
    const body = JSON.stringify([
      { type: 'PassStateEntered', details: { name: 'ä€😀"\\'.repeat(1_000_000) } },
    ]);
    expect(await fixture().store.leases.append(appendTo(claim, { body }))).toBe('won');
    await fixture().store.workers.unregister(workerId);
    const successor = await fixture().claim(executionId, await fixture().worker());
    expect(successor.journal[1]?.body === body).toBe(true);
  });
});

describe('the end', () => {
  test('closes the execution and gives the lease back', async () => {
    const { executionId, claim } = await fixture().owned();
    expect(await fixture().store.leases.append(appendTo(claim, { end: SUCCEEDED }))).toBe('won');
    expect(await fixture().row(executionId)).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"b":2}',
      error: null,
      cause: null,
      owner: null,
      stopped_at: new Date(SUCCEEDED.stoppedAt),
    });
    expect(await fixture().store.leases.append(appendTo(claim, { seq: 3, epoch: 2 }))).toBe('lost');
  });

  test('takes mail, tokens and snapshot along', async () => {
    const { executionId } = await fixture().parkedOnToken('end-token');
    const [workerId, claims] = [await fixture().worker(), fixture().store.leases];
    await claims.signal({ token: 'end-token', place: PLACE, kind: 'HeartbeatReceived', body: 'null' });
    const claim = await fixture().claim(executionId, workerId);
    await claims.append(appendTo(claim, { end: SUCCEEDED }));
    expect(
      await claims.signal({ token: 'end-token', place: PLACE, kind: 'CallbackSucceeded', body: '1' }),
    ).toBe('unknown');
    const mail = await fixture().query('select 1 from statehouse.mailbox where execution_id = $1', [
      executionId,
    ]);
    expect(mail).toEqual([]);
  });

  test('keeps error and cause whatever they hold', async () => {
    const machine = await fixture().machine();
    const name = 'odd-failure';
    const executionId = await fixture().started({
      stateMachineId: machine.id,
      revisionRowId: machine.revisionRowId,
      name,
    });
    const claim = await fixture().claim(executionId, await fixture().worker());
    const error = 'E\u0000\u001e\u001f\ud800"\\';
    const cause = `\u0000${'long '.repeat(10_000)}`;
    const end = { status: 'FAILED', stoppedAt: 5, output: undefined, error, cause } as const;
    expect(await fixture().store.leases.append(appendTo(claim, { end }))).toBe('won');
    expect(await fixture().store.executions.find(PLACE, machine.name, name)).toMatchObject({ error, cause });
  });
});

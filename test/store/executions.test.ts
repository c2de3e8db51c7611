import { describe, expect, test } from 'vitest';
import { decodeEvents } from '../../runtime/execution/codec.ts';
import type { NewExecution } from '../../store/execution.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, NOON, SUCCEEDED, startBody, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

describe('start', () => {
  test('makes the execution, its first journal row and a job', async () => {
    await fixture().deleteJobs();
    const machine = await fixture().machine();
    const { id: stateMachineId, revisionRowId } = machine;
    const input = ' {"a" : 1}\n';
    const execution = await fixture().newExecution({
      stateMachineId,
      revisionRowId,
      input,
      traceHeader: 'Root=1',
    });
    const outcome = await fixture().store.executions.start(execution);
    if (outcome.kind !== 'started') throw new Error(outcome.kind);
    expect(await fixture().jobs()).toEqual([outcome.executionId]);
    expect(await fixture().store.executions.find(PLACE, machine.name, execution.name)).toEqual({
      id: outcome.executionId,
      stateMachineName: machine.name,
      name: execution.name,
      status: 'RUNNING',
      startedAt: NOON,
      stoppedAt: undefined,
      redriveCount: 0,
      redrivenAt: undefined,
      revisionRowId,
      input,
      output: undefined,
      error: undefined,
      cause: undefined,
      traceHeader: 'Root=1',
      lastEventId: 1,
      redriveRefusal: 'RUNNING',
    });
  });

  describe('with a name that is taken', () => {
    async function taken(): Promise<{ execution: NewExecution; executionId: string }> {
      const execution = await fixture().newExecution({ input: '{"a":1}' });
      const outcome = await fixture().store.executions.start(execution);
      if (outcome.kind !== 'started') throw new Error(outcome.kind);
      return { execution, executionId: outcome.executionId };
    }

    test('tells of equal input', async () => {
      const { execution } = await taken();
      const again = { ...execution, startedAt: NOON + 5000, body: startBody('{"a":1}', NOON + 5000) };
      expect(await fixture().store.executions.start(again)).toEqual({
        kind: 'exists',
        status: 'RUNNING',
        startedAt: NOON,
        sameInput: true,
      });
    });

    test('tells of other input; input is compared as text', async () => {
      const { execution } = await taken();
      const input = '{"a": 1}';
      const again = { ...execution, input, body: startBody(input, NOON) };
      expect(await fixture().store.executions.start(again)).toMatchObject({
        kind: 'exists',
        sameInput: false,
      });
    });

    test('tells of a closed execution', async () => {
      const { execution, executionId } = await taken();
      await fixture().store.executions.stop(executionId, stopWith());
      expect(await fixture().store.executions.start(execution)).toMatchObject({
        kind: 'exists',
        status: 'ABORTED',
      });
    });

    test('of many at the same moment one is started', async () => {
      const execution = await fixture().newExecution();
      const stores = [fixture().store, fixture().store, await fixture().another(), await fixture().another()];
      const outcomes = await Promise.all(stores.map((store) => store.executions.start(execution)));
      expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual([
        'exists',
        'exists',
        'exists',
        'started',
      ]);
    });

    test('waits for the one that is about to take it', async () => {
      const execution = await fixture().newExecution();
      const session = await fixture().session();
      await session.query('begin');
      await session.query('insert into statehouse.execution_names values ($1, $2, 0)', [
        execution.stateMachineId,
        execution.name,
      ]);
      const outcome = fixture().store.executions.start(execution);
      await fixture().untilBlockedBy(session);
      await session.query('rollback');
      session.release();
      expect(await outcome).toMatchObject({ kind: 'started' });
    });
  });

  test('many at the same moment get each their own execution', async () => {
    const { id: stateMachineId, revisionRowId } = await fixture().machine();
    const ids = await Promise.all(
      Array.from({ length: 100 }, () => fixture().started({ stateMachineId, revisionRowId })),
    );
    expect(new Set(ids).size).toBe(100);
  });

  test('the same name under another machine is another name', async () => {
    const first = await fixture().newExecution({ name: 'same' });
    const second = await fixture().newExecution({ name: 'same' });
    const outcomes = await Promise.all([first, second].map((item) => fixture().store.executions.start(item)));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['started', 'started']);
  });

  test('a machine that is being deleted takes none', async () => {
    const machine = await fixture().machine();
    const place = { stateMachineId: machine.id, revisionRowId: machine.revisionRowId };
    await fixture().started(place);
    await fixture().store.stateMachines.delete(PLACE, machine.name);
    const execution = await fixture().newExecution(place);
    expect(await fixture().store.executions.start(execution)).toEqual({ kind: 'deleting' });
  });

  test('names and trace headers may hold anything', async () => {
    const machine = await fixture().machine('m\u0000\u001e\ud800');
    const [name, traceHeader] = ['e\u0000\u001f"\\', '\u0000'];
    const place = { stateMachineId: machine.id, revisionRowId: machine.revisionRowId };
    await fixture().started({ ...place, name, traceHeader });
    const found = await fixture().store.executions.find(PLACE, machine.name, name);
    expect(found).toMatchObject({ stateMachineName: machine.name, name, traceHeader });
  });
});

describe('find', () => {
  test('undefined when there is none', async () => {
    const machine = await fixture().machine();
    expect(await fixture().store.executions.find(PLACE, machine.name, 'nobody')).toBeUndefined();
    expect(await fixture().store.executions.find(PLACE, '\u0000', '\u0000')).toBeUndefined();
  });

  test('a closed execution with its result', async () => {
    const machine = await fixture().machine();
    const place = { stateMachineId: machine.id, revisionRowId: machine.revisionRowId };
    const executionId = await fixture().started({ ...place, name: 'closed' });
    const claim = await fixture().claim(executionId, await fixture().worker());
    await fixture().store.leases.append(appendTo(claim, { end: SUCCEEDED }));
    expect(await fixture().store.executions.find(PLACE, machine.name, 'closed')).toMatchObject({
      status: 'SUCCEEDED',
      output: SUCCEEDED.output,
      stoppedAt: SUCCEEDED.stoppedAt,
      lastEventId: 2,
    });
  });
});

describe('list', () => {
  test('newest start first, in pages, with and without a status', async () => {
    const machine = await fixture().machine();
    const place = { stateMachineId: machine.id, revisionRowId: machine.revisionRowId };
    const ids: string[] = [];
    // Two starts share a time: then the later id is the newer one.
    for (const second of [1, 3, 2, 2, 0])
      ids.push(await fixture().started({ ...place, startedAt: NOON + second * 1000 }));
    const expected = [1, 3, 2, 0, 4].map((index) => ids[index]);
    const query = { stateMachineId: machine.id, status: undefined, limit: 2 };
    const seen: string[] = [];
    let after: { startedAt: number; id: string } | undefined;
    for (;;) {
      const page = await fixture().store.executions.list({ ...query, after });
      seen.push(...page.map((execution) => execution.id));
      if (page.length < query.limit) break;
      after = page.at(-1);
    }
    expect(seen).toEqual(expected);

    await fixture().store.executions.stop(ids[2] as string, stopWith());
    const byStatus = async (status: 'RUNNING' | 'ABORTED') =>
      (await fixture().store.executions.list({ ...query, limit: 9, status, after: undefined })).map(
        ({ id }) => id,
      );
    expect(await byStatus('ABORTED')).toEqual([ids[2]]);
    expect(await byStatus('RUNNING')).toEqual(expected.filter((id) => id !== ids[2]));
  });

  test('by status, version and alias, together too, in pages', async () => {
    const { id: stateMachineId, revisionRowId } = await fixture().machine();
    const { executions } = fixture().store;
    const started: { id: string; status: string; version?: number; alias?: string }[] = [];
    for (let nth = 0; nth < 12; nth++) {
      const through = [{}, { version: 1 }, { version: 2, alias: 'live' }][nth % 3];
      const of = { stateMachineId, revisionRowId, startedAt: NOON + (nth >> 1), ...through };
      const id = await fixture().started(of);
      if (nth % 2 === 0) await executions.stop(id, stopWith());
      started.unshift({ id, status: nth % 2 === 0 ? 'ABORTED' : 'RUNNING', ...through });
    }
    for (const version of [undefined, 1, 2, 3])
      for (const alias of [undefined, 'live', 'other'])
        for (const status of [undefined, 'RUNNING', 'ABORTED', 'FAILED'] as const) {
          const seen: string[] = [];
          const query = { stateMachineId, version, alias, status, limit: 2 };
          for (let after: { startedAt: number; id: string } | undefined; ; ) {
            const page = await executions.list({ ...query, after });
            seen.push(...page.map(({ id }) => id));
            after = page.at(-1);
            if (page.length < query.limit) break;
          }
          const expected = started.filter(
            (one) =>
              (version === undefined || one.version === version) &&
              (alias === undefined || one.alias === alias) &&
              (status === undefined || one.status === status),
          );
          expect(seen).toEqual(expected.map(({ id }) => id));
        }
  });
});

describe('journal', () => {
  test('the rows that hold a range of events', async () => {
    const { executionId, claim } = await fixture().owned();
    const { store } = fixture();
    const { leases } = store;
    // Rows 2 to 12 hold events 2–4, none, 5, 6–7, none, 8.
    for (const [seq, first, next] of [
      [2, 2, 5],
      [3, 5, 5],
      [4, 5, 6],
      [5, 6, 8],
      ...[6, 7, 8, 9, 10, 11].map((empty) => [empty, 8, 8] as const),
      [12, 8, 9],
    ] as const)
      await leases.append(appendTo(claim, { seq, firstEventId: first, nextEventId: next }));
    const seqs = async (from: number, to: number) =>
      (await store.executions.journal(executionId, { from, to })).map((row) => row.seq);
    expect(await seqs(1, 1)).toEqual([1]);
    expect(await seqs(1, 7)).toEqual([1, 2, 3, 4, 5]);
    expect(await seqs(3, 4)).toEqual([2]);
    expect(await seqs(5, 5)).toEqual([4]);
    expect(await seqs(7, 7)).toEqual([5]);
    expect(await seqs(8, 2 ** 31 - 1)).toEqual([12]);
    expect(await seqs(0, 2)).toEqual([1, 2]);
    expect(await store.executions.journal('0', { from: 1, to: 1 })).toEqual([]);
  });

  test('no more rows than hold so many bytes, from either end, but one at least', async () => {
    const { executionId, claim } = await fixture().owned();
    const { store } = fixture();
    for (const seq of [2, 3, 4, 5])
      await store.leases.append(
        appendTo(claim, { seq, firstEventId: seq, nextEventId: seq + 1, body: '€'.repeat(1000) }),
      );
    const seqs = async (bytesMax: number, countsFrom: 'first' | 'last') =>
      (await store.executions.journal(executionId, { from: 2, to: 5, bytesMax, countsFrom })).map(
        (row) => row.seq,
      );
    expect(await seqs(3001, 'first')).toEqual([2, 3]);
    expect(await seqs(3000, 'last')).toEqual([5]);
    expect(await seqs(1, 'last')).toEqual([5]);
    expect(await seqs(12_000, 'last')).toEqual([2, 3, 4, 5]);
  });
});

describe('stop', () => {
  test.each(['unowned', 'owned', 'parked'])('ends an execution that is %s', async (position) => {
    const { executionId, claim } =
      position === 'unowned'
        ? { executionId: await fixture().started(), claim: undefined }
        : await fixture().owned();
    if (claim && position === 'parked')
      await fixture().store.leases.park({ ...claim, wakeAt: null, snapshot: undefined });
    const stopped = await fixture().store.executions.stop(executionId, stopWith('Stopped', 'by\u0000hand'));
    const row = await fixture().row(executionId);
    expect(row).toMatchObject({ status: 'ABORTED', owner: null, head_seq: 2, next_event_id: 3 });
    expect((row.stopped_at as Date).getTime()).toBe(stopped?.stoppedAt);
    const [last] = await fixture().store.executions.journal(executionId, { from: 2, to: 2 });
    expect(decodeEvents(last?.body ?? '', 2)).toMatchObject([
      {
        type: 'ExecutionAborted',
        id: 2,
        timestamp: stopped?.stoppedAt,
        details: { error: 'Stopped', cause: 'by\u0000hand' },
      },
    ]);
  });

  test('of a closed execution: undefined, and its stop time stands', async () => {
    const executionId = await fixture().started();
    const first = await fixture().store.executions.stop(executionId, stopWith());
    expect(await fixture().store.executions.stop(executionId, stopWith())).toBeUndefined();
    expect((await fixture().row(executionId)).stopped_at).toEqual(new Date(first?.stoppedAt ?? 0));
  });

  test('is never earlier than the last event', async () => {
    const future = Date.now() + 3_600_000;
    const executionId = await fixture().started({ startedAt: future, body: startBody('{}', future) });
    expect(await fixture().store.executions.stop(executionId, stopWith())).toMatchObject({
      stoppedAt: future,
    });
  });

  test('of two at the same moment one ends it', async () => {
    const executionId = await fixture().started();
    const outcomes = await Promise.all(
      [fixture().store, await fixture().another()].map((store) =>
        store.executions.stop(executionId, stopWith()),
      ),
    );
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    expect(await fixture().journal(executionId)).toEqual([1, 2]);
  });
});

describe('waitForEnd', () => {
  test('resolves with the execution when it ends', async () => {
    const machine = await fixture().machine();
    const { id: stateMachineId, revisionRowId } = machine;
    const execution = await fixture().newExecution({ stateMachineId, revisionRowId });
    const outcome = await fixture().store.executions.start(execution);
    if (outcome.kind !== 'started') throw new Error(outcome.kind);
    const { executions } = fixture().store;
    const waiting = [1, 2].map(() => executions.waitForEnd(outcome.executionId, 60_000));
    await executions.stop(outcome.executionId, stopWith());
    const record = await executions.find(PLACE, machine.name, execution.name);
    expect(record).toMatchObject({ id: outcome.executionId, status: 'ABORTED' });
    expect(await Promise.all(waiting)).toEqual([record, record]);
  });

  test('resolves when it has ended already', async () => {
    const executionId = await fixture().started();
    await fixture().store.executions.stop(executionId, stopWith());
    const closed = await fixture().store.executions.waitForEnd(executionId, 60_000);
    expect(closed).toMatchObject({ id: executionId, status: 'ABORTED' });
  });

  test('resolves for each of many that have ended at once', async () => {
    const { executions } = fixture().store;
    const ids = await Promise.all(Array.from({ length: 50 }, () => fixture().started()));
    await Promise.all(ids.map((executionId) => executions.stop(executionId, stopWith())));
    const closed = await Promise.all(ids.map((executionId) => executions.waitForEnd(executionId, 60_000)));
    expect(closed.map((record) => record?.id)).toEqual(ids);
  });

  test('one that cannot be read keeps nobody else waiting', async () => {
    const { executions } = fixture().store;
    const [broken, sound] = [await fixture().started(), await fixture().started()];
    for (const executionId of [broken, sound]) await executions.stop(executionId, stopWith());
    await fixture().query(`update statehouse.journal set body = '?' where execution_id = $1 and seq = 1`, [
      broken,
    ]);
    const waiting = [broken, sound].map((executionId) => executions.waitForEnd(executionId, 60_000));
    expect(await Promise.all(waiting)).toEqual([undefined, expect.objectContaining({ id: sound })]);
  });

  test('resolves with nothing when the time is up', async () => {
    const executionId = await fixture().started();
    expect(await fixture().store.executions.waitForEnd(executionId, 1)).toBeUndefined();
    expect(await fixture().row(executionId)).toMatchObject({ status: 'RUNNING' });
  });

  test('resolves with nothing when the caller gives up', async () => {
    const executionId = await fixture().started();
    const caller = new AbortController();
    const waiting = fixture().store.executions.waitForEnd(executionId, 60_000, caller.signal);
    caller.abort();
    expect(await waiting).toBeUndefined();
  });

  test('resolves with nothing when the store closes', async () => {
    const store = await fixture().another();
    const waiting = store.executions.waitForEnd(await fixture().started(), 60_000);
    await store.close();
    expect(await waiting).toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import type { NewExecution } from '../../store/execution.ts';
import type { Append, ChildStart, EndedChild, Mail } from '../../store/lease.ts';
import { PLACE } from '../support/place.ts';
import { appendTo, NOON, SUCCEEDED, startBody, stopWith, useStore } from './fixture.ts';

const fixture = useStore();

const EVENT = 5;

async function childOf(overrides: Partial<NewExecution> = {}, isAwaited = true): Promise<ChildStart> {
  const execution = await fixture().newExecution(overrides);
  return { scheduledEventId: EVENT, isAwaited, execution };
}

/** An owned execution, and what it appends when it starts this child. */
async function starting(child: ChildStart) {
  const owned = await fixture().owned();
  return { ...owned, child, append: appendTo(owned.claim, { children: [child] }) };
}

/** A parent that has started a child. */
async function started(child?: ChildStart) {
  const parent = await starting(child ?? (await childOf()));
  expect(await fixture().store.leases.append(parent.append)).toBe('won');
  const [found] = await childrenOf(parent.executionId);
  if (found === undefined) throw new Error('the child was not started');
  return { ...parent, childId: found.id };
}

function childrenOf(executionId: string) {
  return fixture().store.executions.children(executionId, [EVENT]);
}

async function append(append: Append): Promise<string> {
  return fixture().store.leases.append(append);
}

/** Ends an execution that nobody owns. */
async function end(executionId: string, overrides: Partial<Append['end'] & object> = {}): Promise<void> {
  const claim = await fixture().claim(executionId, await fixture().worker());
  const end = { ...SUCCEEDED, ...overrides };
  expect(await append(appendTo(claim, { end }))).toBe('won');
}

async function mailOf(workerId: string): Promise<readonly Mail[]> {
  return (await fixture().store.leases.mail(workerId, { limit: 100 })).mail;
}

async function orphanIds(): Promise<string[]> {
  return (await fixture().store.executions.orphans(100)).map(({ executionId }) => executionId);
}

describe('starting', () => {
  test('the child is there with the append that has won, and has a job', async () => {
    const { child, childId, executionId } = await started();
    expect(await childrenOf(executionId)).toEqual([
      expect.objectContaining({
        scheduledEventId: EVENT,
        name: child.execution.name,
        startedAt: NOON,
      }),
    ]);
    expect(await fixture().jobs()).toContain(childId);
    expect(await fixture().row(childId)).toMatchObject({ status: 'RUNNING', head_seq: 1 });
  });

  test('an append that is lost starts nothing', async () => {
    const parent = await starting(await childOf());
    expect(await append({ ...parent.append, epoch: parent.claim.epoch - 1 })).toBe('lost');
    expect(await childrenOf(parent.executionId)).toEqual([]);
    const { name, stateMachineId } = parent.child.execution;
    const taken = await fixture().query(
      'select from statehouse.execution_names where state_machine_id = $1 and name = $2',
      [stateMachineId, name],
    );
    expect(taken).toEqual([]);
  });

  test('of a batch, the entries that win start theirs', async () => {
    const parents = [await starting(await childOf()), await starting(await childOf())];
    const outcomes = await Promise.all(
      parents.map(({ append: entry }, index) =>
        append(index === 0 ? entry : { ...entry, seq: entry.seq + 1 }),
      ),
    );
    expect(outcomes).toEqual(['won', 'lost']);
    const children = await Promise.all(parents.map(({ executionId }) => childrenOf(executionId)));
    expect(children.map(({ length }) => length)).toEqual([1, 0]);
  });

  test('a task that has its child already does not get another one', async () => {
    const { executionId, claim, childId } = await started();
    const again = { ...appendTo(claim, { children: [await childOf()] }), seq: claim.headSeq + 2 };
    expect(await append(again)).toBe('won');
    expect(await childrenOf(executionId)).toEqual([expect.objectContaining({ id: childId })]);
  });

  test('many children of one append, each with what it is started with', async () => {
    const owned = await fixture().owned();
    const machine = await fixture().machine();
    const children: ChildStart[] = [];
    for (let n = 0; n < 50; n++)
      children.push({
        ...(await childOf({
          stateMachineId: machine.id,
          revisionRowId: machine.revisionRowId,
          name: `child "${n}"`,
          input: `{"n":${n}}`,
          ...(n % 2 === 0 && { version: n + 1, alias: `alias-${n}`, traceHeader: `trace ${n}` }),
        })),
        scheduledEventId: n,
      });
    expect(await append(appendTo(owned.claim, { children }))).toBe('won');
    const ids = children.map(({ scheduledEventId }) => scheduledEventId);
    const found = await fixture().store.executions.children(owned.executionId, ids);
    for (const { scheduledEventId, name } of found) {
      const n = scheduledEventId;
      const given = n % 2 === 0 ? [n + 1, `alias-${n}`, `trace ${n}`] : [undefined, undefined, undefined];
      const record = await fixture().store.executions.find(PLACE, machine.name, name);
      expect([name, record?.version, record?.alias, record?.traceHeader]).toEqual([`child "${n}"`, ...given]);
      expect(record?.input).toBe(`{"n":${n}}`);
    }
    expect(found.length).toBe(50);
  });

  test('a machine that is being deleted starts none', async () => {
    const machine = await fixture().machine();
    const place = { stateMachineId: machine.id, revisionRowId: machine.revisionRowId };
    await fixture().started(place);
    await fixture().store.stateMachines.delete(PLACE, machine.name);
    const parent = await starting(await childOf(place));
    expect(await append(parent.append)).toBe('won');
    expect(await childrenOf(parent.executionId)).toEqual([]);
  });
});

describe('a name that is taken', () => {
  test('by a running execution with the same input: that is the child', async () => {
    const child = await childOf();
    const existing = await fixture().started(child.execution);
    const body = startBody(child.execution.input, NOON + 5000);
    const parent = await started({ ...child, execution: { ...child.execution, body } });
    expect(parent.childId).toBe(existing);
    await end(existing);
    expect(await mailOf(parent.workerId)).toMatchObject([
      { kind: 'ExecutionEnded', scheduledEventId: EVENT },
    ]);
  });

  test.each([
    ['a running execution with another input', '{"a": 1}', undefined],
    ['a closed execution', '{"a":1}', end],
  ])('by %s: there is no child', async (_by, input, then) => {
    const child = await childOf({ input: '{"a":1}' });
    const existing = await fixture().started({ ...child.execution, input, body: startBody(input, NOON) });
    await then?.(existing);
    const parent = await starting(child);
    expect(await append(parent.append)).toBe('won');
    expect(await childrenOf(parent.executionId)).toEqual([]);
  });

  test('while the append waits for it: a child that ends at that moment is not awaited in vain', async () => {
    const child = await childOf();
    const existing = await fixture().started(child.execution);
    const claim = await fixture().claim(existing, await fixture().worker());
    const parent = await starting(child);
    const session = await fixture().session();
    await session.query('begin');
    await session.query('select from statehouse.executions where id = $1 for no key update', [existing]);
    const ending = append(appendTo(claim, { end: SUCCEEDED }));
    await fixture().untilBlockedBy(session);
    const attaching = append(parent.append);
    await session.query('commit');
    session.release();
    expect(await Promise.all([ending, attaching])).toEqual(['won', 'won']);
    const children = await childrenOf(parent.executionId);
    const mail = await mailOf(parent.workerId);
    expect(mail.length).toBe(children.length);
  });
});

describe('the end of a child', () => {
  test('is mail for the parent that waits for it, with all that DescribeExecution tells', async () => {
    const machine = await fixture().machine('machine é');
    const { workerId, executionId, childId } = await started(
      await childOf({
        stateMachineId: machine.id,
        revisionRowId: machine.revisionRowId,
        name: 'child "1"',
        input: '{ "a": 1.0 }',
        version: 3,
        traceHeader: 'Root=1',
      }),
    );
    const failure = { error: 'Bad\u0000', cause: 'It "broke"\u001f' };
    await end(childId, { status: 'FAILED', output: undefined, ...failure });
    const [mail] = await mailOf(workerId);
    expect(mail).toMatchObject({ executionId, kind: 'ExecutionEnded', scheduledEventId: EVENT });
    expect(JSON.parse(mail?.body ?? '') as EndedChild).toEqual({
      place: 'aws:us-east-1:000000000000',
      stateMachineName: 'machine é',
      name: 'child "1"',
      version: 3,
      alias: null,
      status: 'FAILED',
      startedAt: NOON,
      stoppedAt: SUCCEEDED.stoppedAt,
      input: '{ "a": 1.0 }',
      output: null,
      ...failure,
      traceHeader: 'Root=1',
    });
    expect(await fixture().row(executionId)).toMatchObject({ signals: 1 });
  });

  test('is none for a parent that does not wait', async () => {
    const { workerId, childId } = await started(await childOf({}, false));
    await end(childId);
    expect(await mailOf(workerId)).toEqual([]);
  });

  test('gives a parked parent a job', async () => {
    const { executionId, claim, childId } = await started();
    const park = { executionId, epoch: claim.epoch, signals: 0, wakeAt: null, snapshot: undefined };
    expect(await fixture().store.leases.park(park)).toBe(true);
    await fixture().deleteJobs();
    await fixture().store.executions.stop(childId, stopWith());
    expect(await fixture().jobs()).toEqual([executionId]);
  });

  test('keeps the parent from parking without it', async () => {
    const { executionId, claim, childId } = await started();
    await end(childId);
    const park = { executionId, epoch: claim.epoch, signals: 0, wakeAt: null, snapshot: undefined };
    expect(await fixture().store.leases.park(park)).toBe(false);
  });
});

describe('orphans', () => {
  test('an awaited child whose parent ends is one until it is stopped', async () => {
    const { executionId, claim, childId } = await started();
    const last = { ...appendTo(claim, { end: SUCCEEDED }), seq: claim.headSeq + 2 };
    expect(await append(last)).toBe('won');
    const [record] = await fixture().query<{ name: string }>(
      'select name from statehouse.executions where id = $1',
      [executionId],
    );
    expect(await fixture().store.executions.orphans(100)).toContainEqual({
      executionId: childId,
      parent: expect.objectContaining({ place: PLACE, name: record?.name, status: 'SUCCEEDED' }),
    });
    await fixture().store.executions.stop(childId, stopWith('Stopped'));
    expect(await orphanIds()).not.toContain(childId);
    expect(
      await fixture().query('select from statehouse.child_executions where execution_id = $1', [childId]),
    ).toEqual([]);
  });

  test('so is the child of a parent that is stopped, and then its own child', async () => {
    const { executionId, childId } = await started();
    const claim = await fixture().claim(childId, await fixture().worker());
    expect(await append(appendTo(claim, { children: [await childOf()] }))).toBe('won');
    const [grandchild] = await childrenOf(childId);
    await fixture().store.executions.stop(executionId, stopWith());
    expect(await orphanIds()).toContain(childId);
    expect(await orphanIds()).not.toContain(grandchild?.id);
    await fixture().store.executions.stop(childId, stopWith());
    expect(await orphanIds()).toContain(grandchild?.id);
  });

  test.each([
    ['an orphan', true],
    ['left alone', false],
  ])('a child whose task does not wait for it any more is %s', async (_what, isOrphan) => {
    const { workerId, claim, childId } = await started();
    const leftChildren = [{ scheduledEventId: EVENT, isOrphan }];
    expect(await append({ ...appendTo(claim, { leftChildren }), seq: claim.headSeq + 2 })).toBe('won');
    expect((await orphanIds()).includes(childId)).toBe(isOrphan);
    await end(childId);
    expect(await mailOf(workerId)).toEqual([]);
  });

  test('a child that ends while it becomes one leaves nothing to be stopped', async () => {
    const { childId } = await started();
    const child = await fixture().claim(childId, await fixture().worker());
    const session = await fixture().session();
    await session.query('begin');
    await session.query(
      'update statehouse.child_executions set awaited = false, orphaned = true where execution_id = $1',
      [childId],
    );
    const ending = append(appendTo(child, { end: SUCCEEDED }));
    await fixture().untilBlockedBy(session);
    await session.query('commit');
    session.release();
    expect(await ending).toBe('won');
    const left = 'select from statehouse.child_executions where execution_id = $1';
    expect(await fixture().query(left, [childId])).toEqual([]);
  });

  test('children that nobody waited for go on without their parent', async () => {
    const { executionId, childId } = await started(await childOf({}, false));
    await fixture().store.executions.stop(executionId, stopWith());
    expect(await orphanIds()).not.toContain(childId);
    expect(await fixture().row(childId)).toMatchObject({ status: 'RUNNING' });
  });

  test('parent and child that end in one batch leave nothing behind', async () => {
    const { executionId, claim, childId } = await started();
    const child = await fixture().claim(childId, await fixture().worker());
    const ends = [
      { ...appendTo(claim, { end: SUCCEEDED }), seq: claim.headSeq + 2 },
      appendTo(child, { end: SUCCEEDED }),
    ];
    expect(await Promise.all(ends.map(append))).toEqual(['won', 'won']);
    const left = 'select from statehouse.child_executions where parent_execution_id = $1';
    expect(await fixture().query(left, [executionId])).toEqual([]);
  });
});

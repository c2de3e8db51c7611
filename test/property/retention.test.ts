/**
 * Executions that start, start others, end, are stopped and redriven, their machines deleted, and retention at any
 * moment between: nothing is removed that is open or not long enough over, and no row is left that points nowhere.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeEvents } from '../../runtime/execution/codec.ts';
import { redrivenEvent } from '../../runtime/execution/lifecycle.ts';
import type { StateMachineRecord } from '../../store/state-machine.ts';
import { appendTo, NOON, SUCCEEDED, stopWith, useStore } from '../store/fixture.ts';
import { PLACE } from '../support/place.ts';
import { patience, runs } from '../support/runs.ts';

const fixture = useStore();
const MACHINES = 2;
const RETENTION_HOURS = 10;
const HOUR = 60 * 60 * 1000;
const LIMITS = { executions: 2, journalRows: 3, journalBytes: 250 };

const which = fc.nat(20);
type Step =
  | { readonly kind: 'start'; readonly machine: number; readonly name: number }
  | {
      readonly kind: 'startChild';
      readonly which: number;
      readonly machine: number;
      readonly name: number;
      readonly isAwaited: boolean;
    }
  | { readonly kind: 'end' | 'grow' | 'stop' | 'redrive' | 'leave'; readonly which: number }
  | { readonly kind: 'deleteMachine'; readonly machine: number }
  | { readonly kind: 'stopOrphans' | 'remove' }
  | { readonly kind: 'wait'; readonly hours: number };

const machine = fc.nat(MACHINES - 1);
const name = fc.nat(2);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('start' as const), machine, name }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('startChild' as const),
        which,
        machine,
        name,
        isAwaited: fc.boolean(),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom(...(['end', 'end', 'grow', 'stop', 'redrive', 'leave'] as const)),
        which,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteMachine' as const), machine }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('stopOrphans' as const, 'remove' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        hours: fc.constantFrom(1, RETENTION_HOURS - 1, RETENTION_HOURS),
      }),
    },
  ),
  { minLength: 10, maxLength: 40 },
);

interface Row {
  readonly id: string;
  readonly status: string;
  readonly stopped_at: Date | null;
  readonly head_seq: number;
}

/** Plays the steps, and remembers what it has seen of each execution before retention came. */
class History {
  readonly #machines: (StateMachineRecord | undefined)[] = [];
  #hours = 0;
  #event = 100;

  async play(step: Step): Promise<void> {
    switch (step.kind) {
      case 'start':
        await fixture().store.executions.start(await this.#newExecution(step));
        return;
      case 'startChild':
        return this.#startChild(step);
      case 'end':
        return this.#append(step.which, { end: { ...SUCCEEDED, stoppedAt: this.#now } });
      case 'grow':
        return this.#append(step.which, {});
      case 'leave':
        return this.#leaveChild(step.which);
      case 'stop': {
        const execution = pick(await this.#executions(true), step.which);
        if (execution) await fixture().store.executions.stop(execution.id, stopWith());
        return;
      }
      case 'redrive': {
        const execution = pick(await this.#executions(false), step.which);
        const body = (event: { id: number; time: number; redriveCount: number }) =>
          encodeEvents([redrivenEvent({ ...event, timeoutSeconds: undefined })]);
        if (execution)
          await fixture().store.executions.redrive(execution.id, { clientToken: undefined, body });
        return;
      }
      case 'deleteMachine': {
        const deleted = await this.#machine(step.machine);
        await fixture().store.stateMachines.delete(PLACE, deleted.name);
        this.#machines[step.machine] = undefined;
        return;
      }
      case 'stopOrphans':
        for (const { executionId } of await fixture().store.executions.orphans(100))
          await fixture().store.executions.stop(executionId, stopWith());
        return;
      case 'wait':
        return this.wait(step.hours);
      case 'remove':
        return this.#remove();
    }
  }

  async wait(hours: number): Promise<void> {
    this.#hours += hours;
    await fixture().query(`create or replace function statehouse.now() returns timestamptz language sql stable
      as $$ select '${new Date(this.#now).toISOString()}'::timestamptz $$`);
  }

  get #now(): number {
    return NOON + this.#hours * HOUR;
  }

  /** All batches, of which nothing but what is due may go. */
  async #remove(): Promise<void> {
    const before = await this.#executions();
    const links = await this.#links();
    const cutoff = this.#now - RETENTION_HOURS * HOUR;
    const retentionMs = RETENTION_HOURS * HOUR;
    let after: number | undefined;
    do {
      const { next } = await fixture().store.retention.removeExecutions({
        retentionMs,
        after,
        limits: LIMITS,
      });
      after = next;
    } while (after !== undefined);
    while ((await fixture().store.retention.removeMachines(retentionMs, 1)) > 0);

    const kept = new Set((await this.#executions()).map(({ id }) => id));
    for (const { id, stopped_at } of before)
      if (stopped_at === null || stopped_at.getTime() > cutoff) expect(kept).toContain(id);
    const parents = await fixture().query<{ id: string }>(
      'select distinct parent_execution_id as id from statehouse.child_executions where orphaned',
    );
    for (const { id, stopped_at } of before)
      if (stopped_at !== null && stopped_at.getTime() <= cutoff && !parents.some((p) => p.id === id))
        expect(kept).not.toContain(id);
    // What links tell does not change.
    expect(await this.#links()).toEqual(links);
  }

  /** What the open parents' links tell. */
  async #links(): Promise<unknown[]> {
    const links = await fixture().query<{ parent: string; event: number }>(`
      select parent_execution_id as parent, scheduled_event_id as event from statehouse.child_executions c
      join statehouse.executions e on e.id = c.parent_execution_id and e.status = 'RUNNING' order by 1, 2`);
    return Promise.all(
      links.map(({ parent, event }) => fixture().store.executions.children(parent, [event])),
    );
  }

  async #startChild(step: Step & { kind: 'startChild' }): Promise<void> {
    const { isAwaited } = step;
    const execution = await this.#newExecution(step);
    await this.#append(step.which, {
      children: [{ scheduledEventId: ++this.#event, isAwaited, execution }],
    });
  }

  async #leaveChild(which: number): Promise<void> {
    const links = await fixture().query<{ parent: string; event: number }>(
      'select parent_execution_id as parent, scheduled_event_id as event from statehouse.child_executions where awaited',
    );
    const link = pick(links, which);
    if (link === undefined) return;
    const leftChildren = [{ scheduledEventId: link.event, isOrphan: which % 2 === 0 }];
    await this.#appendTo(link.parent, { leftChildren });
  }

  async #append(which: number, overrides: Parameters<typeof appendTo>[1]): Promise<void> {
    const execution = pick(await this.#executions(true), which);
    if (execution) await this.#appendTo(execution.id, overrides);
  }

  async #appendTo(id: string, overrides: Parameters<typeof appendTo>[1]): Promise<void> {
    const claim = await fixture().claim(id, await fixture().worker());
    const mail = claim.mail.map((item) => item.id);
    expect(await fixture().store.leases.append(appendTo(claim, { mail, ...overrides }))).toBe('won');
    if (overrides?.end === undefined)
      await fixture().store.leases.park({
        ...{ executionId: id, epoch: claim.epoch, signals: claim.signals, wakeAt: null },
        snapshot: { seq: 1, version: 1, body: '{}' },
      });
  }

  /** All, the open ones or the closed ones, in the order of their starts. */
  #executions(isOpen?: boolean): Promise<Row[]> {
    return fixture().query<Row>(
      `select * from statehouse.executions where (status = 'RUNNING') = coalesce($1, status = 'RUNNING') order by id`,
      [isOpen ?? null],
    );
  }

  async #newExecution(step: { machine: number; name: number }) {
    const { id: stateMachineId, revisionRowId } = await this.#machine(step.machine);
    const startedAt = this.#now;
    return fixture().newExecution({ stateMachineId, revisionRowId, name: `name ${step.name}`, startedAt });
  }

  async #machine(index: number): Promise<StateMachineRecord> {
    const machine = this.#machines[index] ?? (await fixture().machine());
    this.#machines[index] = machine;
    return machine;
  }
}

function pick<Item>(items: readonly Item[], which: number): Item | undefined {
  return items[which % items.length];
}

/** Each finds rows that there must not be. */
const DANGLING: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'execution_names',
      'snapshots',
      'mailbox',
      'task_tokens',
      'activity_tasks',
      'redrive_tokens',
      'map_runs',
    ].map((table) => [
      table,
      `select * from statehouse.${table} t where not exists (
          select from statehouse.executions e where e.id = t.execution_id)`,
    ]),
  ),
  'journals of nobody': `select execution_id from statehouse.journal j
    where not exists (select from statehouse.executions e where e.id = j.execution_id)`,
  'journals with gaps': `select id from statehouse.executions e
    where head_seq <> (select count(*) from statehouse.journal j where j.execution_id = e.id)`,
  'rests of journals': 'select * from statehouse.removed_executions',
  'executions without their name': `select id from statehouse.executions e where not exists (
    select from statehouse.execution_names n
    where n.state_machine_id = e.state_machine_id and n.name = e.name and n.execution_id = e.id)`,
  'executions without machine or revision': `select id from statehouse.executions e where not exists (
    select from statehouse.state_machine_revisions r join statehouse.state_machines m on m.id = r.state_machine_id
    where r.id = e.revision_id and m.id = e.state_machine_id)`,
  'links of closed parents, but for orphans': `select c.* from statehouse.child_executions c where not orphaned
    and not exists (select from statehouse.executions e where e.id = parent_execution_id and e.status = 'RUNNING')`,
  'links of parents that are gone': `select c.* from statehouse.child_executions c
    where not exists (select from statehouse.executions e where e.id = parent_execution_id)`,
  'links to nobody': `select c.* from statehouse.child_executions c left join statehouse.executions e on e.id = execution_id
    where (e.id is null and removed_name is null) or (e.id is null and (awaited or orphaned))`,
};

async function expectNothingDangling(): Promise<void> {
  for (const [what, sql] of Object.entries(DANGLING)) expect(await fixture().query(sql), what).toEqual([]);
}

test(
  'nothing that is open or young is removed, and no row is left that points nowhere',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (played) => {
        const history = new History();
        await history.wait(0);
        for (const step of played) {
          await history.play(step);
          await expectNothingDangling();
        }
      }),
      { numRuns: runs(15), endOnFailure: true },
    );
  },
  patience(120_000),
);

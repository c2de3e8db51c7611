/** The simulation can fail: each of these faults, planted in the database or on the way there, is found within a few schedules. */
import { expect, test } from 'vitest';
import type { Workflow } from '../chaos/workflows/workflow.ts';
import { playWithCrashes, SMALL_MACHINES } from './crashes.ts';
import { ModelDatabase } from './model/database.ts';
import { simulate } from './simulate.ts';

type Database = new (...args: ConstructorParameters<typeof ModelDatabase>) => ModelDatabase;
type Append = Parameters<ModelDatabase['append']>[0];

const PLANTED: Readonly<Record<string, Database>> = {
  'an append that does not look at the epoch and the head': class extends ModelDatabase {
    override append(entry: Append) {
      const row = this.tables.executions.get(entry.executionId);
      if (row?.status !== 'RUNNING') return super.append(entry);
      return super.append({ ...entry, epoch: row.epoch, seq: row.headSeq + 1 });
    }
  },
  'an effect before its append, which is never written then': class extends ModelDatabase {
    #appends = 0;

    override append(entry: Append) {
      this.#appends++;
      return this.#appends % 5 === 0 ? 'won' : super.append(entry);
    }
  },
  'a park that does not count the signals': class extends ModelDatabase {
    override park(entry: Parameters<ModelDatabase['park']>[0]) {
      const signals = this.tables.executions.get(entry.executionId)?.signals ?? entry.signals;
      return super.park({ ...entry, signals });
    }
  },
  'a claim that leaves mail behind without a word': class extends ModelDatabase {
    override claim(...call: Parameters<ModelDatabase['claim']>) {
      const claim = super.claim(...call);
      return claim && { ...claim, mailLeft: 0 };
    }
  },
  'a token that stays open when it was answered': class extends ModelDatabase {
    override signal(entry: Parameters<ModelDatabase['signal']>[0]) {
      const waiting = this.tables.tokens.get(entry.token);
      const outcome = super.signal(entry);
      if (waiting !== undefined) this.tables.tokens.set(entry.token, waiting);
      return outcome;
    }
  },
  'attempts that are given up with their tokens open': class extends ModelDatabase {
    override closeTokens() {
      return 'closed' as const;
    }
  },
  'a child for each time that its append comes': class extends ModelDatabase {
    override append(entry: Append) {
      const row = this.tables.executions.get(entry.executionId);
      if (entry.children.length > 0 && row?.epoch === entry.epoch)
        this.tables.children = this.tables.children.filter(({ parentId }) => parentId !== row.id);
      return super.append(entry);
    }
  },
  'the end of a child that its parent does not hear of': class extends ModelDatabase {
    override append(entry: Append) {
      const outcome = super.append(entry);
      this.tables.mailbox = this.tables.mailbox.filter(({ kind }) => kind !== 'ExecutionEnded');
      return outcome;
    }
  },
  'executions whose job was lost, and that are never due again': class extends ModelDatabase {
    override wakeDue() {
      return 0;
    }
  },
  'workers that are never taken for dead': class extends ModelDatabase {
    override reconcile() {
      return { deadWorkers: 0, rescued: 0 };
    }
  },
  'due before its time': class extends ModelDatabase {
    override heartbeat(workerId: string) {
      const answer = super.heartbeat(workerId);
      return { ...answer, time: answer.time + 400 };
    }
  },
};

const SCHEDULES_MAX = 150;

test.each(Object.entries(PLANTED))('%s', async (_fault, Database) => {
  let seed = 1;
  for (; seed <= SCHEDULES_MAX; seed++) {
    const report = await simulate(seed, { createDatabase: (clock, notify) => new Database(clock, notify) });
    if (report.violations.length > 0) return;
  }
  expect.fail(`${SCHEDULES_MAX} schedules have not found it`);
});

test('a claim that takes also what it was revoked for, where nobody looks for leases that he does not know of', async () => {
  class Fault extends ModelDatabase {
    override claim(entry: Parameters<ModelDatabase['claim']>[0]) {
      return super.claim(entry, { attempt: 1, revoked: 0 });
    }

    override owned() {
      return [];
    }
  }
  const found: unknown[] = [];
  for (let at = 0; at < 4; at++) {
    const { violations } = await playWithCrashes(
      SMALL_MACHINES['a Wait that is parked'] as Workflow,
      [{ at, way: 'is served late' }],
      { createDatabase: (clock, notify) => new Fault(clock, notify) },
    );
    found.push(...violations);
  }
  expect(found).not.toEqual([]);
});

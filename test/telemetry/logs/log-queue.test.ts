import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type LogDestination,
  type LogEntry,
  PartlyWritten,
} from '../../../telemetry/logs/log-destination.ts';
import { LogQueue, type LogQueueBounds } from '../../../telemetry/logs/log-queue.ts';
import { LogLines } from '../../support/log-lines.ts';
import { runs } from '../../support/runs.ts';
import { ManualClock } from '../../worker/manual-clock.ts';
import { entry } from './log-entry.ts';

type Outcome = 'written' | 'failed' | 'partly' | 'refused';

/** Writes that end when a test says how. */
class SteeredDestination implements LogDestination {
  readonly written: LogEntry[] = [];
  /** Entries and characters of each write. */
  readonly batches: { readonly count: number; readonly size: number }[] = [];
  overlaps = 0;
  closed = false;
  #settle: ((outcome: Outcome) => void) | undefined;

  get isWriting(): boolean {
    return this.#settle !== undefined;
  }

  async write(entries: readonly LogEntry[], refuse: (count: number, reason: string) => void): Promise<void> {
    if (this.isWriting) this.overlaps++;
    this.batches.push({ count: entries.length, size: entries.reduce((sum, { size }) => sum + size, 0) });
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#settle = resolve;
    });
    this.#settle = undefined;
    if (outcome === 'failed') throw new Error('not now');
    const half = Math.floor(entries.length / 2);
    if (outcome === 'refused') refuse(half, 'too old');
    this.written.push(
      ...(outcome === 'written'
        ? entries
        : outcome === 'refused'
          ? entries.slice(half)
          : entries.slice(0, half)),
    );
    if (outcome === 'partly') throw new PartlyWritten(entries.slice(half), new Error('half of it'));
  }

  async settle(outcome: Outcome): Promise<void> {
    this.#settle?.(outcome);
    await idle();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#settle?.('failed');
  }
}

/** Until nothing goes on but by the clock or the destination. */
async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function setUp(bounds: Partial<LogQueueBounds> = {}) {
  const clock = new ManualClock();
  const destination = new SteeredDestination();
  const log = new LogLines();
  const queue = new LogQueue({ name: 'test', destination, clock, logger: log.logger, bounds });
  return { clock, destination, log, queue };
}

test('entries wait for others to be written with, or until there is a batch of them', async () => {
  const { clock, destination, queue } = setUp({ batchEntriesMax: 3, lingerMs: 100 });
  queue.add(entry(1));
  clock.advance(99);
  queue.add(entry(2));
  expect(destination.isWriting).toBe(false);
  clock.advance(1);
  await destination.settle('written');
  expect(destination.batches).toMatchObject([{ count: 2 }]);
  for (const id of [3, 4, 5, 6]) queue.add(entry(id));
  await destination.settle('written');
  expect(destination.batches).toMatchObject([{ count: 2 }, { count: 3 }]);
  expect(queue).toMatchObject({ buffered: 1, written: 5, dropped: 0 });
});

test('what is left of a batch is tried again, each time later, until the time is over', async () => {
  const { clock, destination, log, queue } = setUp({ lingerMs: 0, retryMs: 60_000 });
  for (const id of [1, 2, 3, 4]) queue.add(entry(id));
  clock.advance(0);
  await destination.settle('partly');
  expect(queue).toMatchObject({ buffered: 2, written: 2 });
  let attempts = 1;
  while (queue.buffered > 0) {
    clock.advance(10_000);
    await idle();
    if (destination.isWriting) attempts++;
    await destination.settle('failed');
  }
  expect(attempts).toBeGreaterThan(4);
  expect(clock.monotonic()).toBeLessThan(80_000);
  expect(queue).toMatchObject({ written: 2, dropped: 2 });
  expect(log.aboveInfo).toMatchObject([{ destination: 'test', dropped: 2, err: { message: 'not now' } }]);
  // It goes on with what comes next.
  queue.add(entry(5));
  clock.advance(0);
  await destination.settle('written');
  expect(destination.written.map(({ record }) => record.id)).toEqual(['1', '2', '5']);
});

test('an entry that is refused counts as dropped, and is not tried again', async () => {
  const { clock, destination, log, queue } = setUp({ lingerMs: 0 });
  for (const id of [1, 2]) queue.add(entry(id));
  clock.advance(0);
  await destination.settle('refused');
  expect(queue).toMatchObject({ buffered: 0, written: 1, dropped: 1 });
  expect(log.aboveInfo).toMatchObject([{ dropped: 1, reason: 'too old' }]);
});

test('beyond its bounds entries are dropped and counted, with a warning now and then', async () => {
  const { clock, destination, log, queue } = setUp({ entriesMax: 2 });
  for (let id = 1; id <= 5; id++) queue.add(entry(id));
  expect(queue).toMatchObject({ buffered: 2, dropped: 3 });
  expect(log.aboveInfo).toMatchObject([{ dropped: 1, reason: 'the buffer is full' }]);
  clock.advance(10_000);
  queue.add(entry(6));
  expect(log.aboveInfo).toMatchObject([{ dropped: 1 }, { dropped: 3 }]);
  await destination.settle('written');
  expect(queue).toMatchObject({ buffered: 0, written: 2, dropped: 4 });
});

test('many characters fill the buffer as many entries do', () => {
  const { queue } = setUp({ sizeMax: 1000 });
  for (const id of [1, 2, 3]) queue.add(entry(id, 400));
  queue.add(entry(4, 200));
  expect(queue).toMatchObject({ buffered: 3, dropped: 1 });
});

test('closing writes what is left', async () => {
  const { destination, log, queue } = setUp({ batchEntriesMax: 2 });
  for (const id of [1, 2, 3]) queue.add(entry(id));
  const closed = queue.close();
  await destination.settle('written');
  await destination.settle('written');
  await closed;
  expect(destination.closed).toBe(true);
  expect(queue).toMatchObject({ buffered: 0, written: 3, dropped: 0 });
  queue.add(entry(4));
  expect(queue.dropped).toBe(1);
  expect(log.aboveInfo).toMatchObject([{ dropped: 1, reason: 'the process is stopping' }]);
});

test('closing gives up after a while, and says how many were lost', async () => {
  const { clock, destination, log, queue } = setUp({ batchEntriesMax: 2, closeMs: 5000 });
  for (const id of [1, 2, 3]) queue.add(entry(id));
  const closed = queue.close();
  await idle();
  clock.advance(5000);
  await closed;
  expect(destination.closed).toBe(true);
  expect(queue).toMatchObject({ buffered: 0, written: 0, dropped: 3 });
  expect(log.aboveInfo.reduce((sum, { dropped }) => sum + Number(dropped), 0)).toBe(3);
});

type Step =
  | { readonly add: number; readonly size: number }
  | { readonly ms: number }
  | { readonly settle: Outcome };

test('whatever happens, its bounds hold, every entry is accounted for, and the order stays', async () => {
  const bounds = {
    entriesMax: 12,
    sizeMax: 1000,
    batchEntriesMax: 4,
    batchSizeMax: 300,
    lingerMs: 50,
    retryMs: 2000,
  };
  const steps: fc.Arbitrary<Step>[] = [
    fc.record({ add: fc.integer({ min: 1, max: 6 }), size: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ ms: fc.constantFrom(10, 50, 1000, 5000) }),
    fc.record({ settle: fc.constantFrom<Outcome>('written', 'failed', 'partly', 'refused') }),
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...steps), { maxLength: 40 }), async (story) => {
      const { clock, destination, queue } = setUp(bounds);
      let added = 0;
      let waiting = 0;
      for (const step of story) {
        if ('ms' in step) clock.advance(step.ms);
        else if ('settle' in step) await destination.settle(step.settle);
        else for (let i = 0; i < step.add; i++) queue.add(entry(++added, step.size));
        await idle();
        waiting = queue.buffered;
        expect(waiting).toBeLessThanOrEqual(bounds.entriesMax);
        expect(queue.written + queue.dropped + waiting).toBe(added);
      }
      for (const { count, size } of destination.batches) {
        expect(count).toBeLessThanOrEqual(bounds.batchEntriesMax);
        if (count > 1) expect(size).toBeLessThanOrEqual(bounds.batchSizeMax);
      }
      const ids = destination.written.map(({ record }) => Number(record.id));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(new Set(ids).size).toBe(ids.length);
      expect(queue.written).toBe(ids.length);
      expect(destination.overlaps).toBe(0);
    }),
    { numRuns: runs(200) },
  );
});

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { runService, type Service } from '../../../worker/services/service.ts';
import { LogLines } from '../../support/log-lines.ts';
import { ManualClock } from '../manual-clock.ts';

const silent = pino({ level: 'silent' });

/** Promises that have nothing to wait for come to their ends. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function service(answers: ('again' | 'rest' | Error)[]): Service & { runs: number } {
  return {
    name: 'test',
    paceMs: 100,
    runs: 0,
    async runOnce() {
      const answer = answers[this.runs++] ?? 'rest';
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

test('runs at once, then at its pace', async () => {
  const clock = new ManualClock();
  const subject = service([]);
  const stop = runService(subject, clock, silent);
  await settled();
  expect(subject.runs).toBe(1);
  clock.advance(99);
  await settled();
  expect(subject.runs).toBe(1);
  clock.advance(1);
  await settled();
  expect(subject.runs).toBe(2);
  await stop();
});

test('runs again without a pause while there is more to do', async () => {
  const subject = service(['again', 'again', 'rest']);
  const stop = runService(subject, new ManualClock(), silent);
  await settled();
  expect(subject.runs).toBe(3);
  await stop();
});

test('goes on after a failure, at its pace', async () => {
  const clock = new ManualClock();
  const subject = service([new Error('the database is away')]);
  const stop = runService(subject, clock, silent);
  await settled();
  expect(subject.runs).toBe(1);
  clock.advance(100);
  await settled();
  expect(subject.runs).toBe(2);
  await stop();
});

test('stops, after the run under way, and leaves no timer behind', async () => {
  const clock = new ManualClock();
  const under = Promise.withResolvers<'rest'>();
  const subject: Service = { name: 'test', paceMs: 100, runOnce: () => under.promise };
  let stopped = false;
  const stopping = runService(subject, clock, silent)().then(() => {
    stopped = true;
  });
  await settled();
  expect(stopped).toBe(false);
  under.resolve('rest');
  await stopping;
  expect(clock.timers).toBe(0);
});

test('survives being started and stopped hundreds of times', async () => {
  const clock = new ManualClock();
  for (let round = 0; round < 300; round++) await runService(service([]), clock, silent)();
  expect(clock.timers).toBe(0);
});

test('says once in a while that it fails in the same way, and that it is over', async () => {
  const log = new LogLines();
  const clock = new ManualClock();
  const away = new Error('the database is away');
  const subject = service([away, away, new Error('it is starting'), ...Array(301).fill(away), 'rest']);
  const stop = runService(subject, clock, log.logger);
  await settled();
  while (subject.runs < 305) {
    clock.advance(100);
    await settled();
  }
  await stop();
  expect(log.lines.map(({ msg }) => msg)).toEqual([
    ...Array(4).fill('service failed; it will run again'), // away, starting, away, and away 30 s later
    'service runs again',
  ]);
});

/** The model keeps what Postgres keeps: random calls, also of those who have lost their lease, have the same outcomes and leave the same rows. */
import { expect, onTestFinished, test } from 'vitest';
import { Dice, drawSeed } from '../chaos/dice.ts';
import { runs } from '../support/runs.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { PostgresTwin } from './model/postgres-twin.ts';
import { RandomCalls } from './model/random-calls.ts';

const HOUR_MS = 60 * 60 * 1000;

test('calls have the outcomes that they have on Postgres, and leave the same rows', async () => {
  const seed = drawSeed();
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const twin = await PostgresTwin.open(database.url, Date.now() + HOUR_MS);
  onTestFinished(() => twin.close());
  const calls = new RandomCalls(twin, new Dice(seed, 4));
  for (let n = runs(250); n > 0; n--) {
    const { call, model, real } = await calls.next();
    expect(model, `seed ${seed}: ${call}`).toEqual(real);
    expect(twin.modelRows(), `seed ${seed}: after ${call}`).toEqual(await twin.realRows());
  }
});

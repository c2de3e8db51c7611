import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApi } from '../../api/api.ts';
import type { Caller } from '../../api/auth/caller.ts';
import type { OperationName } from '../../api/model/shapes.ts';
import { createThrottle, type Throttle } from '../../api/throttle.ts';
import { PORTABLE_LIMITS } from '../../runtime/index.ts';
import { openStore } from '../../store/open.ts';
import { PLACE } from '../support/place.ts';
import { post } from './test-api.ts';

const ANYBODY: Caller = { accessKeyId: undefined, place: PLACE };
const ada: Caller = { accessKeyId: 'AKIAADA', place: PLACE };
const ben: Caller = { accessKeyId: 'AKIABEN', place: { ...PLACE, region: 'eu-central-1' } };

/** How often an operation is admitted before it is refused. */
function burst(throttle: Throttle, operation: OperationName, caller = ANYBODY): number {
  for (let admitted = 0; ; admitted++) {
    try {
      throttle.admit(caller, operation);
    } catch (error) {
      expect(error).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded', status: 400 });
      return admitted;
    }
  }
}

describe('throttle', () => {
  test('admits a burst of the size of the bucket, and then what is refilled', () => {
    let time = 0;
    const throttle = createThrottle(() => time);
    expect(burst(throttle, 'StartExecution')).toBe(1300);
    time += 100;
    expect(burst(throttle, 'StartExecution')).toBe(30);
    time += 3_600_000;
    expect(burst(throttle, 'StartExecution')).toBe(1300);
  });

  test('operations do not take from each other', () => {
    const throttle = createThrottle(() => 0);
    expect(burst(throttle, 'TestState')).toBe(50);
    expect(burst(throttle, 'StopExecution')).toBe(1000);
  });

  test('smaller regions have smaller buckets', () => {
    expect(
      burst(
        createThrottle(() => 0),
        'StartExecution',
        ben,
      ),
    ).toBe(800);
  });

  test('API keys do not take from each other', () => {
    const throttle = createThrottle(() => 0);
    expect(burst(throttle, 'TestState', ada)).toBe(50);
    expect(burst(throttle, 'TestState', ben)).toBe(50);
    expect(burst(throttle, 'TestState', ada)).toBe(0);
  });

  test('a rate below one a second adds up', () => {
    let time = 0;
    const throttle = createThrottle(() => time);
    expect(burst(throttle, 'DescribeActivity')).toBe(200);
    time += 600;
    expect(burst(throttle, 'DescribeActivity')).toBe(0);
    time += 600;
    expect(burst(throttle, 'DescribeActivity')).toBe(1);
  });

  test.each([true, false])('the API throttles when it is switched on: %s', async (isThrottled) => {
    const logger = pino({ level: 'silent' });
    // Nothing is asked of the database: an operation of another version is refused after it was counted.
    const store = await openStore({
      databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing',
      poolSize: 2,
      logger,
    });
    const api = createApi({
      store,
      place: PLACE,
      ceilings: PORTABLE_LIMITS,
      isThrottled,
      logger,
      now: () => 0,
    });
    onTestFinished(async () => {
      await api.close();
      await store.close();
    });
    const call = async () => (await post(api, 'DescribeMapRun', '{}')).json().__type;
    for (let count = 0; count < 200; count++) expect(await call()).toBe('ValidationException');
    expect(await call()).toBe(isThrottled ? 'ThrottlingException' : 'ValidationException');
  });

  test('a clock that is set back neither fills nor empties a bucket', () => {
    let time = 10_000;
    const throttle = createThrottle(() => time);
    throttle.admit(ANYBODY, 'TestState');
    time = 0;
    expect(burst(throttle, 'TestState')).toBe(49);
  });
});

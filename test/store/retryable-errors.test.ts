import { describe, expect, test } from 'vitest';
import { isRetryable, isWithoutEffect, type RetryPolicy, retrying } from '../../store/retryable-errors.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { createLogger } from '../../telemetry/log.ts';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

describe('isWithoutEffect', () => {
  test('what Postgres has refused, and where it was not reached', () => {
    expect(isWithoutEffect(Object.assign(withCode('53100'), { severity: 'ERROR' }))).toBe(true);
    expect(isWithoutEffect(Object.assign(withCode('57P03'), { severity: 'FATAL' }))).toBe(true);
    expect(isWithoutEffect(withCode('ECONNREFUSED'))).toBe(true);
    expect(isWithoutEffect(new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]))).toBe(
      true,
    );
    expect(isWithoutEffect(new Error('timeout exceeded when trying to connect'))).toBe(true);
  });

  test('not when the connection broke: the answer to a COMMIT may have been on its way', () => {
    expect(isWithoutEffect(Object.assign(withCode('57P01'), { severity: 'FATAL' }))).toBe(false);
    expect(isWithoutEffect(withCode('ECONNRESET'))).toBe(false);
    expect(isWithoutEffect(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNRESET')]))).toBe(
      false,
    );
    expect(isWithoutEffect(new Error('Connection terminated unexpectedly'))).toBe(false);
    expect(isWithoutEffect('gone')).toBe(false);
  });
});

describe('isRetryable', () => {
  test.each([
    '40001',
    '40P01',
    '53100',
    '53300',
    '57014',
    '57P01',
    '57P03',
    '08006',
    'ECONNREFUSED',
    'ECONNRESET',
    'ERR_STREAM_DESTROYED',
  ])('%s', (code) => {
    expect(isRetryable(withCode(code))).toBe(true);
  });

  test.each(['22021', '22P02', '23505', '42883', '0A000'])('not %s', (code) => {
    expect(isRetryable(withCode(code))).toBe(false);
  });

  test('pg’s errors about connections, which have no code', () => {
    expect(isRetryable(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isRetryable(new Error('timeout exceeded when trying to connect'))).toBe(true);
    expect(isRetryable(new Error('Client was closed and is not queryable'))).toBe(true);
    expect(isRetryable(new Error('Received unexpected commandComplete message from backend.'))).toBe(true);
  });

  test('a database that takes no connections for now, but not a statement out of place', () => {
    const refused = Object.assign(withCode('55000'), { severity: 'FATAL' });
    expect(isRetryable(refused)).toBe(true);
    expect(isRetryable(Object.assign(withCode('55000'), { severity: 'ERROR' }))).toBe(false);
  });

  test('a function that a migration has replaced meanwhile, but not what else Postgres did not expect', () => {
    const unexpected = (message: string): Error => Object.assign(new Error(message), { code: 'XX000' });
    expect(isRetryable(unexpected('cache lookup failed for function 16543'))).toBe(true);
    expect(isRetryable(unexpected('cache lookup failed for type 16543'))).toBe(false);
  });

  test('a refused connection to a host with several addresses', () => {
    expect(isRetryable(new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]))).toBe(true);
  });

  test('no error of ours', () => {
    expect(isRetryable(new RangeError('a text of a batch must not contain U+001E'))).toBe(false);
    expect(isRetryable('ECONNREFUSED')).toBe(false);
  });
});

describe('retrying', () => {
  const policy = (overrides: Partial<RetryPolicy> = {}): RetryPolicy => ({
    deadlineMs: 60_000,
    clock: systemClock,
    signal: new AbortController().signal,
    logger: createLogger('silent'),
    ...overrides,
  });

  /** Fails with each of the errors in turn, then answers how often it was called. */
  function failing(...errors: Error[]) {
    let calls = 0;
    return async (): Promise<number> => {
      const error = errors[calls++];
      if (error) throw error;
      return calls;
    };
  }

  test('goes on until the call succeeds', async () => {
    expect(await retrying(policy(), failing(withCode('40P01'), withCode('ECONNREFUSED')))).toBe(3);
  });

  test('throws what does not pass by itself at once', async () => {
    await expect(retrying(policy(), failing(withCode('22021')))).rejects.toThrow('22021');
  });

  test('gives up at the deadline', async () => {
    await expect(retrying(policy({ deadlineMs: 0 }), failing(withCode('40001')))).rejects.toThrow('40001');
  });

  test('does not go on once the store closes', async () => {
    const signal = AbortSignal.abort();
    await expect(retrying(policy({ signal }), failing(withCode('40001')))).rejects.toThrow('40001');
  });
});

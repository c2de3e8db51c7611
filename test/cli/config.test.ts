/** What the environment may say, and how a setting that is none is refused. */
import { expect, test } from 'vitest';
import { CommandError } from '../../cli/command-error.ts';
import { readConfig } from '../../cli/config.ts';

test('a variable that is empty is not set', () => {
  const empty = {
    DATABASE_URL: '',
    STATEHOUSE_DIRECT_DATABASE_URL: '',
    STATEHOUSE_PORT: '',
    STATEHOUSE_HOST: '',
    STATEHOUSE_METRICS_PORT: '',
    STATEHOUSE_REGION: '',
    STATEHOUSE_AUTH: '',
    STATEHOUSE_MAX_CONCURRENCY: '',
    STATEHOUSE_RETENTION_DAYS: '',
    STATEHOUSE_LOG_RETENTION_DAYS: '',
    STATEHOUSE_GRACE_SECONDS: '',
    LOG_LEVEL: '',
  };
  expect(readConfig(empty)).toEqual(readConfig({}));
});

test.each([
  ['STATEHOUSE_PORT', 'http', 'expected a whole number from 0 to 65535'],
  ['STATEHOUSE_PORT', '80.5', 'expected a whole number from 0 to 65535'],
  ['STATEHOUSE_METRICS_PORT', '-1', 'expected a whole number from 0 to 65535'],
  ['STATEHOUSE_POOL_SIZE', '1', 'expected a whole number from 2'],
  ['STATEHOUSE_GRACE_SECONDS', '-1', 'expected a number of seconds from 0 to 604800'],
  ['STATEHOUSE_WORKER_TIMEOUT_SECONDS', '1e9', 'expected a number of seconds from 1 to 86400'],
  ['STATEHOUSE_REGION', 'Berlin', 'expected small letters, digits and hyphens, such as us-east-1'],
  ['STATEHOUSE_PARTITION', 'azure', 'expected a partition such as aws, aws-cn or aws-us-gov'],
])('refuses %s=%s', (name, value, message) => {
  expect(() => readConfig({ [name]: value })).toThrow(new CommandError(`${name}: ${message}`));
});

test.each([
  'postgres://user:password@host:5432/database',
  'postgresql://user:p%23ss@[::1]/database?sslmode=verify-full',
  'postgresql://user@/database?host=/var/run/postgresql',
  'postgres:///database?host=%2Ftmp%2Fsocket',
  'socket:/var/run/postgresql?db=database',
  '/var/run/postgresql database',
])('takes %s for a database', (url) => {
  expect(readConfig({ DATABASE_URL: url }).DATABASE_URL).toBe(url);
});

test.each([
  'database',
  'host:5432/database',
  'https://user:secret@host/database',
  'postgres://user:secret#1@host:5432/database',
  'postgres://user:secret@host:port/database',
])('refuses %s as a database, and does not show it', (url) => {
  for (const name of ['DATABASE_URL', 'STATEHOUSE_DIRECT_DATABASE_URL', 'STATEHOUSE_SQL_TASKS_URL'])
    expect(() => readConfig({ [name]: url })).toThrow(
      new CommandError(
        `${name}: expected postgres://user:password@host:5432/database, with special characters of the password as %23 or the like`,
      ),
    );
});

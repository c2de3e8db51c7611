import { schemaProblem } from '../schema-version.ts';
import { type Check, ok, problem, sqlCheck, warning } from './check.ts';

/** The oldest that its makers still look after: https://www.postgresql.org/support/versioning/ */
const MAJOR_MIN = 14;
/** What the tests run on. */
const MAJOR_TESTED = 18;

export const version = sqlCheck<{ version: string; number: number }>(
  'postgres version',
  `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
  ({ version, number }) => {
    const major = Math.floor(number / 10_000);
    if (major < MAJOR_MIN) return problem(`Postgres ${version}`, `Use Postgres ${MAJOR_TESTED}.`);
    if (major === MAJOR_TESTED) return ok(`Postgres ${version}`);
    return warning(
      `Postgres ${version}: Statehouse is tested with ${MAJOR_TESTED}`,
      `Use Postgres ${MAJOR_TESTED} where you can choose.`,
    );
  },
);

export const schema: Check = {
  name: 'schema',
  examine: async ({ direct }) => {
    const found = await schemaProblem(direct);
    return found === undefined ? ok('as this version needs it') : problem(found, 'See docs/operations.md.');
  },
};

export const writable = sqlCheck<{ standby: boolean; read_only: boolean }>(
  'writable',
  `select pg_is_in_recovery() as standby, current_setting('transaction_read_only')::bool as read_only`,
  ({ standby, read_only: isReadOnly }) => {
    if (standby) return problem('a standby', 'DATABASE_URL must lead to the primary.');
    return isReadOnly
      ? problem('transactions are read-only', 'Look for default_transaction_read_only.')
      : ok('a primary that takes writes');
  },
);

import { ok, problem, sqlCheck, warning } from './check.ts';

interface Autovacuum {
  readonly autovacuum: boolean;
  readonly track_counts: boolean;
  /** Tables of ours that it leaves alone. */
  readonly off: readonly string[];
}

export const autovacuum = sqlCheck<Autovacuum>(
  'autovacuum',
  `select current_setting('autovacuum')::bool as autovacuum, current_setting('track_counts')::bool as track_counts,
    array(select relnamespace::regnamespace || '.' || relname from pg_class
      where relnamespace in ('statehouse'::regnamespace, 'graphile_worker'::regnamespace)
        and reloptions && array['autovacuum_enabled=false', 'autovacuum_enabled=off']) as off`,
  ({ autovacuum, track_counts: tracksCounts, off }) => {
    if (!autovacuum || !tracksCounts)
      return problem('autovacuum is off: tables only grow', 'Set autovacuum = on and track_counts = on.');
    return off.length > 0
      ? problem(`autovacuum leaves ${off.join(', ')} alone`, 'alter table … reset (autovacuum_enabled)')
      : ok('on');
  },
);

interface DeadRows {
  readonly tables: readonly string[];
}

/** Autovacuum keeps up when a table has fewer than these, or than this share of those that live. */
const DEAD_ROWS_MIN = 50_000;
const DEAD_SHARE = 0.5;

export const deadRows = sqlCheck<DeadRows>(
  'dead rows',
  `select array(select format('%s.%s (%s dead, %s live)', schemaname, relname, n_dead_tup, n_live_tup)
    from pg_stat_user_tables where schemaname in ('statehouse', 'graphile_worker')
      and n_dead_tup > ${DEAD_ROWS_MIN} and n_dead_tup > n_live_tup * ${DEAD_SHARE}
    order by n_dead_tup desc) as tables`,
  ({ tables }) =>
    tables.length > 0
      ? warning(
          `autovacuum does not keep up: ${tables.join(', ')}`,
          'Look for what holds it back (old transactions), then raise autovacuum_vacuum_cost_limit.',
        )
      : ok('autovacuum keeps up'),
);

interface OldTransactions {
  readonly seconds: number | null;
  /** Prepared transactions, and slots that nobody reads. */
  readonly forgotten: readonly string[];
}

const TRANSACTION_SECONDS_MAX = 600;

export const oldTransactions = sqlCheck<OldTransactions>(
  'old transactions',
  `select (select extract(epoch from max(clock_timestamp() - xact_start)) from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend')::float8 as seconds,
    array(select 'prepared transaction ' || gid from pg_prepared_xacts where database = current_database()
      union all select 'replication slot ' || slot_name from pg_replication_slots where not active) as forgotten`,
  ({ seconds, forgotten }) => {
    if (forgotten.length > 0)
      return warning(
        `nobody uses ${forgotten.join(', ')}: rows and write-ahead log are kept for it`,
        'Bring its user back, or drop it.',
      );
    return (seconds ?? 0) > TRANSACTION_SECONDS_MAX
      ? warning(
          `a transaction has been open for ${Math.round(seconds ?? 0)} s: no row that died since can be removed`,
          'End it: select pid, query from pg_stat_activity order by xact_start.',
        )
      : ok('none holds autovacuum back');
  },
);

/** Postgres refuses to write at about two thousand million. */
const AGE_MAX = { warning: 1_000_000_000, problem: 1_600_000_000 };

export const transactionIds = sqlCheck<{ age: number }>(
  'transaction ids',
  'select age(datfrozenxid)::int as age from pg_database where datname = current_database()',
  ({ age }) => {
    const says = `the oldest is ${age} transactions old`;
    const advice =
      'Vacuum the database, and find out what holds autovacuum back: at 2,100,000,000 nothing is written any more.';
    if (age > AGE_MAX.problem) return problem(says, advice);
    return age > AGE_MAX.warning ? warning(says, advice) : ok(says);
  },
);

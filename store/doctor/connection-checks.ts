import type pg from 'pg';
import { type Check, type Finding, ok, problem, sqlCheck, warning } from './check.ts';

/** What a process takes besides its pool: a worker's job queue has four connections, its heartbeat one, and each process listens. */
const BESIDES_POOL = 6;

interface Connections {
  /** That this role may have. */
  readonly maximum: number;
  readonly used: number;
}

export const connections = sqlCheck<Connections>(
  'connections',
  `select least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
      nullif(d.datconnlimit, -1), nullif(r.rolconnlimit, -1)) as maximum,
    (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used
  from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`,
  ({ maximum, used }, { poolSize }) => {
    const needed = poolSize + BESIDES_POOL;
    const says = `${used} of ${maximum} connections are in use; a process takes up to ${needed}`;
    if (needed > maximum)
      return problem(
        says,
        'Lower STATEHOUSE_POOL_SIZE, or raise max_connections and the limits of role and database.',
      );
    return maximum - used < needed
      ? warning(
          says,
          'There is no room for one more process: raise max_connections, or lower STATEHOUSE_POOL_SIZE.',
        )
      : ok(says);
  },
);

/** How a connection is handed on to sessions of the server. */
export type Pooling = 'none' | 'by session' | 'by transaction';

export const pooler: Check = {
  name: 'pooler',
  examine: async ({ direct, pooled, hasDirectUrl }) =>
    judgePooling(await poolingOf(pooled), (await isBehindPooler(direct)) && hasDirectUrl, hasDirectUrl),
};

export function judgePooling(pooling: Pooling, isDirectPooled: boolean, hasDirectUrl: boolean): Finding {
  if (isDirectPooled)
    return problem(
      'STATEHOUSE_DIRECT_DATABASE_URL leads to a pooler as well',
      'Let it name Postgres itself: LISTEN, the job queue and migrations need sessions of their own.',
    );
  if (pooling !== 'by transaction') return ok(pooling === 'none' ? 'none' : 'one that pools by session');
  return hasDirectUrl
    ? ok('one that pools by transaction; what needs a session goes past it')
    : problem(
        'DATABASE_URL leads to a pooler that gives each transaction another session',
        'Set STATEHOUSE_DIRECT_DATABASE_URL to Postgres itself.',
      );
}

async function poolingOf([one, other]: readonly [pg.Client, pg.Client]): Promise<Pooling> {
  if (!(await isBehindPooler(one))) return 'none';
  // While `other` is in a transaction, `one` cannot have the session that it has.
  const before = await backendOf(one);
  await other.query('begin');
  try {
    const isTaken = (await backendOf(other)) === before;
    return isTaken || (await backendOf(one)) !== before ? 'by transaction' : 'by session';
  } finally {
    await other.query('rollback');
  }
}

/** A pooler does not tell its clients the process of a session: they are to cancel through it. */
async function isBehindPooler(client: pg.Client): Promise<boolean> {
  // pg's types do not tell of it.
  const { processID } = client as unknown as { processID: number };
  return processID !== (await backendOf(client));
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

interface SessionTimeouts {
  readonly statement: string;
  readonly idle: string;
}

/** Who connects through a pooler cannot set them. */
export const timeouts: Check = {
  name: 'timeouts',
  examine: async ({ pooled: [client], hasDirectUrl }) => {
    if (!hasDirectUrl) return ok('set by each connection');
    const { rows } = await client.query<SessionTimeouts>(
      `select current_setting('statement_timeout') as statement,
        current_setting('idle_in_transaction_session_timeout') as idle`,
    );
    return judgeTimeouts(rows[0] ?? { statement: '0', idle: '0' });
  },
};

export function judgeTimeouts({ statement, idle }: SessionTimeouts): Finding {
  const says = `statement_timeout is ${statement}, idle_in_transaction_session_timeout is ${idle}`;
  if (statement !== '0' && idle !== '0') return ok(says);
  return warning(
    says,
    "A pooler takes no settings from us: alter role … set statement_timeout = '30s', set idle_in_transaction_session_timeout = '10s'.",
  );
}

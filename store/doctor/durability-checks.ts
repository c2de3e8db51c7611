import { type Finding, ok, problem, sqlCheck, warning } from './check.ts';

interface Durability {
  readonly fsync: boolean;
  readonly full_page_writes: boolean;
  readonly synchronous_commit: string;
}

/** What is acknowledged must outlive a crash of the server. */
export const durability = sqlCheck<Durability>(
  'durability',
  `select current_setting('fsync')::bool as fsync, current_setting('full_page_writes')::bool as full_page_writes,
    current_setting('synchronous_commit') as synchronous_commit`,
  ({ fsync, full_page_writes: fullPageWrites, synchronous_commit: commit }) => {
    if (!fsync) return problem('fsync is off: a crash destroys the database', 'Set fsync = on.');
    if (!fullPageWrites)
      return problem(
        'full_page_writes is off: a crash can destroy the database',
        'Set full_page_writes = on.',
      );
    if (commit === 'off')
      return problem(
        'synchronous_commit is off: a crash takes what was acknowledged a moment before, and tasks run twice',
        'Set synchronous_commit = on for this role and database.',
      );
    return ok(`fsync is on, synchronous_commit is ${commit}`);
  },
);

interface Replication {
  readonly synchronous_commit: string;
  /** `synchronous_standby_names` */
  readonly names: string;
  readonly standbys: number;
  /** This role may not see what these do. */
  readonly hidden: number;
  readonly synchronous: number;
}

const DOCS = 'See docs/operations.md, "Failover".';

/** What is acknowledged should outlive the server as well. */
export const replication = sqlCheck<Replication>(
  'synchronous replication',
  `select current_setting('synchronous_commit') as synchronous_commit,
    current_setting('synchronous_standby_names') as names,
    (count(*) filter (where state = 'streaming'))::int as standbys,
    (count(*) filter (where state is null))::int as hidden,
    (count(*) filter (where state = 'streaming' and sync_state in ('sync', 'quorum')))::int as synchronous
  from pg_stat_replication`,
  judgeReplication,
);

function judgeReplication({
  names,
  standbys,
  hidden,
  synchronous,
  synchronous_commit: commit,
}: Replication): Finding {
  if (hidden > 0)
    return warning(
      'there are standbys, and this role may not see what they do',
      'Grant it pg_monitor, and run "statehouse doctor" again.',
    );
  if (names === '')
    return warning(
      standbys === 0
        ? 'no standby: losing this server loses what is not in a backup'
        : `${standbys} standbys, all of them asynchronous: a failover can lose what was acknowledged`,
      `Have a standby in synchronous_standby_names. ${DOCS}`,
    );
  if (synchronous === 0)
    return problem(
      `no standby of synchronous_standby_names (${names}) is there: every commit waits for one`,
      'Bring one back, or take the names away until there is one.',
    );
  if (commit === 'local')
    return warning(
      'synchronous_commit is local: commits do not wait for the synchronous standby',
      `Set synchronous_commit = on for this role and database. ${DOCS}`,
    );
  return ok(`${synchronous} synchronous standbys`);
}

import { type Check, type Finding, ok, problem, sqlCheck, warning } from './check.ts';

const OVERDUE_SECONDS = { warning: 15, problem: 60 };

interface Workers {
  readonly alive: number;
  readonly silent: number;
  /** Heartbeats that are still to come. */
  readonly ahead: number;
  readonly open: boolean;
}

export const workers: Check & { readonly judge: (found: Workers) => Finding } = {
  name: 'workers',
  judge: ({ alive, silent, ahead, open }) => {
    if (ahead > 0)
      return problem(
        `${ahead} workers have given heartbeats that are still to come: the server's clock was set back`,
        'Nobody sees when these die: run "statehouse recover", and keep the clocks of all servers together.',
      );
    if (alive === 0)
      return open
        ? problem(
            `no worker is alive, ${silent} have died, and executions are open`,
            'Start "statehouse worker".',
          )
        : warning('no worker is alive', 'Start "statehouse worker" before executions are started.');
    return silent > 0
      ? warning(
          `${alive} alive, ${silent} have died and still have their executions`,
          'The others take these within moments; look again, and at their logs if nothing changes.',
        )
      : ok(`${alive} alive`);
  },
  examine: async ({ direct, workerTimeoutSeconds }) => {
    const { rows } = await direct.query<Workers>(
      `with timeout as (select $1 * interval '1 second' as length)
      select count(*) filter (where heartbeat_at > statehouse.now() - length)::int as alive,
        count(*) filter (where heartbeat_at <= statehouse.now() - length)::int as silent,
        count(*) filter (where heartbeat_at > statehouse.now() + length)::int as ahead,
        exists (select from statehouse.executions where owner is not null or (owner is null and status = 'RUNNING'))
          as open
      from statehouse.workers right join timeout on true`,
      [workerTimeoutSeconds],
    );
    return workers.judge(rows[0] ?? { alive: 0, silent: 0, ahead: 0, open: false });
  },
};

interface Overdue {
  /** The one that has been due for longest. */
  readonly seconds: number | null;
}

export const due = sqlCheck<Overdue>(
  'due executions',
  `select extract(epoch from statehouse.now() - (select wake_at from statehouse.executions
    where owner is null and status = 'RUNNING' and statehouse.strikes(executions) < statehouse.strikes_max()
    order by wake_at limit 1))::float8 as seconds`,
  ({ seconds }) => judgeOverdue(seconds, 'an execution'),
);

export const dueExpress = sqlCheck<Overdue>(
  'due Express executions',
  `select extract(epoch from statehouse.now() - (select run_at from statehouse.express_executions
    where owner is null order by id limit 1))::float8 as seconds`,
  ({ seconds }) => judgeOverdue(seconds, 'an Express execution'),
);

export const setAside = sqlCheck<{ readonly count: number }>(
  'executions set aside',
  `select count(*)::int as count
  from statehouse.suspects s join statehouse.executions e on e.id = s.execution_id
  where statehouse.strikes(e) >= statehouse.strikes_max()`,
  ({ count }) =>
    count === 0
      ? ok('none')
      : warning(
          `${count} executions have ended or failed each worker that ran them, and are not run any more`,
          '"statehouse set-aside" says why; "statehouse retry" lets one run again, "statehouse stop" ends it.',
        ),
);

function judgeOverdue(seconds: number | null, what: string): Finding {
  const late = Math.round(seconds ?? 0);
  if (late < OVERDUE_SECONDS.warning) return ok('none waits for a worker');
  const says = `${what} has been due for ${late} s, and no worker takes it`;
  const advice = 'Start more workers, or look at the logs of those that there are.';
  return late < OVERDUE_SECONDS.problem ? warning(says, advice) : problem(says, advice);
}

interface Jobs {
  readonly count: number;
  /** Of graphile-worker's tries, none is left. */
  readonly exhausted: number;
}

/** More than anything makes in a moment: nobody fetches them. */
const JOBS_MAX = 100_000;

export const jobs = sqlCheck<Jobs>(
  'jobs',
  `select count(*)::int as count, (count(*) filter (where attempts >= max_attempts))::int as exhausted
  from (select attempts, max_attempts from graphile_worker._private_jobs limit ${JOBS_MAX + 1}) as counted`,
  ({ count, exhausted }) => {
    if (count > JOBS_MAX)
      return warning(
        `more than ${JOBS_MAX} jobs`,
        'Jobs are hints: if no worker fetches them, stop all, delete from graphile_worker._private_jobs, and start again.',
      );
    return exhausted > 0
      ? warning(
          `${exhausted} of ${count} jobs have failed for good`,
          'They do no harm, and their executions get others. The logs of the workers tell why.',
        )
      : ok(`${count} jobs`);
  },
);

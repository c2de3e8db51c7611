-- Statehouse 0018: executions that may have ended the worker that ran them.
--
--   suspects  executions whose last owner died, or met a fault in them, and that have not gone on since
--
-- A strike is counted when an owner that has died is released, or meets a fault of ours, and only as long as the journal
-- ends where it ended then: an append clears the execution. So nothing has to be written on the way of those that run well.
--
--   strikes   1                       claimed by any worker, as always
--             from strikes_alone()    claimed only by a worker that takes suspects: a process of its own, one at a time
--             strikes_max()           set aside: claimed by nobody, until it is retried (or stopped)
--
-- Express executions have no journal that could go on: their strikes last until they end. At strikes_max() a worker ends
-- them.
--
-- A row of suspects is written under the lock of its execution, and means something only while that is RUNNING with the
-- head it was struck at. Rows that mean nothing any more are removed by reconcile.

create function statehouse.strikes_alone() returns int
language sql immutable as $$ select 2 $$;

create function statehouse.strikes_max() returns int
language sql immutable as $$ select 5 $$;

create table statehouse.suspects (
  execution_id bigint primary key,
  strikes int not null,
  struck_at_seq int not null, -- head_seq at the last strike
  struck_at timestamptz not null,
  reason text not null -- of the last strike, JSON text
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- What a worker does about suspects: leave them to others, take them as any, or take nothing else.
alter table statehouse.workers
  add column suspects text not null default 'left' check (suspects in ('left', 'taken', 'only'));

alter table statehouse.express_executions add column strikes int not null default 0;
-- claiming by those who take nothing else; the number is strikes_alone()
create index express_executions_suspect on statehouse.express_executions (id) where owner is null and strikes >= 2;

-- The strikes of an execution that count; 0: it is no suspect.
create function statehouse.strikes(e statehouse.executions) returns int
language sql stable as $$
  select coalesce((
    select s.strikes from statehouse.suspects s
    where s.execution_id = e.id and s.struck_at_seq = e.head_seq and e.status = 'RUNNING'), 0)
$$;

-- Counts a strike for each, and answers whom this one sets aside.
create function statehouse.strike(execution_ids bigint[], why text, out set_aside bigint[])
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
begin
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;
  with struck as (
    insert into statehouse.suspects as s (execution_id, strikes, struck_at_seq, struck_at, reason)
    select e.id, 1, e.head_seq, statehouse.now(), why from statehouse.executions e
    where e.id = any (execution_ids) and e.status = 'RUNNING' order by e.id
    on conflict (execution_id) do update
      set strikes = case when s.struck_at_seq = excluded.struck_at_seq then s.strikes + 1 else 1 end,
        struck_at_seq = excluded.struck_at_seq, struck_at = excluded.struck_at, reason = excluded.reason
    returning s.execution_id, s.strikes
  )
  select array_agg(execution_id) into set_aside from struck where strikes = statehouse.strikes_max();
end
$$;

-- Another try for an execution that was set aside, as if nothing had happened. False: it was not.
create function statehouse.retry_set_aside(which bigint) returns boolean
language plpgsql as $$
begin
  perform from statehouse.executions where id = which for no key update;
  if (select statehouse.strikes(e) < statehouse.strikes_max() from statehouse.executions e where e.id = which) then
    return false;
  end if;
  delete from statehouse.suspects where execution_id = which;
  update statehouse.executions set wake_at = statehouse.now() + statehouse.hint_patience()
  where id = which and owner is null;
  perform statehouse.hint(array[which]);
  return true;
end
$$;

-- As before, but suspects are for those who take them, and who is set aside is for nobody.
create or replace function statehouse.claim(
  execution_ids bigint[], worker_ids bigint[], claim_ids bigint[], snapshot_version int
)
returns table (
  execution_id bigint, epoch int, head_seq int, next_event_id int, signals int, revision_id bigint,
  snapshot_seq int, snapshot_body text,
  journal_seqs int[], journal_first_event_ids int[], journal_bodies text,
  mail_ids bigint[], mail_event_ids int[], mail_kinds text, mail_bodies text
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
begin
  perform from statehouse.workers where id = any (worker_ids) order by id for key share;
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;

  return query
  with claimed as (
    update statehouse.executions e
    set owner = entry.worker_id, claim_id = entry.claim_id,
      owner_epoch = e.owner_epoch + case when e.owner is null then 1 else 0 end
    from unnest(execution_ids, worker_ids, claim_ids) as entry (execution_id, worker_id, claim_id)
    where e.id = entry.execution_id and e.status = 'RUNNING'
      and (e.owner is null or (e.owner = entry.worker_id and e.claim_id = entry.claim_id))
      and exists (
        select from statehouse.workers w
        where w.id = entry.worker_id and not exists (
          select from statehouse.suspects s
          where s.execution_id = e.id and s.struck_at_seq = e.head_seq
            and s.strikes >= case when w.suspects = 'left'
              then statehouse.strikes_alone() else statehouse.strikes_max() end))
      and not exists (select from statehouse.execution_slots s where s.execution_id = e.id and not s.held)
    returning e.id, e.owner_epoch, e.head_seq, e.next_event_id, e.signals, e.revision_id
  )
  select c.id, c.owner_epoch, c.head_seq, c.next_event_id, c.signals, c.revision_id,
    s.seq, s.body, j.seqs, j.first_event_ids, j.bodies, m.ids, m.event_ids, m.kinds, m.bodies
  from claimed c
  left join statehouse.snapshots s on s.execution_id = c.id and s.version = snapshot_version
  cross join lateral (
    select array_agg(row.seq order by row.seq) as seqs,
      array_agg(row.first_event_id order by row.seq) as first_event_ids,
      string_agg(row.body, E'\x1e' order by row.seq) as bodies
    from statehouse.journal row
    where row.execution_id = c.id and row.seq > coalesce(s.seq, 0)
  ) j
  cross join lateral (
    select array_agg(mail.id order by mail.id) as ids,
      array_agg(mail.scheduled_event_id order by mail.id) as event_ids,
      string_agg(mail.kind, E'\x1e' order by mail.id) as kinds,
      string_agg(mail.body, E'\x1e' order by mail.id) as bodies
    from statehouse.mailbox mail where mail.execution_id = c.id
  ) m;
end
$$;

-- As before, but jobs are no use for suspects: whoever takes them looks for them.
create or replace function statehouse.wake_due(maximum int) returns int
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  due bigint[];
begin
  due := array(
    select e.id from statehouse.executions e
    where e.owner is null and e.status = 'RUNNING' and e.wake_at <= statehouse.now()
      and not exists (
        select from statehouse.suspects s
        where s.execution_id = e.id and s.struck_at_seq = e.head_seq and s.strikes >= statehouse.strikes_alone())
    order by e.wake_at limit maximum for no key update of e skip locked);
  delete from statehouse.execution_slots where execution_id = any (due) and not held;
  update statehouse.executions set wake_at = statehouse.now() + statehouse.hint_patience() where id = any (due);
  perform statehouse.hint(due);
  return cardinality(due);
end
$$;

-- Suspects that wait for a worker that takes them, those with the fewest strikes first: most have only been near one that
-- ended its worker. Who has a job already has no more than that to wait for.
create function statehouse.waiting_suspects(maximum int) returns setof bigint
language sql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
  select e.id from statehouse.suspects s
  join statehouse.executions e on e.id = s.execution_id and e.head_seq = s.struck_at_seq
  where s.strikes >= statehouse.strikes_alone() and s.strikes < statehouse.strikes_max()
    and e.owner is null and e.status = 'RUNNING' and e.wake_at <= statehouse.now() + statehouse.hint_patience()
  order by s.strikes, s.struck_at, e.id limit maximum
$$;

drop function statehouse.claim_express(bigint, int);
-- As before, but by the worker's way with suspects. Those with strikes_max() are claimed to be ended.
create function statehouse.claim_express(worker_id bigint, maximum int)
returns table (id uuid, revision_id bigint, body text, is_given_up boolean)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  way text;
begin
  select w.suspects into way from statehouse.workers w where w.id = worker_id for key share;
  if not found then return; end if;
  if way = 'only' then
    return query
    with waiting as (
      select e.id from statehouse.express_executions e
      where e.owner is null and e.strikes >= 2 and e.strikes < statehouse.strikes_max() and e.run_at <= statehouse.now()
      order by e.strikes, e.id limit maximum for update skip locked
    )
    update statehouse.express_executions e set owner = worker_id
    from waiting where e.id = waiting.id
    returning e.id, e.revision_id, e.body, false;
  else
    return query
    with waiting as (
      select e.id from statehouse.express_executions e
      where e.owner is null and e.run_at <= statehouse.now()
        and (e.strikes < statehouse.strikes_alone() or e.strikes = statehouse.strikes_max() or way = 'taken')
      order by e.turn, e.id limit maximum for update skip locked
    )
    update statehouse.express_executions e set owner = worker_id
    from waiting where e.id = waiting.id
    returning e.id, e.revision_id, e.body, e.strikes >= statehouse.strikes_max();
  end if;
end
$$;

drop function statehouse.reconcile(double precision);
-- As before, and what the dead ran is under suspicion. set_aside: executions that no worker takes any more. dropped: Express
-- executions that could not even be ended.
create function statehouse.reconcile(
  timeout_ms double precision,
  out dead_workers int, out released int, out set_aside bigint[], out dropped uuid[]
)
language plpgsql as $$
declare
  dead bigint[];
begin
  dead := array(
    select id from statehouse.workers
    where greatest(heartbeat_at, pg_postmaster_start_time())
      < statehouse.now() - timeout_ms * interval '1 millisecond'
    for update skip locked);
  delete from statehouse.workers where id = any (dead);
  dead_workers := cardinality(dead);
  set_aside := statehouse.strike(
    array(select id from statehouse.executions where owner = any (dead)), '"The worker that ran it died."');
  update statehouse.express_executions set strikes = strikes + 1 where owner = any (dead);
  released := statehouse.release(dead);
  with gone as (
    delete from statehouse.express_executions where owner is null and strikes > statehouse.strikes_max() returning id
  )
  select array_agg(id) into dropped from gone;
  delete from statehouse.suspects where execution_id = any (array(
    select s.execution_id from statehouse.suspects s
    where not exists (
      select from statehouse.executions e
      where e.id = s.execution_id and e.head_seq = s.struck_at_seq and e.status = 'RUNNING')
    for update skip locked));
  perform statehouse.remove_deleted_machines();
end
$$;

-- Statehouse 0017: fair share. State machines take turns, so that none waits behind all that another one has started.
--
--   machine_turns   the last turn that each state machine has taken
--
-- A turn is a place in virtual time (start-time fair queueing): a machine's next turn is one step behind its last one, but
-- never before that of who is being served. So of two machines with a backlog each has every other turn, and one that has
-- asked for little is served before the backlog of one that has asked for much. Jobs are ordered by their turns, which
-- stand in run_at: graphile-worker knows priority and first come, first served. So are asynchronous Express executions.
--
-- Turns are moments in the past. While nobody waits, they follow the real time a minute behind, so that later ones are
-- behind all that was before. Who cannot have the row of its last turn, because another one is just taking turns for the
-- same machine, takes the same turns again: a little more than its share, and no waiting.

create table statehouse.machine_turns (
  state_machine_id bigint primary key references statehouse.state_machines (id) on delete cascade,
  turn timestamptz not null default '-infinity'
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
insert into statehouse.machine_turns (state_machine_id) select id from statehouse.state_machines;

-- Takes a turn for each entry, by its machine. serving: the turn of who is next; null: nobody waits.
create function statehouse.take_turns(machine_ids bigint[], serving timestamptz, out turns timestamptz[])
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  first_turn timestamptz := least(serving, clock_timestamp() - interval '1 minute');
begin
  turns := array(
    select greatest(t.turn, first_turn)
      + row_number() over (partition by entry.machine_id order by entry.position) * interval '1 microsecond'
    from unnest(machine_ids) with ordinality as entry (machine_id, position)
    left join statehouse.machine_turns t on t.state_machine_id = entry.machine_id
    order by entry.position);
  -- Alone, it is served before anybody could be behind it.
  if serving is null and cardinality(machine_ids) = 1 then return; end if;
  update statehouse.machine_turns t
  set turn = greatest(t.turn, first_turn) + taken.turns * interval '1 microsecond'
  from (
    select machine_id, count(*) as turns from unnest(machine_ids) as machine_id group by machine_id
  ) taken
  where t.state_machine_id = taken.machine_id and t.state_machine_id = any (array(
    select state_machine_id from statehouse.machine_turns
    where state_machine_id = any (machine_ids) for no key update skip locked));
end
$$;

-- ---------------------------------------------------------------- jobs

-- As before, each in its machine's turn.
create or replace function statehouse.hint(execution_ids bigint[]) returns void
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  hinted bigint[];
  machine_ids bigint[];
begin
  if coalesce(cardinality(execution_ids), 0) = 0 then return; end if;
  select array_agg(e.id order by e.id), array_agg(e.state_machine_id order by e.id) into hinted, machine_ids
  from statehouse.executions e where e.id = any (execution_ids);
  if hinted is null then return; end if;
  perform from graphile_worker.add_jobs(array(
    select row('advance', json_build_object('executionId', entry.id::text), null, entry.turn, 32767, null, null, null)
      ::graphile_worker.job_spec
    from unnest(hinted, statehouse.take_turns(machine_ids, (
      select run_at from graphile_worker._private_jobs where is_available order by priority, run_at limit 1
    ))) as entry (id, turn)
  ));
end
$$;

-- For when there are more jobs than can be handled: executions that are due and have begun, a few of them, and first those
-- that have become due last. Others have jobs that wait for their turn, and so had these if they have been due for long.
create function statehouse.wake_begun(maximum int) returns int
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  due bigint[];
begin
  due := array(
    select id from (
      select id, owner_epoch, wake_at from statehouse.executions
      where owner is null and status = 'RUNNING' and wake_at <= statehouse.now()
      order by wake_at desc limit 5000) latest
    where owner_epoch > 0 order by wake_at desc limit maximum);
  due := array(
    select id from statehouse.executions
    where id = any (due) and owner is null and status = 'RUNNING' and wake_at <= statehouse.now()
    for no key update skip locked);
  delete from statehouse.execution_slots where execution_id = any (due) and not held;
  update statehouse.executions set wake_at = statehouse.now() + statehouse.hint_patience() where id = any (due);
  perform statehouse.hint(due);
  return cardinality(due);
end
$$;

-- ---------------------------------------------------------------- asynchronous Express executions

alter table statehouse.express_executions add column turn timestamptz not null default '-infinity';
drop index statehouse.express_executions_waiting;
create index express_executions_waiting on statehouse.express_executions (turn, id) where owner is null;

-- As before, each in its machine's turn.
create or replace function statehouse.start_express(
  ids uuid[], machine_ids bigint[], revision_ids bigint[], body_texts text, out active_ids bigint[]
)
language plpgsql as $$
#variable_conflict use_column
begin
  active_ids := array(
    select m.id from statehouse.state_machines m
    where m.id = any (machine_ids) and m.status = 'ACTIVE' order by m.id for share);
  insert into statehouse.express_executions (id, state_machine_id, revision_id, body, turn)
  select entry.id, entry.machine_id, entry.revision_id, entry.body, entry.turn
  from unnest(ids, machine_ids, revision_ids, statehouse.texts(body_texts), statehouse.take_turns(machine_ids, (
    select turn from statehouse.express_executions where owner is null order by turn, id limit 1
  ))) as entry (id, machine_id, revision_id, body, turn)
  where entry.machine_id = any (active_ids)
  on conflict do nothing;
  perform pg_notify('statehouse_news', 'express');
end
$$;

-- As before, by turns.
create or replace function statehouse.claim_express(worker_id bigint, maximum int)
returns table (id uuid, revision_id bigint, body text)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
begin
  perform from statehouse.workers where id = worker_id for key share;
  if not found then return; end if;
  return query
  with waiting as (
    select e.id from statehouse.express_executions e
    where e.owner is null and e.run_at <= statehouse.now()
    order by e.turn, e.id limit maximum for update skip locked
  )
  update statehouse.express_executions e set owner = worker_id
  from waiting where e.id = waiting.id
  returning e.id, e.revision_id, e.body;
end
$$;

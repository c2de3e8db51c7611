-- Statehouse 0031: jobs are inserted, and whoever waits for an end gets it in one question.
--
-- graphile_worker.add_jobs() makes five statements of an insert, for tasks, queues and keys that ours have not: half of what a
-- start cost (docs/decisions/0038-jobs-are-inserted.md). Whoever waited for an execution asked for what was there when it
-- had ended, and the row that told so was read twice.

-- Takes a turn for each entry, by its machine. serving: the turn of who is next; null: nobody waits.
create or replace function statehouse.take_turns(
  machine_ids bigint[], serving timestamptz, out turns timestamptz[]
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  first_turn timestamptz := least(serving, clock_timestamp() - interval '1 minute');
begin
  -- Alone, it is served before anybody could be behind it.
  if serving is null and cardinality(machine_ids) = 1 then
    turns := array[first_turn];
    return;
  end if;
  turns := array(
    select greatest(t.turn, first_turn)
      + row_number() over (partition by entry.machine_id order by entry.position) * interval '1 microsecond'
    from unnest(machine_ids) with ordinality as entry (machine_id, position)
    left join statehouse.machine_turns t on t.state_machine_id = entry.machine_id
    order by entry.position);
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

-- One advance job for each execution, which each have a row: the machines take turns. As graphile_worker.add_jobs() makes
-- them of specs with neither a queue nor a key.
create or replace function statehouse.add_advance_jobs(execution_ids bigint[], machine_ids bigint[]) returns void
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  advance int := (select id from graphile_worker._private_tasks where identifier = 'advance');
begin
  if advance is null then -- nobody has ever worked here, or graphile-worker has cleaned up
    insert into graphile_worker._private_tasks (identifier) values ('advance') on conflict do nothing;
    advance := (select id from graphile_worker._private_tasks where identifier = 'advance');
  end if;
  insert into graphile_worker._private_jobs (task_id, payload, run_at, max_attempts)
  select advance, json_build_object('executionId', entry.id::text), entry.turn, 32767
  from unnest(execution_ids, statehouse.take_turns(machine_ids, (
    select run_at from graphile_worker._private_jobs where is_available order by priority, run_at limit 1
  ))) as entry (id, turn);
  perform pg_notify('jobs:insert', json_build_object('r', random(), 'count', cardinality(execution_ids))::text);
end
$$;

-- What is shown of executions: of themselves, of their state machines, and of their first journal rows. In SQL, and nothing set
-- for it: so the planner makes it part of the statement that asks.
create function statehouse.execution_records(execution_ids bigint[])
returns table (
  id bigint, state_machine_name text, name text, version_number int, alias_name text, status text,
  started_at timestamptz, stopped_at timestamptz, redrive_count int, redriven_at timestamptz,
  revision_id bigint, next_event_id int, output text, error text, cause text, trace_header text,
  machine_status text, first_body text, open_ms double precision, closed_ms double precision
)
language sql stable
as $$
  select e.id, m.name, e.name, e.version_number, e.alias_name, e.status,
    e.started_at, e.stopped_at, e.redrive_count, e.redriven_at,
    e.revision_id, e.next_event_id, e.output, e.error, e.cause, e.trace_header,
    m.status, (select body from statehouse.journal first where first.execution_id = e.id and first.seq = 1),
    statehouse.open_ms(e), statehouse.closed_ms(e)
  from statehouse.executions e
  join statehouse.state_machines m on m.id = any (array[e.state_machine_id])
  where e.id = any (execution_ids)
$$;

-- Executions by their names. A machine that was deleted and made again has the same name: then the newer one's execution
-- is meant.
create or replace function statehouse.find_executions(place_texts text, machine_name_texts text, name_texts text)
returns table (
  "position" int, id bigint, state_machine_name text, name text, version_number int, alias_name text, status text,
  started_at timestamptz, stopped_at timestamptz, redrive_count int, redriven_at timestamptz,
  revision_id bigint, next_event_id int, output text, error text, cause text, trace_header text,
  machine_status text, first_body text, open_ms double precision, closed_ms double precision
)
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  select sought.position::int, record.*
  from unnest(statehouse.texts(place_texts), statehouse.texts(machine_name_texts), statehouse.texts(name_texts))
    with ordinality as sought (place, machine_name, name, position)
  cross join lateral (
    select taken.execution_id as id
    from statehouse.state_machines m
    join statehouse.execution_names taken
      on taken.state_machine_id = any (array[m.id]) and taken.name = any (array[sought.name])
    where m.place = any (array[sought.place]) and m.name = any (array[sought.machine_name])
    order by m.id desc limit 1
  ) found
  cross join lateral statehouse.execution_records(array[found.id]) record;
end
$$;

-- Those of the executions that are closed; as many at most, for outputs are large.
create function statehouse.closed_executions(execution_ids bigint[], maximum int)
returns table (
  id bigint, state_machine_name text, name text, version_number int, alias_name text, status text,
  started_at timestamptz, stopped_at timestamptz, redrive_count int, redriven_at timestamptz,
  revision_id bigint, next_event_id int, output text, error text, cause text, trace_header text,
  machine_status text, first_body text, open_ms double precision, closed_ms double precision
)
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  select record.* from statehouse.execution_records(execution_ids) record
  where record.stopped_at is not null limit maximum;
end
$$;

-- Statehouse 0027: a start asks the database once.
--
-- What it starts was read before, up to a second ago (api/start-records.ts). That it is still the machine's current revision is
-- seen here, under the lock that a change of the machine takes: nothing is started that was replaced before. One statement
-- fewer for each table, and the clock is read once a batch: a call of a function in SQL costs as much as inserting a row.
--
-- Needs programs that know migration 27.

-- In PL/pgSQL: an SQL function that reads a volatile clock is not inlined, and takes four times as long.
create or replace function statehouse.now() returns timestamptz language plpgsql stable as $$
begin
  return coalesce(nullif(current_setting('statehouse.now', true), '')::timestamptz, clock_timestamp());
end
$$;

-- One advance job for each execution, which each have a row: the machines take turns.
create function statehouse.add_advance_jobs(execution_ids bigint[], machine_ids bigint[]) returns void language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
begin
  perform from graphile_worker.add_jobs(array(
    select row('advance', json_build_object('executionId', entry.id::text), null, entry.turn, 32767, null, null, null)
      ::graphile_worker.job_spec
    from unnest(execution_ids, statehouse.take_turns(machine_ids, (
      select run_at from graphile_worker._private_jobs where is_available order by priority, run_at limit 1
    ))) as entry (id, turn)
  ));
end
$$;

create or replace function statehouse.hint(execution_ids bigint[]) returns void language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  hinted bigint[];
  machine_ids bigint[];
begin
  if coalesce(cardinality(execution_ids), 0) = 0 then return; end if;
  select array_agg(e.id order by e.id), array_agg(e.state_machine_id order by e.id) into hinted, machine_ids
  from statehouse.executions e where e.id = any (execution_ids);
  if hinted is not null then perform statehouse.add_advance_jobs(hinted, machine_ids); end if;
end
$$;

drop function statehouse.start_executions(
  bigint[], bigint[], int[], double precision[], bigint[], text[], text[], text[], text[]);

-- Executions with their names, journal row 1 and jobs. Of `current_only`, those that name no version must have their
-- machine's current revision. current_revision_ids: of the active machines, in the order of active_ids.
create function statehouse.start_executions(
  current_only boolean, machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[],
  append_ids bigint[], names text[], alias_names text[], trace_headers text[], bodies text[],
  out started_ids bigint[], out active_ids bigint[], out current_revision_ids bigint[], out capped_ids bigint[]
)
language plpgsql as $$
#variable_conflict use_column
declare
  ids bigint[];
  won bigint[];
  hinted bigint[];
  hinted_machine_ids bigint[];
  patience_ends timestamptz := statehouse.now() + statehouse.hint_patience();
begin
  -- Shared, against a deletion and a change of the revision or the cap at the same moment.
  select array(select nextval('statehouse.executions_id_seq') from generate_series(1, cardinality(machine_ids))),
    coalesce(array_agg(m.id), '{}'), coalesce(array_agg(m.current_revision_id), '{}'),
    array_agg(m.id) filter (where m.max_concurrency is not null)
  into ids, active_ids, current_revision_ids, capped_ids
  from (
    select id, current_revision_id, max_concurrency from statehouse.state_machines
    where id = any (machine_ids) and status = 'ACTIVE' order by id for share) m;

  -- Sorted, so that batches with the same names wait for each other instead of deadlocking.
  with named as (
    insert into statehouse.execution_names (state_machine_id, name, execution_id)
    select entry.machine_id, entry.name, entry.id
    from unnest(machine_ids, names, ids, revision_ids, version_numbers)
      as entry (machine_id, name, id, revision_id, version_number)
    where entry.machine_id = any (active_ids)
      and (not current_only or entry.version_number is not null or entry.revision_id = any (current_revision_ids))
    order by entry.machine_id, entry.name
    on conflict do nothing
    returning execution_id
  )
  select coalesce(array_agg(execution_id), '{}') into won from named;

  with entry as (
    select *
    from unnest(ids, machine_ids, revision_ids, version_numbers, names, alias_names, started_ms,
        append_ids, trace_headers, bodies)
      as entry (id, machine_id, revision_id, version_number, name, alias_name, started_ms,
        append_id, trace_header, body)
    where entry.id = any (won)
  ), started as (
    insert into statehouse.executions
      (id, state_machine_id, revision_id, version_number, name, alias_name, started_at, wake_at, trace_header)
    select id, machine_id, revision_id, version_number, name, alias_name, statehouse.at(started_ms),
      case when machine_id = any (capped_ids) then coalesce(statehouse.deadline_in(body), 'infinity')
        else patience_ends end,
      trace_header
    from entry
  ), written as (
    insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body)
    select id, 1, 1, append_id, body from entry
  )
  select array_agg(id order by id), array_agg(machine_id order by id) into hinted, hinted_machine_ids
  from entry where machine_id = any (capped_ids) is not true;

  if capped_ids is not null then
    insert into statehouse.execution_slots (execution_id, state_machine_id, held)
    select id, machine_id, false from unnest(ids, machine_ids) as entry (id, machine_id)
    where id = any (won) and machine_id = any (capped_ids);
  end if;
  if hinted is not null then perform statehouse.add_advance_jobs(hinted, hinted_machine_ids); end if;

  started_ids := ids;
  if cardinality(won) < cardinality(ids) then
    started_ids := array(
      select case when id = any (won) then id end from unnest(ids) with ordinality as entry (id, position)
      order by position);
  end if;
end
$$;

create or replace function statehouse.start_children(won bigint[], parent_ids bigint[], event_ids integer[], awaited boolean[], machine_ids bigint[], revision_ids bigint[], version_numbers integer[], started_ms double precision[], append_ids bigint[], names text[], alias_names text[], trace_headers text[], bodies text[])
returns void language plpgsql as $$
#variable_conflict use_column
declare
  wanted int[];
  child_ids bigint[];
begin
  wanted := array(
    select position::int from unnest(parent_ids, event_ids) with ordinality as entry (parent_id, event_id, position)
    where entry.parent_id = any (won) and not exists (
      select from statehouse.child_executions c
      where c.parent_execution_id = entry.parent_id and c.scheduled_event_id = entry.event_id)
    order by position);
  if cardinality(wanted) = 0 then return; end if;

  select started.started_ids into child_ids from statehouse.start_executions(
    false,
    array(select machine_ids[position] from unnest(wanted) as position),
    array(select revision_ids[position] from unnest(wanted) as position),
    array(select version_numbers[position] from unnest(wanted) as position),
    array(select started_ms[position] from unnest(wanted) as position),
    array(select append_ids[position] from unnest(wanted) as position),
    array(select names[position] from unnest(wanted) as position),
    array(select alias_names[position] from unnest(wanted) as position),
    array(select trace_headers[position] from unnest(wanted) as position),
    array(select bodies[position] from unnest(wanted) as position)) as started;

  if array_position(child_ids, null) is not null then
    -- Locked, so that none of them ends before its parent is known. Most are by now; who took a name just now is not.
    perform from statehouse.executions where id = any (array(
      select taken.execution_id from unnest(wanted) as position
      join statehouse.execution_names taken
        on taken.state_machine_id = machine_ids[position] and taken.name = names[position]))
    order by id for no key update;
    child_ids := array(
      select coalesce(entry.child_id, same.id)
      from unnest(wanted, child_ids) with ordinality as entry (position, child_id, n)
      left join lateral (
        select e.id from statehouse.execution_names taken
        join statehouse.executions e on e.id = taken.execution_id and e.status = 'RUNNING'
        join statehouse.journal first on first.execution_id = e.id and first.seq = 1
        where entry.child_id is null
          and taken.state_machine_id = machine_ids[entry.position] and taken.name = names[entry.position]
          and statehouse.input_in(first.body) = statehouse.input_in(bodies[entry.position])
      ) same on true
      order by n);
  end if;

  insert into statehouse.child_executions (parent_execution_id, scheduled_event_id, execution_id, awaited)
  select parent_ids[position], event_ids[position], child_id, awaited[position]
  from unnest(wanted, child_ids) as started (position, child_id)
  where child_id is not null;
end
$$;

drop function statehouse.start(bigint[], bigint[], int[], double precision[], bigint[], text, text, text, text);

create function statehouse.start_standard(
  machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[], append_ids bigint[],
  name_texts text, alias_name_texts text, trace_header_texts text, body_texts text,
  out started_ids bigint[], out active_ids bigint[], out current_revision_ids bigint[]
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  capped_ids bigint[];
begin
  select started.started_ids, started.active_ids, started.current_revision_ids, started.capped_ids
  into started_ids, active_ids, current_revision_ids, capped_ids
  from statehouse.start_executions(true, machine_ids, revision_ids, version_numbers, started_ms, append_ids,
    statehouse.texts(name_texts), statehouse.texts(alias_name_texts),
    statehouse.texts(trace_header_texts), statehouse.texts(body_texts)) as started;
  if capped_ids is not null then perform statehouse.fill_slots(capped_ids); end if;
end
$$;

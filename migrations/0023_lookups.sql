-- Statehouse 0023: what every request asks is planned once in a session.
--
-- Planning a join of four tables takes several times as long as looking up the rows: half of what DescribeExecution and
-- an idle StartExecution have cost. Plans are by key, as 0020 says.

-- An execution and its first journal row. A machine that was deleted and made again has the same name: then the newer
-- one's execution is meant.
create function statehouse.find_execution(machine_place text, machine_name text, execution_name text)
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
  select e.id, m.name, e.name, e.version_number, e.alias_name, e.status,
    e.started_at, e.stopped_at, e.redrive_count, e.redriven_at,
    e.revision_id, e.next_event_id, e.output, e.error, e.cause, e.trace_header,
    m.status, first.body, statehouse.open_ms(e), statehouse.closed_ms(e)
  from statehouse.state_machines m
  join statehouse.execution_names taken
    on taken.state_machine_id = any (array[m.id]) and taken.name = execution_name
  join statehouse.executions e on e.id = any (array[taken.execution_id])
  join statehouse.journal first on first.execution_id = any (array[e.id]) and first.seq = 1
  where m.place = machine_place and m.name = machine_name
  order by m.id desc limit 1;
end
$$;

-- A state machine, and what its starts are routed to: its current revision, that of a version, or those of an alias.
create function statehouse.start_record(
  machine_place text, machine_name text, started_version int, started_alias text
)
returns table (
  time_ms double precision, id bigint, type text, status text, tags json,
  version int, weight int, revision_id bigint, role_arn text
)
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  machine statehouse.state_machines;
  machine_tags json;
begin
  select * into machine from statehouse.state_machines m
  where m.place = machine_place and m.name = machine_name and m.deleted_at is null;
  if machine.id is null then return; end if;
  machine_tags := (
    select coalesce(json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key), '[]')
    from statehouse.tags t where t.resource_type = 'stateMachine' and t.resource_id = machine.id);
  return query
  select floor(extract(epoch from statehouse.now()) * 1000)::double precision,
    machine.id, machine.type, machine.status, machine_tags, route.version, route.weight, r.id, r.role_arn
  from (
    select 0, null::int, 100, machine.current_revision_id
    where started_version is null and started_alias is null
    union all
    select 0, v.number, 100, v.revision_id from statehouse.versions v
    where v.state_machine_id = machine.id and v.number = started_version
    union all
    select target.position, v.number, target.weight, v.revision_id
    from statehouse.aliases a
    join statehouse.alias_routes target on target.alias_id = any (array[a.id])
    join statehouse.versions v
      on v.state_machine_id = machine.id and v.number = any (array[target.version_number])
    where a.state_machine_id = machine.id and a.name = started_alias
  ) route (position, version, weight, revision_id)
  join statehouse.state_machine_revisions r on r.id = any (array[route.revision_id])
  order by route.position;
end
$$;

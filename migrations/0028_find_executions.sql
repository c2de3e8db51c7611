-- Statehouse 0028: executions that are asked for at the same moment are read together.
--
-- Whoever waits for a result asks twice. Each question of its own was most of what that cost.
--
-- Needs programs that know migration 28.

drop function statehouse.find_execution;

-- Executions and their first journal rows. A machine that was deleted and made again has the same name: then the newer
-- one's execution is meant.
create function statehouse.find_executions(place_texts text, machine_name_texts text, name_texts text)
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
  select sought.position::int, found.*
  from unnest(statehouse.texts(place_texts), statehouse.texts(machine_name_texts), statehouse.texts(name_texts))
    with ordinality as sought (place, machine_name, name, position)
  cross join lateral (
    select e.id, m.name, e.name, e.version_number, e.alias_name, e.status,
      e.started_at, e.stopped_at, e.redrive_count, e.redriven_at,
      e.revision_id, e.next_event_id, e.output, e.error, e.cause, e.trace_header,
      m.status, first.body, statehouse.open_ms(e), statehouse.closed_ms(e)
    from statehouse.state_machines m
    join statehouse.execution_names taken
      on taken.state_machine_id = any (array[m.id]) and taken.name = any (array[sought.name])
    join statehouse.executions e on e.id = any (array[taken.execution_id])
    join statehouse.journal first on first.execution_id = any (array[e.id]) and first.seq = 1
    where m.place = any (array[sought.place]) and m.name = any (array[sought.machine_name])
    order by m.id desc limit 1
  ) found;
end
$$;

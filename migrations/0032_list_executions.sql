-- Statehouse 0032: a list of executions is planned once in a session.
--
-- Planning the five parts of a list without a filter took longer than reading a page of a hundred.

-- Executions of a state machine, newest first; of a status, a version or an alias where one is given; older than `after_ms` and
-- `after_id`, if given.
create function statehouse.list_executions(
  machine_id bigint, of_status text, of_version int, of_alias text,
  after_ms double precision, after_id bigint, maximum int
)
returns table (
  id bigint, state_machine_name text, name text, version_number int, alias_name text, status text,
  started_at timestamptz, stopped_at timestamptz, redrive_count int, redriven_at timestamptz
)
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  machine_name text := (select m.name from statehouse.state_machines m where m.id = machine_id);
  before timestamptz := coalesce(statehouse.at(after_ms), 'infinity');
  before_id bigint := coalesce(after_id, 9223372036854775807);
begin
  if of_version is not null then
    return query
    select e.id, machine_name, e.name, e.version_number, e.alias_name, e.status,
      e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
    from statehouse.executions e
    where e.state_machine_id = machine_id and e.version_number = of_version and (e.started_at, e.id) < (before, before_id)
      and (of_alias is null or e.alias_name = of_alias) and (of_status is null or e.status = of_status)
    order by e.started_at desc, e.id desc limit maximum;
  elsif of_alias is not null then
    return query
    select e.id, machine_name, e.name, e.version_number, e.alias_name, e.status,
      e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
    from statehouse.executions e
    where e.state_machine_id = machine_id and e.alias_name = of_alias and (e.started_at, e.id) < (before, before_id)
      and (of_status is null or e.status = of_status)
    order by e.started_at desc, e.id desc limit maximum;
  elsif of_status is not null then
    return query
    select e.id, machine_name, e.name, e.version_number, e.alias_name, e.status,
      e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
    from statehouse.executions e
    where e.state_machine_id = machine_id and e.status = of_status and (e.started_at, e.id) < (before, before_id)
    order by e.started_at desc, e.id desc limit maximum;
  else
    -- There is an index for those of each status, and none for all, which every execution would be written into three times:
    -- Postgres merges the five.
    return query
    select e.id, machine_name, e.name, e.version_number, e.alias_name, e.status,
      e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
    from (
      (select e.id, e.name, e.version_number, e.alias_name, e.status, e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
      from statehouse.executions e
      where e.state_machine_id = machine_id and e.status = 'RUNNING' and (e.started_at, e.id) < (before, before_id)
      order by e.started_at desc, e.id desc limit maximum)
      union all
      (select e.id, e.name, e.version_number, e.alias_name, e.status, e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
      from statehouse.executions e
      where e.state_machine_id = machine_id and e.status = 'SUCCEEDED' and (e.started_at, e.id) < (before, before_id)
      order by e.started_at desc, e.id desc limit maximum)
      union all
      (select e.id, e.name, e.version_number, e.alias_name, e.status, e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
      from statehouse.executions e
      where e.state_machine_id = machine_id and e.status = 'FAILED' and (e.started_at, e.id) < (before, before_id)
      order by e.started_at desc, e.id desc limit maximum)
      union all
      (select e.id, e.name, e.version_number, e.alias_name, e.status, e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
      from statehouse.executions e
      where e.state_machine_id = machine_id and e.status = 'TIMED_OUT' and (e.started_at, e.id) < (before, before_id)
      order by e.started_at desc, e.id desc limit maximum)
      union all
      (select e.id, e.name, e.version_number, e.alias_name, e.status, e.started_at, e.stopped_at, e.redrive_count, e.redriven_at
      from statehouse.executions e
      where e.state_machine_id = machine_id and e.status = 'ABORTED' and (e.started_at, e.id) < (before, before_id)
      order by e.started_at desc, e.id desc limit maximum)
    ) e
    order by e.started_at desc, e.id desc limit maximum;
  end if;
end
$$;

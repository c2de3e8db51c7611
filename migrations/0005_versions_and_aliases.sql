-- Statehouse 0005: versions and aliases of state machines. They go with their machine; an execution keeps the number
-- and the name that it was started through, whatever becomes of them.
--
--   versions      a revision under a number; numbers are never used again
--   aliases       a name for one version, or for two that share the starts by weight
--   alias_routes  those versions, in the order that they were given in

alter table statehouse.state_machines
  add column last_version int not null default 0,
  -- What CreateStateMachine published, {"description"}, for whoever repeats it.
  add column created_publication json;

create table statehouse.versions (
  state_machine_id bigint not null,
  number int not null,
  revision_id bigint not null references statehouse.state_machine_revisions (id),
  description text, -- JSON text
  created_at timestamptz not null default statehouse.now(),
  primary key (state_machine_id, number)
);

create table statehouse.aliases (
  id bigint generated always as identity primary key,
  state_machine_id bigint not null,
  name text not null,
  description text, -- JSON text
  created_at timestamptz not null default statehouse.now(),
  updated_at timestamptz not null default statehouse.now(),
  unique (state_machine_id, name)
);

create table statehouse.alias_routes (
  alias_id bigint not null references statehouse.aliases (id) on delete cascade,
  position int not null,
  version_number int not null,
  weight int not null check (weight between 0 and 100),
  primary key (alias_id, position)
);

alter table statehouse.executions
  add column version_number int,
  add column alias_name text;
-- ListExecutions of a version, and of an alias
create index executions_listed_by_version
  on statehouse.executions (state_machine_id, version_number, started_at desc, id desc) where version_number is not null;
create index executions_listed_by_alias
  on statehouse.executions (state_machine_id, alias_name, started_at desc, id desc) where alias_name is not null;

-- As before, with what the execution is started through.
drop function statehouse.start(bigint[], bigint[], double precision[], bigint[], text, text, text);
create function statehouse.start(
  machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[], append_ids bigint[],
  name_texts text, alias_name_texts text, trace_header_texts text, body_texts text,
  out started_ids bigint[], out active_ids bigint[]
)
language plpgsql as $$
#variable_conflict use_column
declare
  names text[] := statehouse.texts(name_texts);
  ids bigint[] := array(
    select nextval('statehouse.executions_id_seq') from generate_series(1, cardinality(machine_ids)));
  won bigint[];
begin
  -- Shared, against a deletion at the same moment.
  active_ids := array(
    select m.id from statehouse.state_machines m
    where m.id = any (machine_ids) and m.status = 'ACTIVE' order by m.id for share);

  -- Sorted, so that batches with the same names wait for each other instead of deadlocking.
  with named as (
    insert into statehouse.execution_names (state_machine_id, name, execution_id)
    select entry.machine_id, entry.name, entry.id
    from unnest(machine_ids, names, ids) as entry (machine_id, name, id)
    where entry.machine_id = any (active_ids)
    order by entry.machine_id, entry.name
    on conflict do nothing
    returning execution_id
  )
  select array_agg(execution_id) into won from named;

  with entry as (
    select *
    from unnest(ids, machine_ids, revision_ids, version_numbers, names, statehouse.texts(alias_name_texts), started_ms,
        append_ids, statehouse.texts(trace_header_texts), statehouse.texts(body_texts))
      as entry (id, machine_id, revision_id, version_number, name, alias_name, started_ms,
        append_id, trace_header, body)
    where entry.id = any (won)
  ), started as (
    insert into statehouse.executions
      (id, state_machine_id, revision_id, version_number, name, alias_name, started_at, wake_at, trace_header)
    select id, machine_id, revision_id, version_number, name, alias_name, statehouse.at(started_ms),
      statehouse.now() + statehouse.hint_patience(), trace_header
    from entry
  )
  insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body)
  select id, 1, 1, append_id, body from entry;

  perform statehouse.hint(won);
  started_ids := array(
    select case when id = any (won) then id end from unnest(ids) with ordinality as entry (id, position)
    order by position);
end
$$;

-- As before, and the versions and aliases go with their machine.
create or replace function statehouse.remove_deleted_machines() returns void
language plpgsql as $$
declare
  removed bigint[];
begin
  perform from statehouse.state_machines where status = 'DELETING' and deleted_at is null order by id for update;
  with gone as (
    update statehouse.state_machines m set deleted_at = statehouse.now()
    where m.status = 'DELETING' and m.deleted_at is null and not exists (
      select from statehouse.executions e where e.state_machine_id = m.id and e.status = 'RUNNING')
    returning m.id
  )
  select array_agg(id) into removed from gone;
  if removed is null then return; end if;
  delete from statehouse.tags where resource_type = 'stateMachine' and resource_id = any (removed);
  delete from statehouse.aliases where state_machine_id = any (removed);
  delete from statehouse.versions where state_machine_id = any (removed);
end
$$;

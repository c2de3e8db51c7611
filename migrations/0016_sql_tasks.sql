-- SQL of definitions, in the transaction of the append that records its result (docs/decisions/0025-sql-tasks.md).
--
-- It runs in sessions of a role of its own, which may do nothing here but call the two functions below. They run with
-- the rights of their owner, and ask for a proof: a keyed hash that only a process can make which reads the secret
-- `sql-tasks`. A proof is good for one purpose, one execution and one of its epochs, that of an append for one journal
-- row besides. SQL in such a session sees neither the secret nor a proof: that of the append is sent when it is over.

create function statehouse.sql_task_proof(purpose text, execution_id bigint, epoch int, seq int) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  -- Hashed twice, as HMAC does, so that a proof cannot be prolonged into another one.
  select encode(sha256(convert_to(value || encode(sha256(convert_to(
    concat_ws(' ', value, purpose, execution_id, epoch, seq), 'UTF8')), 'hex'), 'UTF8')), 'hex')
  from statehouse.secrets where name = 'sql-tasks'
$$;

create function statehouse.check_sql_task_proof(proof text, expected text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  -- Hashes are compared: how long that takes tells nothing about the proof.
  if sha256(convert_to(proof, 'UTF8')) = sha256(convert_to(expected, 'UTF8')) then return; end if;
  raise insufficient_privilege using message = 'not proven to be a worker that owns the execution';
end
$$;

-- Whether an owner is still the owner: asked before its SQL runs. It locks nothing: the append has the last word.
create function statehouse.open_sql_task(proof text, which bigint, epoch int) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
begin
  perform statehouse.check_sql_task_proof(proof, statehouse.sql_task_proof('open', which, epoch, 0));
  return exists (
    select from statehouse.executions e where e.id = which and e.owner_epoch = epoch and e.status = 'RUNNING');
end
$$;

-- statehouse.append() of one row.
create function statehouse.append_sql_task(
  proof text,
  execution_ids bigint[], epochs int[], seqs int[], append_ids bigint[], first_event_ids int[], next_event_ids int[],
  body_texts text, status_texts text, stopped_ms double precision[], output_texts text, error_texts text,
  cause_texts text,
  mail_execution_ids bigint[], mail_ids bigint[],
  opened_execution_ids bigint[], opened_event_ids int[], opened_token_texts text, opened_activity_ids bigint[],
  opened_input_texts text,
  closed_execution_ids bigint[], closed_token_texts text,
  child_parent_ids bigint[], child_event_ids int[], child_awaited boolean[], child_machine_ids bigint[],
  child_revision_ids bigint[], child_version_numbers int[], child_started_ms double precision[],
  child_append_ids bigint[], child_name_texts text, child_alias_name_texts text, child_trace_header_texts text,
  child_body_texts text,
  left_parent_ids bigint[], left_event_ids int[], left_orphaned boolean[],
  out won bigint[]
)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if cardinality(execution_ids) <> 1 then
    raise cardinality_violation using message = 'an append of an SQL task has one row';
  end if;
  perform statehouse.check_sql_task_proof(
    proof, statehouse.sql_task_proof('append', execution_ids[1], epochs[1], seqs[1]));
  won := statehouse.append(
    execution_ids, epochs, seqs, append_ids, first_event_ids, next_event_ids,
    body_texts, status_texts, stopped_ms, output_texts, error_texts, cause_texts,
    mail_execution_ids, mail_ids,
    opened_execution_ids, opened_event_ids, opened_token_texts, opened_activity_ids, opened_input_texts,
    closed_execution_ids, closed_token_texts,
    child_parent_ids, child_event_ids, child_awaited, child_machine_ids, child_revision_ids, child_version_numbers,
    child_started_ms, child_append_ids, child_name_texts, child_alias_name_texts, child_trace_header_texts,
    child_body_texts,
    left_parent_ids, left_event_ids, left_orphaned);
end
$$;

revoke execute on function statehouse.open_sql_task, statehouse.append_sql_task from public;

-- ---------------------------------------------------------------- the role

-- Why a role must not run SQL of definitions; null: it may. It is judged with all roles that it can become.
create function statehouse.sql_tasks_problem(role_name text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  roles oid[];
  found text;
begin
  if not exists (select from pg_roles where rolname = role_name) then
    return format('there is no role %I', role_name);
  end if;
  roles := array(select r.oid from pg_roles r where pg_has_role(role_name, r.oid, 'member'));

  select rolname into found from pg_roles
  where oid = any (roles) and (rolsuper or rolcreaterole or rolreplication or rolname in (
    'pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files', 'pg_signal_backend'));
  if found is not null then return format('%I has, or can take, the rights of %I', role_name, found); end if;

  select n.nspname into found
  from pg_namespace n cross join unnest(roles) as role
  where n.nspname in ('statehouse', 'graphile_worker')
    and (n.nspowner = role or has_schema_privilege(role, n.oid, 'create'));
  if found is not null then return format('%I may change schema %I', role_name, found); end if;

  select c.oid::regclass::text into found
  from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join unnest(roles) as role
  where n.nspname in ('statehouse', 'graphile_worker') and case
    when c.relkind = 'S' then has_sequence_privilege(role, c.oid, 'usage, select, update')
    when c.relkind in ('r', 'p', 'v', 'm', 'f') then
      has_table_privilege(role, c.oid, 'select, insert, update, delete, truncate, references, trigger')
      or has_any_column_privilege(role, c.oid, 'select, insert, update, references') end
  limit 1;
  if found is not null then return format('%I may read or change %s', role_name, found); end if;
  return null;
end
$$;

-- Lets a role run SQL of definitions: it gets what it needs in this schema, and nothing in schemas of the user's.
create function statehouse.allow_sql_tasks(role_name text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  problem text := statehouse.sql_tasks_problem(role_name);
  opening regprocedure := 'statehouse.open_sql_task'::regproc::regprocedure;
  append regprocedure := 'statehouse.append_sql_task'::regproc::regprocedure;
begin
  if problem is not null then
    raise insufficient_privilege using message = 'this role must not run SQL of definitions: ' || problem;
  end if;
  execute format('grant usage on schema statehouse to %I', role_name);
  execute format('grant execute on function %s, %s to %I', opening, append, role_name);
  -- GRANT itself only warns.
  if not (has_schema_privilege(role_name, 'statehouse', 'usage')
    and has_function_privilege(role_name, opening, 'execute') and has_function_privilege(role_name, append, 'execute')) then
    raise insufficient_privilege using message = 'this takes the owner of schema statehouse, or a superuser';
  end if;
end
$$;

-- Statehouse 0007: executions that executions start (states:startExecution).
--
--   child_executions  (parent, Scheduled event of its task) → the child; goes with the parent's end
--
-- A child is started by the append that schedules its task, and what becomes of it reaches the parent's mailbox in the
-- transaction of its own end, while `awaited`. A child that its parent was to wait for and waits no more, because the
-- task timed out or was aborted or the parent has ended, is an orphan until it is stopped:
--
--      awaited ──▶ neither    the child has ended, or its task was answered otherwise
--         │
--         └──────▶ orphaned ──▶ gone    stopped
--
-- A row that is neither says that the task has its child, so that it does not get another one.

create table statehouse.child_executions (
  parent_execution_id bigint not null,
  scheduled_event_id int not null,
  execution_id bigint not null,
  awaited boolean not null,
  orphaned boolean not null default false check (not (awaited and orphaned)),
  primary key (parent_execution_id, scheduled_event_id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- the end of a child
create index child_executions_of_child on statehouse.child_executions (execution_id) where awaited or orphaned;
-- stopping orphans
create index child_executions_orphaned on statehouse.child_executions (execution_id) where orphaned;

-- ExecutionEnded: a child that was awaited has ended.
alter table statehouse.mailbox drop constraint mailbox_kind_check;
alter table statehouse.mailbox add constraint mailbox_kind_check check (
  kind in ('CallbackSucceeded', 'CallbackFailed', 'HeartbeatReceived', 'ActivityStarted', 'ExecutionEnded'));

-- ---------------------------------------------------------------- start

-- As before; what it does is a function of its own, because children are started likewise.
create or replace function statehouse.start(
  machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[], append_ids bigint[],
  name_texts text, alias_name_texts text, trace_header_texts text, body_texts text,
  out started_ids bigint[], out active_ids bigint[]
)
language plpgsql as $$
begin
  select started.started_ids, started.active_ids into start.started_ids, start.active_ids
  from statehouse.start_executions(machine_ids, revision_ids, version_numbers, started_ms, append_ids,
    statehouse.texts(name_texts), statehouse.texts(alias_name_texts),
    statehouse.texts(trace_header_texts), statehouse.texts(body_texts)) as started;
end
$$;

create function statehouse.start_executions(
  machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[], append_ids bigint[],
  names text[], alias_names text[], trace_headers text[], bodies text[],
  out started_ids bigint[], out active_ids bigint[]
)
language plpgsql as $$
#variable_conflict use_column
declare
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
    from unnest(ids, machine_ids, revision_ids, version_numbers, names, alias_names, started_ms,
        append_ids, trace_headers, bodies)
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

-- ---------------------------------------------------------------- append

-- As before. A token that is opened for an activity's task brings that task (opened_activity_ids, opened_input_texts);
-- a closed one takes it along. child_… start executions for tasks of the rows: child_executions tells afterwards which
-- of them there are, since a name may be taken, or a machine being deleted. left_… are awaited no more, and stopped if
-- they are orphans.
drop function statehouse.append(
  bigint[], int[], int[], bigint[], int[], int[], text, text, double precision[], text, text, text,
  bigint[], bigint[], bigint[], int[], text, bigint[], text);
create function statehouse.append(
  execution_ids bigint[], epochs int[], seqs int[], append_ids bigint[],
  first_event_ids int[], next_event_ids int[], body_texts text,
  status_texts text, stopped_ms double precision[], output_texts text, error_texts text, cause_texts text,
  mail_execution_ids bigint[], mail_ids bigint[],
  opened_execution_ids bigint[], opened_event_ids int[], opened_token_texts text,
  opened_activity_ids bigint[], opened_input_texts text,
  closed_execution_ids bigint[], closed_token_texts text,
  child_parent_ids bigint[], child_event_ids int[], child_awaited boolean[],
  child_machine_ids bigint[], child_revision_ids bigint[], child_version_numbers int[], child_started_ms double precision[],
  child_append_ids bigint[], child_name_texts text, child_alias_name_texts text, child_trace_header_texts text,
  child_body_texts text,
  left_parent_ids bigint[], left_event_ids int[], left_orphaned boolean[],
  out won bigint[]
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  statuses text[] := statehouse.texts(status_texts);
  child_names text[] := statehouse.texts(child_name_texts);
  -- Parents get mail from those that end, and who has a child's name may become that child.
  others bigint[];
  ended bigint[];
begin
  others := array(
    select c.parent_execution_id
    from unnest(execution_ids, statuses) as entry (id, status)
    join statehouse.child_executions c on c.execution_id = entry.id and c.awaited
    where entry.status is not null);
  if cardinality(child_parent_ids) > 0 then
    others := others || array(
      select taken.execution_id
      from unnest(child_machine_ids, child_names) as child (machine_id, name)
      join statehouse.execution_names taken on taken.state_machine_id = child.machine_id and taken.name = child.name);
  end if;
  perform from statehouse.executions where id = any (execution_ids || others) order by id for no key update;

  with advanced as (
    update statehouse.executions e
    set head_seq = entry.seq, next_event_id = entry.next_event_id,
      status = coalesce(entry.status, e.status), stopped_at = statehouse.at(entry.stopped_ms),
      output = entry.output, error = entry.error, cause = entry.cause,
      owner = case when entry.status is null then e.owner end,
      owner_epoch = e.owner_epoch + case when entry.status is null then 0 else 1 end
    from unnest(execution_ids, epochs, seqs, append_ids, first_event_ids, next_event_ids,
        statehouse.texts(body_texts), statuses, stopped_ms,
        statehouse.texts(output_texts), statehouse.texts(error_texts), statehouse.texts(cause_texts))
      as entry (execution_id, epoch, seq, append_id, first_event_id, next_event_id,
        body, status, stopped_ms, output, error, cause)
    where e.id = entry.execution_id
      and e.owner_epoch = entry.epoch and e.head_seq = entry.seq - 1 and e.status = 'RUNNING'
    returning entry.execution_id, entry.seq, entry.first_event_id, entry.append_id, entry.body, entry.status
  ), written as (
    insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body)
    select execution_id, seq, first_event_id, append_id, body from advanced
  )
  select array_agg(execution_id), array_agg(execution_id) filter (where status is not null)
  into won, ended from advanced;

  if cardinality(mail_ids) > 0 then
    delete from statehouse.mailbox mail
    using unnest(mail_execution_ids, mail_ids) as folded (execution_id, id)
    where mail.execution_id = folded.execution_id and mail.id = folded.id and folded.execution_id = any (won);
  end if;
  if cardinality(opened_execution_ids) > 0 then
    perform statehouse.open_tokens(won, opened_execution_ids, opened_event_ids, statehouse.texts(opened_token_texts),
      opened_activity_ids, statehouse.texts(opened_input_texts));
  end if;
  if cardinality(closed_execution_ids) > 0 then
    perform statehouse.close_tokens(won, closed_execution_ids, statehouse.texts(closed_token_texts));
  end if;
  if cardinality(child_parent_ids) > 0 then
    perform statehouse.start_children(won, child_parent_ids, child_event_ids, child_awaited,
      child_machine_ids, child_revision_ids, child_version_numbers, child_started_ms, child_append_ids,
      child_names, statehouse.texts(child_alias_name_texts),
      statehouse.texts(child_trace_header_texts), statehouse.texts(child_body_texts));
  end if;
  if cardinality(left_parent_ids) > 0 then
    perform statehouse.leave_children(won, left_parent_ids, left_event_ids, left_orphaned);
  end if;
  if ended is not null then
    perform statehouse.clear_closed(ended);
  end if;

  if coalesce(cardinality(won), 0) < cardinality(execution_ids) then
    won := array(
      select row.execution_id
      from unnest(execution_ids, seqs, append_ids) as entry (execution_id, seq, append_id)
      join statehouse.journal row on row.execution_id = entry.execution_id and row.seq = entry.seq
      where row.append_id = entry.append_id);
  end if;
end
$$;

-- Parts of append, for those of its entries that have won.

create function statehouse.open_tokens(
  won bigint[], execution_ids bigint[], event_ids int[], tokens text[], activity_ids bigint[], inputs text[]
) returns void
language plpgsql as $$
begin
  insert into statehouse.task_tokens (token, execution_id, scheduled_event_id)
  select opened.token, opened.execution_id, opened.event_id
  from unnest(tokens, execution_ids, event_ids) as opened (token, execution_id, event_id)
  where opened.execution_id = any (won);

  insert into statehouse.activity_tasks (activity_id, execution_id, scheduled_event_id, token, input)
  select opened.activity_id, opened.execution_id, opened.event_id, opened.token, opened.input
  from unnest(tokens, execution_ids, event_ids, activity_ids, inputs)
    as opened (token, execution_id, event_id, activity_id, input)
  where opened.activity_id is not null and opened.execution_id = any (won);
  perform pg_notify('statehouse_activities', news.id::text)
  from (select distinct id from unnest(activity_ids) as id) news where news.id is not null;
end
$$;

create function statehouse.close_tokens(won bigint[], execution_ids bigint[], tokens text[]) returns void
language plpgsql as $$
#variable_conflict use_column
begin
  -- A token that was answered is gone already, its task then was taken.
  with closed as (
    delete from statehouse.task_tokens t
    using unnest(tokens, execution_ids) as entry (token, execution_id)
    where t.token = entry.token and t.execution_id = entry.execution_id and entry.execution_id = any (won)
    returning t.execution_id, t.scheduled_event_id
  )
  delete from statehouse.activity_tasks task using closed
  where task.execution_id = closed.execution_id and task.scheduled_event_id = closed.scheduled_event_id;
end
$$;

-- A task whose child is there already is not given another one. As StartExecution is idempotent, a running execution
-- that has the name and the input counts as started.
create function statehouse.start_children(
  won bigint[], parent_ids bigint[], event_ids int[], awaited boolean[],
  machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[], append_ids bigint[],
  names text[], alias_names text[], trace_headers text[], bodies text[]
) returns void
language plpgsql as $$
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

-- The input of an execution, out of journal row 1: the only payload of its only event.
create function statehouse.input_in(first_body text) returns text
language sql immutable as $$
  select split_part(first_body, E'\x1f', 2)
$$;

create function statehouse.leave_children(
  won bigint[], parent_ids bigint[], event_ids int[], orphans boolean[]
) returns void
language plpgsql as $$
#variable_conflict use_column
begin
  update statehouse.child_executions c set awaited = false, orphaned = entry.is_orphan
  from unnest(parent_ids, event_ids, orphans) as entry (parent_id, event_id, is_orphan)
  where c.parent_execution_id = entry.parent_id and c.scheduled_event_id = entry.event_id
    and c.awaited and entry.parent_id = any (won);
  if found and true = any (orphans) then perform pg_notify('statehouse_news', 'orphans'); end if;
end
$$;

-- What a closed execution leaves behind, and who waits for its end.
create or replace function statehouse.clear_closed(execution_ids bigint[]) returns void
language plpgsql as $$
begin
  delete from statehouse.mailbox where execution_id = any (execution_ids);
  delete from statehouse.task_tokens where execution_id = any (execution_ids);
  delete from statehouse.activity_tasks where execution_id = any (execution_ids);
  delete from statehouse.snapshots where execution_id = any (execution_ids);
  if exists (select from statehouse.child_executions where parent_execution_id = any (execution_ids)) then
    perform statehouse.orphan_children(execution_ids);
  end if;
  if exists (select from statehouse.child_executions
    where execution_id = any (execution_ids) and (awaited or orphaned)) then
    perform statehouse.report_end(execution_ids);
  end if;
  if exists (select from statehouse.state_machines where status = 'DELETING' and deleted_at is null) then
    perform statehouse.remove_deleted_machines();
  end if;
end
$$;

-- Of the ended parents' children those that were awaited are orphans now; of the others nobody has to know any more.
create function statehouse.orphan_children(parent_ids bigint[]) returns void
language plpgsql as $$
begin
  delete from statehouse.child_executions
  where parent_execution_id = any (parent_ids) and not (awaited or orphaned);
  update statehouse.child_executions set awaited = false, orphaned = true
  where parent_execution_id = any (parent_ids) and awaited;
  if found then perform pg_notify('statehouse_news', 'orphans'); end if;
end
$$;

-- Tells the parents that wait for them that these have ended.
create function statehouse.report_end(child_ids bigint[]) returns void
language plpgsql as $$
#variable_conflict use_column
declare
  parent_ids bigint[];
  event_ids int[];
  bodies text[];
begin
  with news as (
    update statehouse.child_executions c set awaited = false
    where c.execution_id = any (child_ids) and c.awaited
    returning c.parent_execution_id, c.scheduled_event_id, c.execution_id
  )
  select array_agg(news.parent_execution_id), array_agg(news.scheduled_event_id),
    array_agg(json_build_object(
      'place', m.place, 'stateMachineName', ('"' || m.name || '"')::json, 'name', ('"' || e.name || '"')::json,
      'version', e.version_number, 'alias', e.alias_name, 'status', e.status,
      'startedAt', floor(extract(epoch from e.started_at) * 1000),
      'stoppedAt', floor(extract(epoch from e.stopped_at) * 1000),
      'input', statehouse.input_in(first.body), 'output', e.output,
      'error', e.error::json, 'cause', e.cause::json, 'traceHeader', e.trace_header::json)::text)
  into parent_ids, event_ids, bodies
  from news
  join statehouse.executions e on e.id = news.execution_id
  join statehouse.state_machines m on m.id = e.state_machine_id
  join statehouse.journal first on first.execution_id = e.id and first.seq = 1;
  if parent_ids is not null then
    perform statehouse.post(parent_ids, event_ids, array_fill('ExecutionEnded'::text, array[cardinality(parent_ids)]), bodies);
  end if;
  -- Last: one that was awaited may have become an orphan while the update waited for its row.
  delete from statehouse.child_executions where execution_id = any (child_ids) and orphaned;
end
$$;

-- Statehouse 0020: batches find their rows by key, whatever the planner believes of the tables.
--
-- The plans of these functions are made once for a session, often while the tables are new and believed to be empty. A join of
-- a batch with a table of (supposedly) one row may as well begin with the table: then each batch reads all running
-- executions, until an ANALYZE comes along. A new installation had its worst throughput in its first minutes that way.
--
-- `id = any (array[entry.id])` says the same as `id = entry.id`, but no scan in the order of the index is of use to it:
-- what is left is to begin with the batch, and look each of its rows up. Nor may a row be looked up by other columns that have an
-- index: an open execution is one with `stopped_at is null`, which none answers, and not one with `status = 'RUNNING'`.
-- test/store/plans.test.ts looks at the plans.
--
-- With that, appends and parks lock their rows in the order of the batch, by the update itself: who sends one sorts it by
-- execution. A claim still locks first: what it reads besides the row must be as new as that.

create or replace function statehouse.append(execution_ids bigint[], epochs integer[], seqs integer[],
  append_ids bigint[], first_event_ids integer[], next_event_ids integer[], body_texts text, status_texts text,
  stopped_ms double precision[], output_texts text, error_texts text, cause_texts text, mail_execution_ids bigint[],
  mail_ids bigint[], opened_execution_ids bigint[], opened_event_ids integer[], opened_token_texts text,
  opened_activity_ids bigint[], opened_input_texts text, closed_execution_ids bigint[], closed_token_texts text,
  child_parent_ids bigint[], child_event_ids integer[], child_awaited boolean[], child_machine_ids bigint[],
  child_revision_ids bigint[], child_version_numbers integer[], child_started_ms double precision[],
  child_append_ids bigint[], child_name_texts text, child_alias_name_texts text, child_trace_header_texts text,
  child_body_texts text, left_parent_ids bigint[], left_event_ids integer[], left_orphaned boolean[],
  OUT won bigint[])
returns bigint[]
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  statuses text[] := statehouse.texts(status_texts);
  child_names text[] := statehouse.texts(child_name_texts);
  -- Parents get mail from those that end, and who has a child's name may become that child.
  others bigint[] := '{}';
  ended bigint[];
  freed bigint[];
begin
  if status_texts ~ '[A-Z]' then
    others := array(
      select c.parent_execution_id
      from unnest(execution_ids, statuses) as entry (id, status)
      join statehouse.child_executions c on c.execution_id = any (array[entry.id]) and c.awaited
      where entry.status is not null);
  end if;
  if cardinality(child_parent_ids) > 0 then
    others := others || array(
      select taken.execution_id
      from unnest(child_machine_ids, child_names) as child (machine_id, name)
      join statehouse.execution_names taken
        on taken.state_machine_id = any (array[child.machine_id]) and taken.name = any (array[child.name]));
  end if;
  -- Alone, the entries are locked by the update, in their order.
  if cardinality(others) > 0 then
    perform from statehouse.executions where id = any (execution_ids || others) order by id for no key update;
  end if;

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
    where e.id = any (array[entry.execution_id])
      and e.owner_epoch = entry.epoch and e.head_seq = entry.seq - 1 and e.stopped_at is null
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
    where mail.execution_id = any (array[folded.execution_id]) and mail.id = any (array[folded.id])
      and folded.execution_id = any (won);
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
    freed := statehouse.clear_closed(ended);
  end if;
  if freed is not null or cardinality(child_machine_ids) > 0 then
    perform statehouse.fill_slots(freed || child_machine_ids);
  end if;

  if coalesce(cardinality(won), 0) < cardinality(execution_ids) then
    won := array(
      select row.execution_id
      from unnest(execution_ids, seqs, append_ids) as entry (execution_id, seq, append_id)
      join statehouse.journal row on row.execution_id = any (array[entry.execution_id]) and row.seq = any (array[entry.seq])
      where row.append_id = entry.append_id);
  end if;
end
$$;

create or replace function statehouse.claim(
  execution_ids bigint[], worker_ids bigint[], claim_ids bigint[], snapshot_version int,
  attempt bigint, revoked bigint
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
  if revoked > 0 then
    update statehouse.workers set claims_revoked = revoked where id = any (worker_ids) and claims_revoked < revoked;
  end if;
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;

  return query
  with claimed as (
    update statehouse.executions e
    set owner = entry.worker_id, claim_id = entry.claim_id,
      owner_epoch = e.owner_epoch + case when e.owner is null then 1 else 0 end
    from unnest(execution_ids, worker_ids, claim_ids) as entry (execution_id, worker_id, claim_id)
    where e.id = any (array[entry.execution_id]) and e.stopped_at is null
      and (e.owner is null or (e.owner = entry.worker_id and e.claim_id = entry.claim_id))
      and exists (
        select from statehouse.workers w
        where w.id = entry.worker_id and (e.owner is not null or w.claims_revoked < attempt) and not exists (
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

create or replace function statehouse.park(execution_ids bigint[], epochs integer[], signal_counts integer[],
  wake_ms double precision[], snapshot_execution_ids bigint[], snapshot_seqs integer[], snapshot_versions integer[],
  snapshot_texts text, OUT kept bigint[])
returns bigint[]
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  parked bigint[];
begin
  with parked_now as (
    update statehouse.executions e
    set owner = null, owner_epoch = e.owner_epoch + 1, wake_at = coalesce(statehouse.at(entry.wake_ms), 'infinity')
    from unnest(execution_ids, epochs, signal_counts, wake_ms) as entry (execution_id, epoch, signals, wake_ms)
    where e.id = any (array[entry.execution_id])
      and e.owner_epoch = entry.epoch and e.signals = entry.signals and e.stopped_at is null
    returning e.id
  )
  select array_agg(id) into parked from parked_now;

  if cardinality(snapshot_execution_ids) > 0 then
    insert into statehouse.snapshots (execution_id, seq, version, body)
    select entry.execution_id, entry.seq, entry.version, entry.body
    from unnest(snapshot_execution_ids, snapshot_seqs, snapshot_versions, statehouse.texts(snapshot_texts))
      as entry (execution_id, seq, version, body)
    where entry.execution_id = any (parked)
    on conflict (execution_id) do update
      set seq = excluded.seq, version = excluded.version, body = excluded.body;
  end if;

  kept := array(
    select e.id from unnest(execution_ids, epochs) as entry (execution_id, epoch)
    join statehouse.executions e on e.id = any (array[entry.execution_id]) and e.owner_epoch = entry.epoch);
end
$$;

create or replace function statehouse.post(execution_ids bigint[], event_ids integer[], kinds text[], bodies text[])
returns void
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  unowned bigint[];
  owners bigint[];
begin
  with mail as materialized (
    select entry.* from unnest(execution_ids, event_ids, kinds, bodies) with ordinality
      as entry (execution_id, event_id, kind, body, position)
    join statehouse.executions e on e.id = any (array[entry.execution_id]) and e.stopped_at is null
  ), posted as (
    insert into statehouse.mailbox (execution_id, kind, scheduled_event_id, body)
    select execution_id, kind, event_id, body from mail order by position
  ), signalled as (
    update statehouse.executions e
    set signals = e.signals + news.count,
      wake_at = case when e.owner is null then statehouse.now() + statehouse.hint_patience() else e.wake_at end
    from (select execution_id, count(*)::int as count from mail group by execution_id) news
    where e.id = any (array[news.execution_id])
    returning e.id, e.owner
  )
  select array_agg(id) filter (where owner is null), array_agg(distinct owner) filter (where owner is not null)
  into unowned, owners from signalled;

  perform statehouse.hint(unowned);
  perform pg_notify('statehouse_news', 'mail ' || owner) from unnest(owners) as owner;
end
$$;

create or replace function statehouse.signal(token_texts text, place_texts text, kind_texts text, body_texts text,
  OUT sent integer[])
returns integer[]
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  tokens text[] := statehouse.texts(token_texts);
  places text[] := statehouse.texts(place_texts);
  kinds text[] := statehouse.texts(kind_texts);
  execution_ids bigint[];
  event_ids int[];
  sent_kinds text[];
  bodies text[];
begin
  perform from statehouse.executions e
  where e.id = any (array(select t.execution_id from statehouse.task_tokens t where t.token = any (tokens)))
  order by e.id for no key update;

  -- Read again under the locks: until then a token could be consumed.
  select array_agg(entry.position::int order by entry.position), array_agg(t.execution_id order by entry.position),
    array_agg(t.scheduled_event_id order by entry.position), array_agg(entry.kind order by entry.position),
    array_agg(entry.body order by entry.position)
  into sent, execution_ids, event_ids, sent_kinds, bodies
  from unnest(tokens, places, kinds, statehouse.texts(body_texts)) with ordinality
    as entry (token, place, kind, body, position)
  join statehouse.task_tokens t on t.token = any (array[entry.token])
  join statehouse.executions e on e.id = any (array[t.execution_id])
  join statehouse.state_machines m on m.id = any (array[e.state_machine_id]) and m.place = entry.place;
  if sent is null then return; end if;

  perform statehouse.post(execution_ids, event_ids, sent_kinds, bodies);
  delete from statehouse.task_tokens t
  using unnest(sent) as position
  where t.token = any (array[tokens[position]]) and kinds[position] <> 'HeartbeatReceived';
end
$$;

create or replace function statehouse.close_tokens(won bigint[], execution_ids bigint[], tokens text[])
returns void
language plpgsql
as $$
#variable_conflict use_column
begin
  -- A token that was answered is gone already, its task then was taken.
  with closed as (
    delete from statehouse.task_tokens t
    using unnest(tokens, execution_ids) as entry (token, execution_id)
    where t.token = any (array[entry.token]) and t.execution_id = entry.execution_id
      and entry.execution_id = any (won)
    returning t.execution_id, t.scheduled_event_id
  )
  delete from statehouse.activity_tasks task using closed
  where task.execution_id = any (array[closed.execution_id])
    and task.scheduled_event_id = any (array[closed.scheduled_event_id]);
end
$$;

create or replace function statehouse.leave_children(won bigint[], parent_ids bigint[], event_ids integer[],
  orphans boolean[])
returns void
language plpgsql
as $$
#variable_conflict use_column
begin
  update statehouse.child_executions c set awaited = false, orphaned = entry.is_orphan
  from unnest(parent_ids, event_ids, orphans) as entry (parent_id, event_id, is_orphan)
  where c.parent_execution_id = any (array[entry.parent_id]) and c.scheduled_event_id = any (array[entry.event_id])
    and c.awaited and entry.parent_id = any (won);
  if found and true = any (orphans) then perform pg_notify('statehouse_news', 'orphans'); end if;
end
$$;

create or replace function statehouse.report_end(child_ids bigint[])
returns void
language plpgsql
as $$
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
  join statehouse.executions e on e.id = any (array[news.execution_id])
  join statehouse.state_machines m on m.id = any (array[e.state_machine_id])
  join statehouse.journal first on first.execution_id = any (array[e.id]) and first.seq = 1;
  if parent_ids is not null then
    perform statehouse.post(parent_ids, event_ids, array_fill('ExecutionEnded'::text, array[cardinality(parent_ids)]), bodies);
  end if;
  -- Last: one that was awaited may have become an orphan while the update waited for its row.
  delete from statehouse.child_executions where execution_id = any (child_ids) and orphaned;
end
$$;

create or replace function statehouse.take(activity_ids bigint[], body_texts text, OUT positions integer[],
  OUT token_texts text, OUT input_texts text, OUT unexhausted_ids bigint[], OUT missing_ids bigint[])
returns record
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  bodies text[] := statehouse.texts(body_texts);
  busy_ids bigint[];
  task_activity_ids bigint[];
  task_ids bigint[];
  execution_ids bigint[];
  taken_execution_ids bigint[];
  taken_event_ids int[];
begin
  missing_ids := array(
    select distinct entry.id from unnest(activity_ids) as entry (id)
    where not exists (select from statehouse.activities a where a.id = entry.id));
  busy_ids := array(
    select a.id from statehouse.activities a
    where a.id = any (activity_ids)
      and exists (select from statehouse.activity_tasks task where task.activity_id = a.id)
    order by a.id for no key update);
  if cardinality(busy_ids) = 0 then return; end if;

  with busy as (
    select id, count(*) as workers from unnest(activity_ids) as id where id = any (busy_ids) group by id
  ), waiting as materialized (
    select busy.id as activity_id, busy.workers, task.id, task.execution_id
    from busy cross join lateral (
      select task.id, task.execution_id from statehouse.activity_tasks task
      where task.activity_id = busy.id order by task.id limit busy.workers) task
  )
  select array_agg(activity_id), array_agg(id), array_agg(execution_id),
    array(select activity_id from waiting group by activity_id, workers having count(*) = workers)
  into task_activity_ids, task_ids, execution_ids, unexhausted_ids
  from waiting;
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;

  -- Under the locks: until then an attempt could end and take its task along.
  with taken as (
    delete from statehouse.activity_tasks task
    using unnest(task_activity_ids, task_ids) as waiting (activity_id, id)
    where task.activity_id = any (array[waiting.activity_id]) and task.id = any (array[waiting.id])
    returning task.*
  ), task as (
    select *, row_number() over (partition by activity_id order by id) as turn from taken
  ), worker as (
    select activity_id, position, row_number() over (partition by activity_id order by position) as turn
    from unnest(activity_ids) with ordinality as entry (activity_id, position)
  )
  select array_agg(worker.position::int order by worker.position),
    string_agg(task.token, E'\x1e' order by worker.position), string_agg(task.input, E'\x1e' order by worker.position),
    array_agg(task.execution_id order by worker.position), array_agg(task.scheduled_event_id order by worker.position)
  into positions, token_texts, input_texts, taken_execution_ids, taken_event_ids
  from task join worker on worker.activity_id = task.activity_id and worker.turn = task.turn;
  if positions is null then return; end if;

  perform statehouse.post(
    taken_execution_ids, taken_event_ids, array_fill('ActivityStarted'::text, array[cardinality(positions)]),
    array(select bodies[position] from unnest(positions) with ordinality as entry (position, place) order by place));
end
$$;

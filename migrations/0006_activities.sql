-- Statehouse 0006: activities, and their tasks that no worker has taken yet.
--
--   activities      names that activity workers poll
--   activity_tasks  first come, first served: written with the ActivityScheduled event, gone when a worker takes the
--                   task, when its attempt is over, or when its execution is
--
-- Takers lock the activities that have tasks, by id and before the executions: so those of several processes take turns
-- at a queue, and come by its tasks in their order. Whoever writes tasks locks no activity; a task may so be written for
-- one that has just been deleted, and is then taken by nobody. News of tasks, and of deletions, are the ids of the
-- activities on the channel statehouse_activities.

create table statehouse.activities (
  id bigint generated always as identity primary key,
  place text not null, -- as of state_machines
  name text not null, -- JSON-escaped
  encryption_configuration json,
  created_at timestamptz not null default statehouse.now(),
  unique (place, name)
);
-- ListActivities
create index activities_listed on statehouse.activities (place, id);

create table statehouse.activity_tasks (
  id bigint generated always as identity,
  activity_id bigint not null,
  execution_id bigint not null,
  scheduled_event_id int not null,
  token text not null, -- JSON-escaped
  input text not null,
  primary key (activity_id, id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- closing an execution, or an attempt
create index activity_tasks_of_execution on statehouse.activity_tasks (execution_id, scheduled_event_id);

alter table statehouse.tags drop constraint tags_resource_type_check;
alter table statehouse.tags add constraint tags_resource_type_check check (resource_type in ('stateMachine', 'activity'));

-- ActivityStarted: a worker has taken the task.
alter table statehouse.mailbox drop constraint mailbox_kind_check;
alter table statehouse.mailbox add constraint mailbox_kind_check
  check (kind in ('CallbackSucceeded', 'CallbackFailed', 'HeartbeatReceived', 'ActivityStarted'));

-- Puts mail for executions whose rows the caller has locked: those that still run count it, get a job if nobody owns
-- them, and their owner is told otherwise.
create function statehouse.post(execution_ids bigint[], event_ids int[], kinds text[], bodies text[]) returns void
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  unowned bigint[];
  owners bigint[];
begin
  with mail as materialized (
    select entry.* from unnest(execution_ids, event_ids, kinds, bodies) with ordinality
      as entry (execution_id, event_id, kind, body, position)
    join statehouse.executions e on e.id = entry.execution_id and e.status = 'RUNNING'
  ), posted as (
    insert into statehouse.mailbox (execution_id, kind, scheduled_event_id, body)
    select execution_id, kind, event_id, body from mail order by position
  ), signalled as (
    update statehouse.executions e
    set signals = e.signals + news.count,
      wake_at = case when e.owner is null then statehouse.now() + statehouse.hint_patience() else e.wake_at end
    from (select execution_id, count(*)::int as count from mail group by execution_id) news
    where e.id = news.execution_id
    returning e.id, e.owner
  )
  select array_agg(id) filter (where owner is null), array_agg(distinct owner) filter (where owner is not null)
  into unowned, owners from signalled;

  perform statehouse.hint(unowned);
  perform pg_notify('statehouse_news', 'mail ' || owner) from unnest(owners) as owner;
end
$$;

-- As before; a token counts only in the place that its execution belongs to.
drop function statehouse.signal(text, text, text);
create function statehouse.signal(token_texts text, place_texts text, kind_texts text, body_texts text, out sent int[])
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
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
  join statehouse.task_tokens t on t.token = entry.token
  join statehouse.executions e on e.id = t.execution_id
  join statehouse.state_machines m on m.id = e.state_machine_id and m.place = entry.place;
  if sent is null then return; end if;

  perform statehouse.post(execution_ids, event_ids, sent_kinds, bodies);
  delete from statehouse.task_tokens t
  using unnest(sent) as position
  where t.token = tokens[position] and kinds[position] <> 'HeartbeatReceived';
end
$$;

-- ---------------------------------------------------------------- take

-- Hands tasks to workers that wait for them: an entry is a worker, those of one activity in the order in which they
-- came. positions (from 1) are the entries that have got one. bodies: of the mail that tells the execution of it.
-- unexhausted_ids: activities of which there may be more tasks; missing_ids: those that do not exist (any more).
create function statehouse.take(
  activity_ids bigint[], body_texts text,
  out positions int[], out token_texts text, out input_texts text, out unexhausted_ids bigint[], out missing_ids bigint[]
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
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
    where task.activity_id = waiting.activity_id and task.id = waiting.id
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

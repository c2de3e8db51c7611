-- Statehouse 0022: plans for large tables, also where they are made first.
--
-- A plan that is made in a function keeps to the settings of whoever called it first in a session. So all that are called
-- from outside and touch big tables, themselves or through others, switch off what reads all of a table: the reconciler
-- would read all executions every few seconds if its plan was made when there were none.

do $$
declare
  name text;
  setting text;
begin
  foreach name in array array[
    'start_express', 'reconcile', 'retry_set_aside', 'remove_deleted_machines', 'set_caps', 'set_default_cap'
  ] loop
    foreach setting in array array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit'] loop
      execute format('alter function statehouse.%I set %I = off', name, setting);
    end loop;
  end loop;
end
$$;

-- As before, but whether an activity has a task is looked up for those activities alone. As a join of the two, the planner
-- may begin with all tasks that there are.
create or replace function statehouse.take(activity_ids bigint[], body_texts text, out positions int[],
  out token_texts text, out input_texts text, out unexhausted_ids bigint[], out missing_ids bigint[])
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
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
      and (select true from statehouse.activity_tasks task where task.activity_id = a.id limit 1)
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

-- As before, but not by the index that has the order already: it is that of all executions.
create or replace function statehouse.release(worker_ids bigint[], out released int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  orphans bigint[];
begin
  orphans := array(
    select id from statehouse.executions where owner = any (worker_ids) order by id + 0 for no key update);
  update statehouse.executions
  set owner = null, owner_epoch = owner_epoch + 1, wake_at = statehouse.now() + statehouse.hint_patience()
  where id = any (orphans);
  perform statehouse.hint(orphans);
  update statehouse.express_executions set owner = null where owner = any (worker_ids);
  released := cardinality(orphans);
end
$$;

-- Statehouse 0034: what waits in a backlog is not hinted at again and again.
--
-- An execution whose job is not handled within seconds gets another one, for jobs may get lost. Behind a backlog none is lost,
-- they only wait: the more of them were added, the longer it took. A worker used to tell from its own hands whether there was
-- one; all jobs that wait tell it better.

-- A job for executions that nobody owns and that are due, the longest due first, until `jobs_max` jobs wait; answers how many.
-- When as many wait already, a few get one nevertheless: of those that have begun, at most `begun_max`, the latest due first.
-- SKIP LOCKED: tickers of several workers do not wait for each other. Others may have jobs in graphile-worker's tables as well,
-- for tasks of their own: theirs are no backlog of ours, and no more than `jobs_max` of all are looked at.
create function statehouse.wake_due(jobs_max int, begun_max int) returns int
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  waiting int := (
    select count(*) filter (where ready.task_id = (
      select task.id from graphile_worker._private_tasks task where task.identifier = 'advance'))
    from (
      select job.task_id from graphile_worker._private_jobs job where job.is_available and job.run_at <= now()
      order by job.priority, job.run_at limit jobs_max) ready);
  due bigint[];
begin
  if waiting >= jobs_max then return statehouse.wake_begun(begun_max); end if;
  due := array(
    select e.id from statehouse.executions e
    where e.owner is null and e.status = 'RUNNING' and e.wake_at <= statehouse.now()
      and not exists (
        select from statehouse.suspects s
        where s.execution_id = e.id and s.struck_at_seq = e.head_seq and s.strikes >= statehouse.strikes_alone())
    order by e.wake_at limit jobs_max - waiting for no key update of e skip locked);
  delete from statehouse.execution_slots where execution_id = any (due) and not held;
  update statehouse.executions set wake_at = statehouse.now() + statehouse.hint_patience() where id = any (due);
  perform statehouse.hint(due);
  return cardinality(due);
end
$$;

-- For workers of before, which ask this one when their hands are not full, and wake_begun when they are.
create or replace function statehouse.wake_due(maximum int) returns int
language sql
as $$
  select statehouse.wake_due(maximum, 0)
$$;

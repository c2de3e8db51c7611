-- Statehouse 0011: asynchronous executions of EXPRESS state machines.
--
--   express_executions  one row from the start to the end, and none of what lies between
--
-- A start is one row, written before it is answered. A worker claims rows by owning them, runs each execution in its
-- memory, and deletes the row at its end. The rows of a worker that is gone belong to nobody again: another one runs those
-- executions from their beginning (at least once).

create table statehouse.express_executions (
  id uuid primary key, -- version 7: in the order of the starts; the last part of the ARN
  state_machine_id bigint not null,
  revision_id bigint not null,
  body text not null, -- the ExecutionStarted event, encoded as a journal row
  owner bigint,
  run_at timestamptz not null default statehouse.now()
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- claiming
create index express_executions_waiting on statehouse.express_executions (id) where owner is null;
-- release
create index express_executions_owned on statehouse.express_executions (owner) where owner is not null;

-- The machines that take executions: entries of others were not started. A batch that comes again because its answer
-- was lost finds its rows, or finds them done; then an execution runs once more.
create function statehouse.start_express(
  ids uuid[], machine_ids bigint[], revision_ids bigint[], body_texts text, out active_ids bigint[]
)
language plpgsql as $$
#variable_conflict use_column
begin
  active_ids := array(
    select m.id from statehouse.state_machines m
    where m.id = any (machine_ids) and m.status = 'ACTIVE' order by m.id for share);
  insert into statehouse.express_executions (id, state_machine_id, revision_id, body)
  select entry.id, entry.machine_id, entry.revision_id, entry.body
  from unnest(ids, machine_ids, revision_ids, statehouse.texts(body_texts)) as entry (id, machine_id, revision_id, body)
  where entry.machine_id = any (active_ids)
  on conflict do nothing;
  perform pg_notify('statehouse_news', 'express');
end
$$;

-- Up to so many executions for a worker, oldest first. One without a row in `workers` gets none, as in claim.
create function statehouse.claim_express(worker_id bigint, maximum int)
returns table (id uuid, revision_id bigint, body text)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
begin
  perform from statehouse.workers where id = worker_id for key share;
  if not found then return; end if;
  return query
  with waiting as (
    select e.id from statehouse.express_executions e
    where e.owner is null and e.run_at <= statehouse.now()
    order by e.id limit maximum for update skip locked
  )
  update statehouse.express_executions e set owner = worker_id
  from waiting where e.id = waiting.id
  returning e.id, e.revision_id, e.body;
end
$$;

-- As before, and the Express executions of workers that are gone wait again.
create or replace function statehouse.release(worker_ids bigint[], out released int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  orphans bigint[];
begin
  orphans := array(
    select id from statehouse.executions where owner = any (worker_ids) order by id for no key update);
  update statehouse.executions
  set owner = null, owner_epoch = owner_epoch + 1, wake_at = statehouse.now() + statehouse.hint_patience()
  where id = any (orphans);
  perform statehouse.hint(orphans);
  update statehouse.express_executions set owner = null where owner = any (worker_ids);
  released := cardinality(orphans);
end
$$;

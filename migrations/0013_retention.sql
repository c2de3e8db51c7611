-- Statehouse 0013: retention. Closed executions are removed when their time is over, and so are deleted state machines.
--
--   removed_executions  executions that are gone but for the rest of a long journal: mostly none
--
-- Removing an execution frees its name. Who is closed has neither mail, tokens, tasks nor snapshots (clear_closed), so
-- what goes with it are its name, its journal, its redrive tokens and its Map Runs. Links to children:
--
--   it is the parent   orphans that still run are stopped with its name in the cause: until then it stays
--   it is the child    a parent that is still open may yet ask what its task has started: the link stays, and from then
--                      on tells itself
--
-- What removes waits for no lock: rows that others have come later. So it never is part of a deadlock, and any number of
-- workers share the work.

create table statehouse.removed_executions (
  execution_id bigint primary key,
  head_seq int not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Of a child that has been removed: what its parent would have read from its row.
alter table statehouse.child_executions
  add column removed_machine_name text,
  add column removed_name text,
  add column removed_started_at timestamptz;

-- The end of a child, and its removal. With all rows, so that an end does not move them from index to index.
drop index statehouse.child_executions_of_child;
create index child_executions_of_child on statehouse.child_executions (execution_id);

-- Only the end of an execution touches it, which is no HOT update anyway.
create index executions_closed on statehouse.executions (stopped_at) where stopped_at is not null;

-- Deleting machines with their revisions
create index state_machines_deleted on statehouse.state_machines (deleted_at) where deleted_at is not null;
create index state_machine_revisions_of_machine on statehouse.state_machine_revisions (state_machine_id, id);
create index state_machines_of_current_revision on statehouse.state_machines (current_revision_id);
create index versions_of_revision on statehouse.versions (revision_id);

-- Space is found again while what is to be removed is still a small part of a table.
alter table statehouse.journal set (autovacuum_vacuum_scale_factor = 0.02);
alter table statehouse.execution_names set (autovacuum_vacuum_scale_factor = 0.02);

-- ---------------------------------------------------------------- executions

-- Removes a batch of the executions that were closed longest ago. after_ms: not those that ended before; for behind the
-- rows of earlier batches, which are dead but there until the next vacuum, there is no need to look again.
-- removed: executions that are gone now; removed_rows: rows of journals; next_ms: where the next batch begins, null when
-- no more are due.
create function statehouse.remove_executions(
  retention_ms double precision, after_ms double precision, executions_max int, rows_max int, bytes_max bigint,
  out removed int, out removed_rows int, out next_ms double precision
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  ids bigint[];
  head_seqs int[];
  last bigint[];
begin
  removed := 0;
  next_ms := coalesce(after_ms, 0);
  -- First the rest of what is gone already.
  with rest as (
    delete from statehouse.removed_executions r where r.execution_id = any (array(
      select execution_id from statehouse.removed_executions limit executions_max for update skip locked))
    returning r.execution_id, r.head_seq
  )
  select array_agg(execution_id), array_agg(head_seq) into ids, head_seqs from rest;
  if ids is null then
    select taken.ids, taken.head_seqs, taken.next_ms into ids, head_seqs, next_ms
    from statehouse.take_closed(retention_ms, after_ms, executions_max, rows_max) as taken;
    removed := coalesce(cardinality(ids), 0);
  end if;

  with journal_row as (
    select row.ctid as place, row.execution_id, row.seq, pg_column_size(row.body) as bytes
    from statehouse.journal row where row.execution_id = any (ids)
    order by row.execution_id, row.seq limit rows_max
  ), measured as (
    select place, sum(bytes) over (order by execution_id, seq) - bytes as bytes_before from journal_row
  ), deleted as (
    delete from statehouse.journal row
    where row.ctid = any (array(select place from measured where bytes_before < bytes_max))
    returning row.execution_id, row.seq
  )
  select count(*), max(array[execution_id, seq]) into removed_rows, last from deleted;
  insert into statehouse.removed_executions (execution_id, head_seq)
  select id, head_seq from unnest(ids, head_seqs) as taken (id, head_seq)
  where array[id, head_seq] > last;
  if found then next_ms := coalesce(next_ms, after_ms, 0); end if;
end
$$;

-- Part of remove_executions: takes closed executions away, all but their journals.
create function statehouse.take_closed(
  retention_ms double precision, after_ms double precision, executions_max int, rows_max int,
  out ids bigint[], out head_seqs int[], out next_ms double precision
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  busy bigint[];
begin
  with due as (
    select e.id, e.stopped_at, e.head_seq from statehouse.executions e
    where e.stopped_at <= statehouse.now() - retention_ms * interval '1 millisecond'
      and e.stopped_at >= coalesce(statehouse.at(after_ms), '-infinity')
      and not exists (select from statehouse.child_executions c where c.parent_execution_id = e.id)
    order by e.stopped_at limit executions_max for update of e skip locked
  ), batch as (
    select id, stopped_at
    from (select *, sum(head_seq) over (order by stopped_at, id) - head_seq as rows_before from due) due
    where rows_before < rows_max
  ), found as (
    select count(*) as executions from due
  )
  select array_agg(id), case when max(found.executions) = executions_max or count(*) < max(found.executions)
    then floor(extract(epoch from max(stopped_at)) * 1000) end
  into ids, next_ms from batch cross join found;

  -- Parents that are still open have links; whose link is about to go with its parent's end comes later.
  with locked as (
    select c.parent_execution_id, c.scheduled_event_id from statehouse.child_executions c
    where c.execution_id = any (ids) for update skip locked
  )
  select array_agg(c.execution_id) into busy from statehouse.child_executions c
  where c.execution_id = any (ids) and (c.parent_execution_id, c.scheduled_event_id) not in (table locked);
  ids := array(select id from unnest(ids) as id where id <> all (coalesce(busy, '{}')));
  update statehouse.child_executions c
  set removed_machine_name = m.name, removed_name = e.name, removed_started_at = e.started_at
  from statehouse.executions e join statehouse.state_machines m on m.id = e.state_machine_id
  where c.execution_id = any (ids) and e.id = c.execution_id;

  delete from statehouse.redrive_tokens where execution_id = any (ids);
  delete from statehouse.map_runs where execution_id = any (ids);
  with gone as (
    delete from statehouse.executions where id = any (ids)
    returning id, head_seq, state_machine_id, name
  ), freed as (
    delete from statehouse.execution_names taken using gone
    where taken.state_machine_id = gone.state_machine_id and taken.name = gone.name
  )
  select array_agg(id), array_agg(head_seq) into ids, head_seqs from gone;
end
$$;

-- ---------------------------------------------------------------- state machines

-- Removes state machines that were deleted as long ago, once no execution is left of them, with their revisions: at most
-- so many of either. removed: how many of both.
create function statehouse.remove_machines(retention_ms double precision, maximum int, out removed int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  machine_ids bigint[];
begin
  machine_ids := array(
    select m.id from statehouse.state_machines m
    where m.deleted_at <= statehouse.now() - retention_ms * interval '1 millisecond'
      and not exists (select from statehouse.executions e where e.state_machine_id = m.id)
      and (m.type = 'STANDARD' or m.id not in (select e.state_machine_id from statehouse.express_executions e))
    order by m.deleted_at limit maximum for update of m skip locked);

  with earlier as (
    delete from statehouse.state_machine_revisions where id = any (array(
      select r.id from statehouse.state_machine_revisions r
      join statehouse.state_machines m on m.id = r.state_machine_id and m.current_revision_id <> r.id
      where m.id = any (machine_ids) limit maximum))
    returning id
  )
  select count(*) into removed from earlier;

  -- Each refers to the other: in one statement.
  with gone as (
    delete from statehouse.state_machines m
    where m.id = any (machine_ids) and not exists (
      select from statehouse.state_machine_revisions r where r.state_machine_id = m.id and r.id <> m.current_revision_id)
    returning m.id, m.current_revision_id
  ), last_revisions as (
    delete from statehouse.state_machine_revisions r using gone where r.id = gone.current_revision_id
  )
  select removed + 2 * count(*) into removed from gone;
end
$$;

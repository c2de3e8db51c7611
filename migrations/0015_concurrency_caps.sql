-- Statehouse 0015: how many executions of a state machine may be under way at a time.
--
--   state_machines.max_concurrency  its cap: its tag's, else that of the installation; null: none
--   execution_slots                 open executions of capped machines: those that hold a slot, and those that wait for one
--   concurrency_default             one row: the cap of machines without a tag of their own
--
-- Executions over the cap start as rows without jobs: RUNNING, but without a slot, and then nobody can claim them. Whoever
-- frees a slot gives it to the one that has waited longest, in the same transaction (fill_slots). What is under way is
-- counted each time, in rows that come and go with the executions themselves: there is no counter that could be wrong.
--
-- Whoever gives slots holds an advisory lock of the machine until the end of the transaction: the last lock of all, behind
-- those of executions and state machines. Executions that get a slot are locked with SKIP LOCKED, so nobody waits while
-- holding it; who is skipped gets the next free slot, at the latest by fill_all_slots.

alter table statehouse.state_machines
  add column max_concurrency int,
  -- All open executions are in execution_slots: false while those are entered that began before there was a cap.
  add column slots_counted boolean not null default false;
create index state_machines_uncounted on statehouse.state_machines (id)
  where max_concurrency is not null and not slots_counted;

create table statehouse.execution_slots (
  execution_id bigint primary key,
  state_machine_id bigint not null,
  held boolean not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create index execution_slots_held on statehouse.execution_slots (state_machine_id) where held;
create index execution_slots_awaited on statehouse.execution_slots (state_machine_id, execution_id) where not held;

create table statehouse.concurrency_default (
  only_row boolean primary key default true check (only_row),
  maximum int -- null: none
);

-- ---------------------------------------------------------------- caps

-- Sets the caps of machines to what their tags and the installation say; null: of all machines. Starts of a machine are
-- serialised with it by the machine's lock.
create function statehouse.set_caps(machine_ids bigint[]) returns void
language plpgsql as $$
#variable_conflict use_column
declare
  changed bigint[];
begin
  changed := array(
    select m.id from statehouse.state_machines m
    where (machine_ids is null or m.id = any (machine_ids)) and m.type = 'STANDARD' and m.deleted_at is null
      and m.max_concurrency is distinct from statehouse.cap_of(m.id)
    order by m.id for no key update);
  update statehouse.state_machines m
  set max_concurrency = statehouse.cap_of(m.id),
    slots_counted = case when m.max_concurrency is null then not statehouse.has_uncounted(m.id) else m.slots_counted end
  where m.id = any (changed);
  perform statehouse.fill_slots(changed);
end
$$;

create function statehouse.cap_of(machine_id bigint) returns int
language sql stable as $$
  select coalesce(
    (select value::int from statehouse.tags
     where resource_type = 'stateMachine' and resource_id = machine_id and key = 'statehouse:maxConcurrency'),
    (select maximum from statehouse.concurrency_default))
$$;

-- Sets the cap of machines without a tag of their own; null: none.
create function statehouse.set_default_cap(new_maximum int) returns void
language plpgsql as $$
begin
  insert into statehouse.concurrency_default as d (maximum) values (new_maximum)
  on conflict (only_row) do update set maximum = excluded.maximum where d.maximum is distinct from excluded.maximum;
  perform statehouse.set_caps(null);
end
$$;

-- ---------------------------------------------------------------- slots

-- Gives the free slots of machines to the executions that have waited longest, and a job with each. The last thing in its
-- transaction.
create function statehouse.fill_slots(machine_ids bigint[], out filled int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  contended bigint[] := array(
    select m.id from statehouse.state_machines m
    where m.id = any (machine_ids) and (m.max_concurrency is not null or exists (
      select from statehouse.execution_slots s where s.state_machine_id = m.id and not s.held))
    order by m.id);
  next_ids bigint[];
begin
  filled := 0;
  if cardinality(contended) = 0 then return; end if;
  perform pg_advisory_xact_lock(728390442, (id % 2147483647)::int) from unnest(contended) as id;

  next_ids := array(
    select next.execution_id
    from statehouse.state_machines m
    cross join lateral (
      select count(*) as held from statehouse.execution_slots s where s.state_machine_id = m.id and s.held) taken
    cross join lateral (
      select s.execution_id
      from statehouse.execution_slots s join statehouse.executions e on e.id = s.execution_id
      where s.state_machine_id = m.id and not s.held and e.status = 'RUNNING'
      order by s.execution_id
      limit case when m.max_concurrency is null then 1000 else least(greatest(m.max_concurrency - taken.held, 0), 1000) end
      for no key update of e skip locked) next
    where m.id = any (contended) and m.status = 'ACTIVE' and (m.max_concurrency is null or m.slots_counted));
  filled := cardinality(next_ids);
  if filled = 0 then return; end if;
  update statehouse.execution_slots set held = true where execution_id = any (next_ids);
  update statehouse.executions set wake_at = statehouse.now() + statehouse.hint_patience() where id = any (next_ids);
  perform statehouse.hint(next_ids);
end
$$;

-- Gives all free slots, and gives back those that closed executions hold, which none does unless something went wrong.
create function statehouse.fill_all_slots(out filled int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
begin
  delete from statehouse.execution_slots where execution_id = any (array(
    select s.execution_id
    from statehouse.execution_slots s left join statehouse.executions e on e.id = s.execution_id
    where s.held and e.status is distinct from 'RUNNING' for no key update of s skip locked));
  filled := statehouse.fill_slots(array(
    with recursive machine as (
      (select state_machine_id as id from statehouse.execution_slots where not held order by state_machine_id limit 1)
      union all
      select (select s.state_machine_id from statehouse.execution_slots s
        where not s.held and s.state_machine_id > machine.id order by s.state_machine_id limit 1)
      from machine where machine.id is not null
    )
    select id from machine where id is not null));
end
$$;

-- Enters open executions that began before their machine had a cap, a batch of them: they hold slots, be it more than
-- there are. Answers how many.
create function statehouse.count_slots(maximum int, out counted int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  machine bigint := (select id from statehouse.state_machines
    where max_concurrency is not null and not slots_counted order by id limit 1);
begin
  counted := 0;
  if machine is null then return; end if;
  with uncounted as (
    select e.id from statehouse.executions e
    where e.state_machine_id = machine and e.status = 'RUNNING'
      and not exists (select from statehouse.execution_slots s where s.execution_id = e.id)
    order by e.id limit maximum for no key update of e
  ), entered as (
    insert into statehouse.execution_slots (execution_id, state_machine_id, held)
    select id, machine, true from uncounted returning 1
  )
  select count(*) into counted from entered;
  update statehouse.state_machines set slots_counted = true
  where id = machine and max_concurrency is not null and not statehouse.has_uncounted(machine);
end
$$;

create function statehouse.has_uncounted(machine_id bigint) returns boolean
language sql stable as $$
  select exists (
    select from statehouse.executions e
    where e.state_machine_id = machine_id and e.status = 'RUNNING'
      and not exists (select from statehouse.execution_slots s where s.execution_id = e.id))
$$;

-- When TimeoutSeconds of the machine is over, out of the first event of a journal row; null: it has none.
create function statehouse.deadline_in(body text) returns timestamptz
language sql immutable as $$
  select statehouse.at((split_part(body, E'\x1f', 1)::json -> 0 -> 'private' ->> 'deadline')::double precision)
$$;

-- ---------------------------------------------------------------- executions begin

create or replace function statehouse.start(
  machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[], append_ids bigint[],
  name_texts text, alias_name_texts text, trace_header_texts text, body_texts text,
  out started_ids bigint[], out active_ids bigint[]
)
language plpgsql as $$
declare
  capped_ids bigint[];
begin
  select started.started_ids, started.active_ids, started.capped_ids into start.started_ids, start.active_ids, capped_ids
  from statehouse.start_executions(machine_ids, revision_ids, version_numbers, started_ms, append_ids,
    statehouse.texts(name_texts), statehouse.texts(alias_name_texts),
    statehouse.texts(trace_header_texts), statehouse.texts(body_texts)) as started;
  if capped_ids is not null then perform statehouse.fill_slots(capped_ids); end if;
end
$$;

drop function statehouse.start_executions(
  bigint[], bigint[], int[], double precision[], bigint[], text[], text[], text[], text[]);

-- As before. Of machines with a cap (capped_ids) they wait for a slot: who calls this calls fill_slots in the end. An
-- execution that waits is due when its time is up, to end then.
create function statehouse.start_executions(
  machine_ids bigint[], revision_ids bigint[], version_numbers int[], started_ms double precision[], append_ids bigint[],
  names text[], alias_names text[], trace_headers text[], bodies text[],
  out started_ids bigint[], out active_ids bigint[], out capped_ids bigint[]
)
language plpgsql as $$
#variable_conflict use_column
declare
  ids bigint[] := array(
    select nextval('statehouse.executions_id_seq') from generate_series(1, cardinality(machine_ids)));
  won bigint[];
begin
  -- Shared, against a deletion and a change of the cap at the same moment.
  select coalesce(array_agg(m.id), '{}'), array_agg(m.id) filter (where m.max_concurrency is not null)
  into active_ids, capped_ids
  from (
    select id, max_concurrency from statehouse.state_machines
    where id = any (machine_ids) and status = 'ACTIVE' order by id for share) m;

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
      case when machine_id = any (capped_ids) then coalesce(statehouse.deadline_in(body), 'infinity')
        else statehouse.now() + statehouse.hint_patience() end,
      trace_header
    from entry
  )
  insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body)
  select id, 1, 1, append_id, body from entry;

  if capped_ids is null then
    perform statehouse.hint(won);
  else
    insert into statehouse.execution_slots (execution_id, state_machine_id, held)
    select id, machine_id, false from unnest(ids, machine_ids) as entry (id, machine_id)
    where id = any (won) and machine_id = any (capped_ids);
    perform statehouse.hint(array(
      select id from unnest(ids, machine_ids) as entry (id, machine_id)
      where id = any (won) and machine_id <> all (capped_ids)));
  end if;
  started_ids := array(
    select case when id = any (won) then id end from unnest(ids) with ordinality as entry (id, position)
    order by position);
end
$$;

-- As before, also of a machine that has a cap.
create or replace function statehouse.redrive(
  which bigint, redrive_append_id bigint, redrive_body text, client_token text, redriven_ms double precision
) returns void
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  capped bigint := (
    select m.id from statehouse.executions e join statehouse.state_machines m on m.id = e.state_machine_id
    where e.id = which and m.max_concurrency is not null);
begin
  with redriven as (
    update statehouse.executions e
    set status = 'RUNNING', stopped_at = null, output = null, error = null, cause = null,
      owner_epoch = e.owner_epoch + 1, head_seq = e.head_seq + 1, next_event_id = e.next_event_id + 1,
      earlier_open_ms = statehouse.open_ms(e), redrive_count = e.redrive_count + 1,
      redriven_at = statehouse.at(redriven_ms),
      wake_at = case when capped is null then statehouse.now() + statehouse.hint_patience()
        else coalesce(statehouse.deadline_in(redrive_body), 'infinity') end
    where e.id = which
    returning e.id, e.head_seq, e.next_event_id
  )
  insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body)
  select id, head_seq, next_event_id - 1, redrive_append_id, redrive_body from redriven;

  insert into statehouse.redrive_tokens (execution_id, token, redriven_at)
  values (which, client_token, statehouse.at(redriven_ms))
  on conflict (execution_id, token) do update set redriven_at = excluded.redriven_at;
  delete from statehouse.redrive_tokens t
  where t.execution_id = which and t.token not in (
    select kept.token from statehouse.redrive_tokens kept
    where kept.execution_id = which order by kept.redriven_at desc limit 10);

  if capped is null then
    perform statehouse.hint(array[which]);
  else
    insert into statehouse.execution_slots (execution_id, state_machine_id, held) values (which, capped, false);
    perform statehouse.fill_slots(array[capped]);
  end if;
end
$$;

-- ---------------------------------------------------------------- executions go on

-- As before, but for those that wait for a slot.
create or replace function statehouse.claim(
  execution_ids bigint[], worker_ids bigint[], claim_ids bigint[], snapshot_version int
) returns table (
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
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;

  return query
  with claimed as (
    update statehouse.executions e
    set owner = entry.worker_id, claim_id = entry.claim_id,
      owner_epoch = e.owner_epoch + case when e.owner is null then 1 else 0 end
    from unnest(execution_ids, worker_ids, claim_ids) as entry (execution_id, worker_id, claim_id)
    where e.id = entry.execution_id and e.status = 'RUNNING'
      and (e.owner is null or (e.owner = entry.worker_id and e.claim_id = entry.claim_id))
      and exists (select from statehouse.workers w where w.id = entry.worker_id)
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

-- As before. An execution that waits for a slot is due when its time is up; to end it needs none.
create or replace function statehouse.wake_due(maximum int) returns int
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  due bigint[];
begin
  due := array(
    select id from statehouse.executions
    where owner is null and status = 'RUNNING' and wake_at <= statehouse.now()
    order by wake_at limit maximum for no key update skip locked);
  delete from statehouse.execution_slots where execution_id = any (due) and not held;
  update statehouse.executions set wake_at = statehouse.now() + statehouse.hint_patience() where id = any (due);
  perform statehouse.hint(due);
  return cardinality(due);
end
$$;

-- ---------------------------------------------------------------- executions end

drop function statehouse.clear_closed(bigint[]);

-- As before. Answers the machines whose slots have come free.
create function statehouse.clear_closed(execution_ids bigint[]) returns bigint[]
language plpgsql as $$
#variable_conflict use_column
declare
  freed bigint[];
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
  with gone as (
    delete from statehouse.execution_slots where execution_id = any (execution_ids) returning state_machine_id
  )
  select array_agg(distinct state_machine_id) into freed from gone;
  return freed;
end
$$;

-- As before. Slots that come free go to those that wait for them.
create or replace function statehouse.append(
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
  freed bigint[];
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
    freed := statehouse.clear_closed(ended);
  end if;
  if freed is not null or cardinality(child_machine_ids) > 0 then
    perform statehouse.fill_slots(freed || child_machine_ids);
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

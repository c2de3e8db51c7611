-- Statehouse 0001: state machines, executions, and the batched calls that drive executions.
--
-- The history is the state: an execution is its journal, and its row in `executions` is the lease on writing
-- that journal (docs/architecture.md §1 to §4). Everything else here is bookkeeping around the two.
--
-- Tables
--   state_machines           one row per machine; a deleted one stays, with deleted_at, for its executions' sake
--   state_machine_revisions  definition, role and configurations as they were; never updated
--   executions               one narrow row each: status, result, lease
--   execution_names          (machine, name) → execution: who took a name first
--   journal                  (execution, seq) → the events of one step, as text (runtime/execution/codec.ts)
--   snapshots                the fold of a parked execution's journal up to seq: a cache
--   mailbox                  signals that no journal row has folded yet
--   task_tokens              token → the task that waits for it
--   workers                  heartbeats
--
-- The life of an execution
--
--            start            claim                 append (no end)
--      ──────────────▶ unowned ─────▶ owned ─────┐  head_seq + 1
--                        ▲  ▲           │ ▲──────┘
--              release   │  └── park ───┤
--        (worker died)   └──────────────┤
--                                       │ append (end), or seize + append (StopExecution, owned or not)
--                                       ▼
--                                    closed: SUCCEEDED, FAILED, TIMED_OUT, ABORTED
--
--   start    row, name, journal row 1 and the first job          claim    owner set, epoch + 1
--   append   the only way into the journal after row 1           park     owner cleared, epoch + 1
--   signal   mail for a token's task, signals + 1                seize    epoch + 1 from outside, to stop it
--   release  the owner is gone: owner cleared, epoch + 1         wake_due unowned rows whose wake_at has come
--
-- owner_epoch rises whenever the right to append changes hands, so equality of epochs is the whole guard: whoever
-- still has an older epoch is somebody else by now.
--
-- wake_at, of an unowned RUNNING execution: when it must get a job. Jobs are only hints and may vanish, so a row
-- that gets a job is due again hint_patience() later, until somebody claims it: deleting every job loses nothing.
-- `infinity`: parked until a signal, which makes it due. While owned it means nothing.
--
-- Batches
--   A function takes a batch as columns: numbers as arrays, texts joined by U+001E (see texts()), because arrays of
--   text are escaped character by character on the way. JSON text cannot contain U+001E; texts that come from
--   outside are JSON-escaped first. '' is null. An execution stands at most once in a batch.
--   Locks are taken in this order: workers, executions by id, state_machines by id; then the other tables.
--   Functions that touch big tables switch off the plans that read all of a table: a cached plan that was made when
--   the tables were empty would still read all of them when they hold millions of rows.
--
-- Not foreign keys: checking them on start would lock a machine's row for each execution, and journal, mailbox and
-- tokens are only ever written under their execution's row lock.

create schema if not exists statehouse;

-- ---------------------------------------------------------------- the clock

-- The one clock. Tests set it: `statehouse.now` of a session or a database is a timestamp. It moves while a
-- transaction waits for a lock, so functions read it after locking.
create function statehouse.now() returns timestamptz
language sql stable as $$
  select coalesce(nullif(current_setting('statehouse.now', true), '')::timestamptz, clock_timestamp())
$$;

-- ms since 1970, which is how times travel, to a timestamp.
create function statehouse.at(ms double precision) returns timestamptz
language sql immutable as $$
  select to_timestamp(ms / 1000.0)
$$;

-- How long an execution that has got a job may stay unclaimed before it gets another one. Short: it bounds what a
-- lost job costs. Not too short: a backlog of jobs would grow by its own length each time.
create function statehouse.hint_patience() returns interval
language sql immutable as $$
  select interval '5 seconds'
$$;

-- A column of texts out of a batch.
create function statehouse.texts(joined text) returns text[]
language sql immutable as $$
  select string_to_array(joined, E'\x1e', '')
$$;

-- ---------------------------------------------------------------- state machines

create table statehouse.state_machines (
  id bigint generated always as identity primary key,
  name text not null, -- JSON-escaped: a name that AWS allows stands as it is
  type text not null check (type in ('STANDARD', 'EXPRESS')),
  status text not null default 'ACTIVE' check (status in ('ACTIVE', 'DELETING')),
  current_revision_id bigint,
  created_at timestamptz not null default statehouse.now(),
  updated_at timestamptz not null default statehouse.now(),
  deleted_at timestamptz check (deleted_at is null or status = 'DELETING')
);
create unique index state_machines_name on statehouse.state_machines (name) where deleted_at is null;
create index state_machines_all_of_a_name on statehouse.state_machines (name, id); -- executions of deleted machines
create index state_machines_deleting on statehouse.state_machines (id)
  where status = 'DELETING' and deleted_at is null;

create table statehouse.state_machine_revisions (
  id bigint generated always as identity primary key,
  state_machine_id bigint not null references statehouse.state_machines (id),
  -- AWS's revisionId, null for the first; a change of configurations alone makes a new row with the same uuid.
  uuid uuid,
  definition text not null,
  role_arn text not null, -- JSON text
  logging_configuration json,
  tracing_configuration json,
  encryption_configuration json,
  created_at timestamptz not null default statehouse.now()
);
alter table statehouse.state_machines
  add foreign key (current_revision_id) references statehouse.state_machine_revisions (id);

-- ---------------------------------------------------------------- executions

create table statehouse.executions (
  id bigint generated by default as identity primary key,
  state_machine_id bigint not null,
  revision_id bigint not null,
  name text not null, -- JSON-escaped
  status text not null default 'RUNNING'
    check (status in ('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED')),
  started_at timestamptz not null,
  stopped_at timestamptz,
  -- The lease.
  owner bigint,
  owner_epoch int not null default 0,
  claim_id bigint, -- random: a claim that is repeated because its answer was lost finds itself
  head_seq int not null default 1,
  next_event_id int not null default 2,
  signals int not null default 0, -- ever sent to it
  wake_at timestamptz not null,
  -- The result, JSON text. The input is in journal row 1.
  output text,
  error text,
  cause text,
  trace_header text
) with (
  -- Appends update the row in place (HOT) as long as its page has room.
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);
-- wake_due
create index executions_due on statehouse.executions (wake_at) where owner is null and status = 'RUNNING';
-- release, and the mail of a worker
create index executions_owned on statehouse.executions (owner) where owner is not null;
-- ListExecutions without and with statusFilter; the second also tells whether a machine has open executions
create index executions_listed on statehouse.executions (state_machine_id, started_at desc, id desc);
create index executions_listed_by_status
  on statehouse.executions (state_machine_id, status, started_at desc, id desc);

create table statehouse.execution_names (
  state_machine_id bigint not null,
  name text not null, -- JSON-escaped
  execution_id bigint not null,
  primary key (state_machine_id, name)
);

create table statehouse.journal (
  execution_id bigint not null,
  seq int not null, -- dense from 1
  first_event_id int not null, -- a row may hold no event: then the next one's
  append_id bigint not null, -- random: who finds its own here has won, whatever became of the connection
  body text not null,
  -- Included so that the rows of a history page are found without reading bodies.
  primary key (execution_id, seq) include (first_event_id)
);

create table statehouse.snapshots (
  execution_id bigint primary key,
  seq int not null,
  version int not null, -- FOLD_VERSION; a snapshot of another version is ignored
  body text not null
);

create table statehouse.mailbox (
  id bigint generated always as identity,
  execution_id bigint not null,
  kind text not null check (kind in ('CallbackSucceeded', 'CallbackFailed', 'HeartbeatReceived')),
  scheduled_event_id int not null,
  body text not null,
  primary key (execution_id, id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

create table statehouse.task_tokens (
  token text primary key, -- JSON-escaped
  execution_id bigint not null,
  scheduled_event_id int not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- closing an execution
create index task_tokens_of_execution on statehouse.task_tokens (execution_id);

create table statehouse.workers (
  id bigint generated always as identity primary key,
  hostname text not null,
  pid int not null,
  version text not null,
  started_at timestamptz not null default statehouse.now(),
  heartbeat_at timestamptz not null default statehouse.now()
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100);

-- ---------------------------------------------------------------- jobs

-- A job for each execution. No job key: with keys, an insert that meets a locked job can return nothing, and a
-- signal could leave behind a job that never runs again.
create function statehouse.hint(execution_ids bigint[]) returns void
language plpgsql as $$
begin
  if coalesce(cardinality(execution_ids), 0) = 0 then return; end if;
  perform from graphile_worker.add_jobs(array(
    select row('advance', json_build_object('executionId', id::text), null, null, 32767, null, null, null)
      ::graphile_worker.job_spec
    from unnest(execution_ids) as id
  ));
end
$$;

-- ---------------------------------------------------------------- start

-- started_ids: the execution of each entry, null where it was not started; active_ids: the machines that take
-- executions. An entry of an active machine that was not started found its name taken.
create function statehouse.start(
  machine_ids bigint[], revision_ids bigint[], started_ms double precision[], append_ids bigint[],
  name_texts text, trace_header_texts text, body_texts text,
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
    from unnest(ids, machine_ids, revision_ids, names, started_ms, append_ids,
        statehouse.texts(trace_header_texts), statehouse.texts(body_texts))
      as entry (id, machine_id, revision_id, name, started_ms, append_id, trace_header, body)
    where entry.id = any (won)
  ), started as (
    insert into statehouse.executions (id, state_machine_id, revision_id, name, started_at, wake_at, trace_header)
    select id, machine_id, revision_id, name, statehouse.at(started_ms),
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

-- ---------------------------------------------------------------- claim

-- Each lease taken, with all that is needed to go on: the snapshot (of this version), the journal rows after it and
-- the mail. A worker without a row in `workers` gets nothing: so the owner of every execution has a row there, which
-- its reconciler can find.
create function statehouse.claim(
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

-- ---------------------------------------------------------------- append

-- The executions of those entries whose row is in the journal. An entry that was written before (its answer was
-- lost and the batch came again) is found by its append id and has won as well.
-- An entry with a status ends its execution. mail_…, opened_… and closed_… name what the rows fold, open and close.
create function statehouse.append(
  execution_ids bigint[], epochs int[], seqs int[], append_ids bigint[],
  first_event_ids int[], next_event_ids int[], body_texts text,
  status_texts text, stopped_ms double precision[], output_texts text, error_texts text, cause_texts text,
  mail_execution_ids bigint[], mail_ids bigint[],
  opened_execution_ids bigint[], opened_event_ids int[], opened_token_texts text,
  closed_execution_ids bigint[], closed_token_texts text,
  out won bigint[]
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  ended bigint[];
begin
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;

  with advanced as (
    update statehouse.executions e
    set head_seq = entry.seq, next_event_id = entry.next_event_id,
      status = coalesce(entry.status, e.status), stopped_at = statehouse.at(entry.stopped_ms),
      output = entry.output, error = entry.error, cause = entry.cause,
      owner = case when entry.status is null then e.owner end,
      owner_epoch = e.owner_epoch + case when entry.status is null then 0 else 1 end
    from unnest(execution_ids, epochs, seqs, append_ids, first_event_ids, next_event_ids,
        statehouse.texts(body_texts), statehouse.texts(status_texts), stopped_ms,
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
    insert into statehouse.task_tokens (token, execution_id, scheduled_event_id)
    select opened.token, opened.execution_id, opened.event_id
    from unnest(statehouse.texts(opened_token_texts), opened_execution_ids, opened_event_ids)
      as opened (token, execution_id, event_id)
    where opened.execution_id = any (won);
  end if;
  if cardinality(closed_execution_ids) > 0 then
    delete from statehouse.task_tokens t
    using unnest(statehouse.texts(closed_token_texts), closed_execution_ids) as closed (token, execution_id)
    where t.token = closed.token and t.execution_id = closed.execution_id and closed.execution_id = any (won);
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

-- What a closed execution leaves behind.
create function statehouse.clear_closed(execution_ids bigint[]) returns void
language plpgsql as $$
begin
  delete from statehouse.mailbox where execution_id = any (execution_ids);
  delete from statehouse.task_tokens where execution_id = any (execution_ids);
  delete from statehouse.snapshots where execution_id = any (execution_ids);
  if exists (select from statehouse.state_machines where status = 'DELETING' and deleted_at is null) then
    perform statehouse.remove_deleted_machines();
  end if;
end
$$;

-- A machine that is being deleted goes with its last open execution. Whoever closes one looks; an execution that
-- closes while its machine is being marked is seen by neither side: reconciling looks again.
create function statehouse.remove_deleted_machines() returns void
language plpgsql as $$
begin
  perform from statehouse.state_machines where status = 'DELETING' and deleted_at is null order by id for update;
  update statehouse.state_machines m set deleted_at = statehouse.now()
  where m.status = 'DELETING' and m.deleted_at is null and not exists (
    select from statehouse.executions e where e.state_machine_id = m.id and e.status = 'RUNNING');
end
$$;

-- ---------------------------------------------------------------- park

-- The executions that are kept: signals have come that their owner has not folded. All others are not the caller's
-- any more. `wake_ms` null: until a signal.
create function statehouse.park(
  execution_ids bigint[], epochs int[], signal_counts int[], wake_ms double precision[],
  snapshot_execution_ids bigint[], snapshot_seqs int[], snapshot_versions int[], snapshot_texts text,
  out kept bigint[]
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  parked bigint[];
begin
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;

  with parked_now as (
    update statehouse.executions e
    set owner = null, owner_epoch = e.owner_epoch + 1, wake_at = coalesce(statehouse.at(entry.wake_ms), 'infinity')
    from unnest(execution_ids, epochs, signal_counts, wake_ms) as entry (execution_id, epoch, signals, wake_ms)
    where e.id = entry.execution_id
      and e.owner_epoch = entry.epoch and e.signals = entry.signals and e.status = 'RUNNING'
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
    join statehouse.executions e on e.id = entry.execution_id and e.owner_epoch = entry.epoch);
end
$$;

-- ---------------------------------------------------------------- signal

-- The positions (from 1) of those entries whose token is waited for. A token takes one answer: a result consumes
-- it here, so that of two the first one counts; a heartbeat does not.
create function statehouse.signal(token_texts text, kind_texts text, body_texts text, out sent int[])
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  tokens text[] := statehouse.texts(token_texts);
  kinds text[] := statehouse.texts(kind_texts);
  unowned bigint[];
  owners bigint[];
begin
  perform from statehouse.executions e
  where e.id = any (array(select t.execution_id from statehouse.task_tokens t where t.token = any (tokens)))
  order by e.id for no key update;

  -- Read again under the locks: until then a token could be consumed.
  with mail as materialized (
    select entry.position, entry.kind, entry.body, t.execution_id, t.scheduled_event_id
    from unnest(tokens, kinds, statehouse.texts(body_texts)) with ordinality
      as entry (token, kind, body, position)
    join statehouse.task_tokens t on t.token = entry.token
  ), posted as (
    insert into statehouse.mailbox (execution_id, kind, scheduled_event_id, body)
    select execution_id, kind, scheduled_event_id, body from mail order by position
  ), signalled as (
    update statehouse.executions e
    set signals = e.signals + news.count,
      wake_at = case when e.owner is null then statehouse.now() + statehouse.hint_patience() else e.wake_at end
    from (select execution_id, count(*)::int as count from mail group by execution_id) news
    where e.id = news.execution_id
    returning e.id, e.owner
  )
  select (select array_agg(position::int) from mail),
    (select array_agg(id) from signalled where owner is null),
    (select array_agg(distinct owner) from signalled where owner is not null)
  into sent, unowned, owners;

  delete from statehouse.task_tokens t
  using unnest(tokens, kinds) as entry (token, kind)
  where t.token = entry.token and entry.kind <> 'HeartbeatReceived';

  perform statehouse.hint(unowned);
  perform pg_notify('statehouse_news', 'mail ' || owner) from unnest(owners) as owner;
end
$$;

-- ---------------------------------------------------------------- stop

-- Takes the right to append away from whoever has it, locks the row, and tells the owner. The caller appends
-- the end with this epoch in the same transaction. No row: the execution is closed.
create function statehouse.seize(which bigint) returns table (
  epoch int, head_seq int, next_event_id int, head_first_event_id int, head_body text, time_ms double precision
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  seized statehouse.executions;
begin
  update statehouse.executions e set owner_epoch = e.owner_epoch + 1
  where e.id = which and e.status = 'RUNNING' returning e.* into seized;
  if seized.id is null then return; end if;
  if seized.owner is not null then
    perform pg_notify('statehouse_news', 'stopped ' || seized.owner || ' ' || seized.id);
  end if;
  return query
  select seized.owner_epoch, seized.head_seq, seized.next_event_id, row.first_event_id, row.body,
    floor(extract(epoch from statehouse.now()) * 1000)::double precision
  from statehouse.journal row where row.execution_id = seized.id and row.seq = seized.head_seq;
end
$$;

-- ---------------------------------------------------------------- workers

-- Gives the leases of workers that are gone back, with a job each. Their rows in `workers` must be gone first, so
-- that no claim can follow.
create function statehouse.release(worker_ids bigint[], out released int)
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
  released := cardinality(orphans);
end
$$;

-- Declares workers dead that have been silent for too long and releases what they owned. Silence while Postgres itself
-- was down is nobody's fault.
create function statehouse.reconcile(timeout_ms double precision, out dead_workers int, out released int)
language plpgsql as $$
declare
  dead bigint[];
begin
  dead := array(
    select id from statehouse.workers
    where greatest(heartbeat_at, pg_postmaster_start_time())
      < statehouse.now() - timeout_ms * interval '1 millisecond'
    for update skip locked);
  delete from statehouse.workers where id = any (dead);
  dead_workers := cardinality(dead);
  released := statehouse.release(dead);
  perform statehouse.remove_deleted_machines();
end
$$;

-- A job for each unowned execution that is due, at most so many; answers how many. SKIP LOCKED: tickers of
-- several workers share the work, and what is locked is being claimed or signalled anyway.
create function statehouse.wake_due(maximum int) returns int
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
  update statehouse.executions set wake_at = statehouse.now() + statehouse.hint_patience() where id = any (due);
  perform statehouse.hint(due);
  return cardinality(due);
end
$$;

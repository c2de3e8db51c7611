-- Statehouse 0008: redriving closed executions.
--
--   redrive_tokens  (execution, its client's token) → when it was redriven: a call that is repeated is answered as it was
--
--            redrive: epoch + 1, a job
--      closed ─────────────────────────▶ unowned
--
-- A redriven execution is one like all others: its journal goes on, and its result is gone from the row until it ends
-- again. Like a stop, a redrive is appended by the API, under the row's lock.

alter table statehouse.executions
  add column redrive_count int not null default 0,
  add column redriven_at timestamptz,
  add column earlier_open_ms double precision not null default 0; -- how long it was open before that

create table statehouse.redrive_tokens (
  execution_id bigint not null,
  token text not null,
  redriven_at timestamptz not null,
  primary key (execution_id, token)
);

-- As before, and the news bears the epoch: an owner that takes the execution again after a redrive must not take
-- the news of its stop for the new lease. Parents that wait for it will get mail: they are locked with it, in the order
-- in which all take their locks.
create or replace function statehouse.seize(which bigint) returns table (
  epoch int, head_seq int, next_event_id int, head_first_event_id int, head_body text, time_ms double precision
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  parents bigint[] := array(
    select parent_execution_id from statehouse.child_executions where execution_id = which and awaited);
  seized statehouse.executions;
begin
  perform from statehouse.executions where id = any (parents || which) order by id for no key update;
  update statehouse.executions e set owner_epoch = e.owner_epoch + 1
  where e.id = which and e.status = 'RUNNING' returning e.* into seized;
  if seized.id is null then return; end if;
  if seized.owner is not null then
    perform pg_notify('statehouse_news', 'stopped ' || seized.owner || ' ' || seized.id || ' ' || seized.owner_epoch);
  end if;
  return query
  select seized.owner_epoch, seized.head_seq, seized.next_event_id, row.first_event_id, row.body,
    floor(extract(epoch from statehouse.now()) * 1000)::double precision
  from statehouse.journal row where row.execution_id = seized.id and row.seq = seized.head_seq;
end
$$;

-- For how long an execution has been open, all its runs together.
create function statehouse.open_ms(e statehouse.executions) returns double precision
language sql stable as $$
  select e.earlier_open_ms
    + extract(epoch from coalesce(e.stopped_at, statehouse.now()) - coalesce(e.redriven_at, e.started_at)) * 1000
$$;

-- For how long it has been closed; null: it is open.
create function statehouse.closed_ms(e statehouse.executions) returns double precision
language sql stable as $$
  select extract(epoch from statehouse.now() - e.stopped_at) * 1000
$$;

-- Locks an execution, and its machine against a deletion at the same moment, and tells what a redrive depends on.
-- repeated_ms: when the token's redrive was, if that counts still.
create function statehouse.lock_for_redrive(which bigint, client_token text) returns table (
  status text, machine_status text, redrive_count int, open_ms double precision, closed_ms double precision,
  next_event_id int, first_body text, head_first_event_id int, head_body text,
  repeated_ms double precision, time_ms double precision
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
begin
  perform from statehouse.executions where id = which for no key update;
  perform from statehouse.state_machines m
  where m.id = (select e.state_machine_id from statehouse.executions e where e.id = which) for share;
  return query
  select e.status, m.status, e.redrive_count, statehouse.open_ms(e), statehouse.closed_ms(e),
    e.next_event_id, first.body, head.first_event_id, head.body,
    (select floor(extract(epoch from t.redriven_at) * 1000)::double precision from statehouse.redrive_tokens t
     where t.execution_id = which and t.token = client_token
       and t.redriven_at > statehouse.now() - interval '15 minutes'),
    floor(extract(epoch from statehouse.now()) * 1000)::double precision
  from statehouse.executions e
  join statehouse.state_machines m on m.id = e.state_machine_id
  join statehouse.journal first on first.execution_id = e.id and first.seq = 1
  join statehouse.journal head on head.execution_id = e.id and head.seq = e.head_seq
  where e.id = which;
end
$$;

-- Redrives an execution that the transaction has locked for it. Its last ten tokens are kept.
create function statehouse.redrive(
  which bigint, redrive_append_id bigint, redrive_body text, client_token text, redriven_ms double precision
) returns void
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
begin
  with redriven as (
    update statehouse.executions e
    set status = 'RUNNING', stopped_at = null, output = null, error = null, cause = null,
      owner_epoch = e.owner_epoch + 1, head_seq = e.head_seq + 1, next_event_id = e.next_event_id + 1,
      earlier_open_ms = statehouse.open_ms(e), redrive_count = e.redrive_count + 1,
      redriven_at = statehouse.at(redriven_ms), wake_at = statehouse.now() + statehouse.hint_patience()
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

  perform statehouse.hint(array[which]);
end
$$;

-- Statehouse 0014: finding out what has happened when Postgres was in trouble.
--
--   sent_signals        answers of tasks that were taken lately: who sends one again, because the connection broke
--                       between COMMIT and its answer, learns that it was taken
--   workers.incarnation which history of the database a worker has registered in: after a failover or a restore it is
--                       another one, which may lack what the worker has written and been given
--
-- Locks: sent_signals comes after all others.

create table statehouse.sent_signals (
  id bigint primary key, -- random, the sender's
  sent_at timestamptz not null default statehouse.now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- As signal, for signals that have ids. A heartbeat does no harm when it is posted twice, and is not remembered.
create function statehouse.signal_once(
  signal_ids bigint[], token_texts text, place_texts text, kind_texts text, body_texts text, out sent int[]
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  kinds text[] := statehouse.texts(kind_texts);
begin
  sent := statehouse.signal(token_texts, place_texts, kind_texts, body_texts);
  insert into statehouse.sent_signals (id)
  select signal_ids[position] from unnest(sent) as position where kinds[position] <> 'HeartbeatReceived'
  on conflict do nothing;
  if coalesce(cardinality(sent), 0) < cardinality(signal_ids) then
    sent := sent || array(
      select entry.position::int from unnest(signal_ids) with ordinality as entry (id, position)
      join statehouse.sent_signals s on s.id = entry.id);
  end if;
end
$$;

alter table statehouse.workers add column incarnation text not null default '';

-- Which server this is, on which timeline, and which of its databases. '' where a server does not tell.
create function statehouse.incarnation() returns text
language plpgsql stable
as $$
begin
  return concat_ws(' ',
    (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (select oid from pg_database where datname = current_database()));
exception
  when feature_not_supported or undefined_function or insufficient_privilege then return '';
end
$$;

-- How far the write-ahead log has come, in bytes. It goes back where an older copy of this server's data has been
-- restored, which is the same incarnation otherwise. 0 where a server does not tell.
create function statehouse.wal_position() returns bigint
language plpgsql stable
as $$
begin
  return pg_current_wal_flush_lsn() - '0/0'::pg_lsn;
exception
  when feature_not_supported or undefined_function or insufficient_privilege then return 0;
end
$$;

-- After a failover or a restore: takes these executions from whoever has them. Their epochs rise by more than anybody can
-- have been given in the history that is lost. Those that somebody had are due; so are those that were due, or had a job,
-- at the time that the server before has reached, for this one's clock may be behind.
create function statehouse.recover(execution_ids bigint[], reached timestamptz, out raised int, out freed int)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
begin
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;
  with recovered as (
    update statehouse.executions e
    set owner = null, owner_epoch = e.owner_epoch + 1000000,
      wake_at = case when e.owner is null and e.wake_at > reached + statehouse.hint_patience() then e.wake_at
        else statehouse.now() end
    from statehouse.executions before
    where e.id = any (execution_ids) and before.id = e.id and e.status = 'RUNNING'
    returning before.owner
  )
  select count(*), count(owner) into raised, freed from recovered;
end
$$;

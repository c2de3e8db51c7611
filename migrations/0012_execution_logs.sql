-- Statehouse 0012: what executions have logged (docs/decisions/0018-log-table.md).
--
--   execution_logs           records of one execution, as many as were written together, as one text
--   execution_log_positions  the last position that was given
--
-- Each record has a position: microseconds since 1970 when it was written, and always more than the one before it.
-- That is the order of the logs, the cursor of who reads them, and what the table is partitioned by, a day each. A row
-- bears the position of its last record, and the records before it have the positions before that.
--
-- Writers take turns, from before they draw positions until they have committed (lock_logs). So positions become
-- visible in their order: who has read up to a position will find nothing below it later. A sequence alone would not do:
-- of two writers, the one with the lower numbers may commit last. Nor need readers wait for the oldest transaction of the
-- whole server, which may be somebody else's and run for hours.
--
-- Days are dropped when they are too old, so rows are never deleted, nor updated. There is no primary key: positions are
-- unique by how they are drawn, and nobody looks for a single one. Logs are looked up by ARN; the indexes hold its hash,
-- because ARNs are long and indexes would be as large as what they are about.

create table statehouse.execution_logs (
  position bigint not null, -- of the last record
  state_machine text not null, -- ARN, JSON-escaped as a name
  execution text not null, -- likewise
  batch_id bigint not null, -- random: a write that is repeated because its answer was lost finds itself
  body text not null -- JSON: an array of records, each without its execution_arn
) partition by range (position);
create index execution_logs_of_state_machine on statehouse.execution_logs (hashtextextended(state_machine, 0), position);
create index execution_logs_of_execution on statehouse.execution_logs (hashtextextended(execution, 0), position);

create sequence statehouse.execution_log_positions;

-- Held to the end of the transaction.
create function statehouse.lock_logs() returns void
language sql as $$
  select pg_advisory_xact_lock(7283904418) -- the number after that of migrations
$$;

create function statehouse.log_position(moment timestamptz) returns bigint
language sql immutable as $$
  select (extract(epoch from moment) * 1000000)::bigint
$$;

create function statehouse.log_partition(day date) returns text
language sql immutable as $$
  select 'execution_logs_' || to_char(day, 'YYYYMMDD')
$$;

-- Makes the partition of a position's day (UTC) if there is none. Under lock_logs. Attaching an empty table locks out
-- neither readers nor writers. Rows never change: the first vacuum that comes by freezes them for good.
create function statehouse.open_log_day(log_position bigint) returns void
language plpgsql as $$
declare
  day date := (to_timestamp(log_position / 1000000) at time zone 'UTC')::date;
  partition text := statehouse.log_partition(day);
begin
  if to_regclass('statehouse.' || partition) is not null then return; end if;
  execute format(
    'create table statehouse.%I (like statehouse.execution_logs including all excluding indexes)
       with (autovacuum_freeze_min_age = 0)', partition);
  execute format(
    'alter table statehouse.execution_logs attach partition statehouse.%I for values from (%s) to (%s)', partition,
    statehouse.log_position(day::timestamp at time zone 'UTC'),
    statehouse.log_position((day + 1)::timestamp at time zone 'UTC'));
end
$$;

-- A row for each entry, in their order; record_counts: how many records its body holds.
create function statehouse.write_logs(
  batch bigint, is_repeated boolean, record_counts int[],
  state_machine_texts text, execution_texts text, body_texts text
) returns void
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  executions text[] := statehouse.texts(execution_texts);
  last_position bigint;
  new_position bigint;
begin
  perform statehouse.lock_logs();
  if is_repeated and exists (
    select from statehouse.execution_logs log
    where hashtextextended(log.execution, 0) = hashtextextended(executions[1], 0) and log.batch_id = batch
  ) then
    return;
  end if;

  last_position := greatest(
    (select last_value from statehouse.execution_log_positions), statehouse.log_position(statehouse.now()));
  new_position := last_position + (select sum(count) from unnest(record_counts) as count);
  perform setval('statehouse.execution_log_positions', new_position);
  perform statehouse.open_log_day(last_position);
  perform statehouse.open_log_day(new_position);

  insert into statehouse.execution_logs (position, state_machine, execution, batch_id, body)
  select last_position + sum(entry.count) over (order by entry.ordinality),
    entry.state_machine, entry.execution, batch, entry.body
  from unnest(record_counts, statehouse.texts(state_machine_texts), executions, statehouse.texts(body_texts))
    with ordinality as entry (count, state_machine, execution, body, ordinality)
  order by entry.ordinality;
end
$$;

-- Drops the days that were over so many days ago; answers how many. Dropping needs the table for itself, for a moment:
-- who cannot get it at once because somebody reads for long (a backup) leaves it, instead of making all others wait.
create function statehouse.drop_logs(retention_days int, out dropped int)
language plpgsql set lock_timeout = '250ms' as $$
declare
  oldest text := statehouse.log_partition((statehouse.now() at time zone 'UTC')::date - retention_days);
  partition text;
begin
  perform statehouse.lock_logs();
  dropped := 0;
  for partition in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'statehouse.execution_logs'::regclass and c.relname < oldest
    order by c.relname
  loop
    execute format('drop table statehouse.%I', partition);
    dropped := dropped + 1;
  end loop;
exception when lock_not_available then
  dropped := 0;
end
$$;

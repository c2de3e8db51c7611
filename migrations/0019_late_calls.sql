-- Statehouse 0019: claims that are served too late take nothing, and stops that come again end nothing twice.
--
-- A claim whose connection broke may still be on its way, in the buffers of a proxy say. It may be served when its repetition
-- has won, and the execution has been given back since: then it would take the execution for a worker that does not know
-- of it. So a worker numbers its attempts, and an attempt says up to which number the earlier ones take nothing any
-- more (store/claim-attempts.ts). The number is read under the executions' locks, by a statement that begins after they
-- were taken: whichever of two attempts comes second sees what the first has done.

alter table statehouse.workers add column claims_revoked bigint not null default 0;

-- As before, but what was revoked finds only what it has taken already. revoked = 0: nothing is.
create function statehouse.claim(
  execution_ids bigint[], worker_ids bigint[], claim_ids bigint[], snapshot_version int,
  attempt bigint, revoked bigint
)
returns table (
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
  if revoked > 0 then
    update statehouse.workers set claims_revoked = revoked where id = any (worker_ids) and claims_revoked < revoked;
  end if;
  perform from statehouse.executions where id = any (execution_ids) order by id for no key update;

  return query
  with claimed as (
    update statehouse.executions e
    set owner = entry.worker_id, claim_id = entry.claim_id,
      owner_epoch = e.owner_epoch + case when e.owner is null then 1 else 0 end
    from unnest(execution_ids, worker_ids, claim_ids) as entry (execution_id, worker_id, claim_id)
    where e.id = entry.execution_id and e.status = 'RUNNING'
      and (e.owner is null or (e.owner = entry.worker_id and e.claim_id = entry.claim_id))
      and exists (
        select from statehouse.workers w
        where w.id = entry.worker_id and (e.owner is not null or w.claims_revoked < attempt) and not exists (
          select from statehouse.suspects s
          where s.execution_id = e.id and s.struck_at_seq = e.head_seq
            and s.strikes >= case when w.suspects = 'left'
              then statehouse.strikes_alone() else statehouse.strikes_max() end))
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

-- For workers of versions that do not number their attempts.
create or replace function statehouse.claim(
  execution_ids bigint[], worker_ids bigint[], claim_ids bigint[], snapshot_version int
)
returns table (
  execution_id bigint, epoch int, head_seq int, next_event_id int, signals int, revision_id bigint,
  snapshot_seq int, snapshot_body text,
  journal_seqs int[], journal_first_event_ids int[], journal_bodies text,
  mail_ids bigint[], mail_event_ids int[], mail_kinds text, mail_bodies text
)
language sql as $$
  select * from statehouse.claim(execution_ids, worker_ids, claim_ids, snapshot_version, 9223372036854775807, 0)
$$;

-- As seize(which), unless this row is in the journal already: a stop that comes again, because its COMMIT was not answered,
-- must not end what was redriven since.
create function statehouse.seize(which bigint, attempted_seq int, attempted_append_id bigint) returns table (
  epoch int, head_seq int, next_event_id int, head_first_event_id int, head_body text, time_ms double precision
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
#variable_conflict use_column
declare
  parents bigint[] := array(
    select parent_execution_id from statehouse.child_executions where execution_id = which and awaited);
begin
  -- Before it is looked: the COMMIT may still be on its way, and keeps the lock until it has come.
  perform from statehouse.executions where id = any (parents || which) order by id for no key update;
  if exists (
    select from statehouse.journal
    where execution_id = which and seq = attempted_seq and append_id = attempted_append_id
  ) then
    return;
  end if;
  return query select * from statehouse.seize(which);
end
$$;

-- Statehouse 0030: a claim carries no more of an execution's mail than its worker says.
--
-- Answers to task tokens, ends of children and heartbeats that have come while nobody ran the execution are any number. As
-- with journals (0026), a claim with a bound carries the first pieces that are within it, one at least, and says how many are
-- left; its worker reads those when it has folded the ones before.

create function statehouse.claim(
  execution_ids bigint[], worker_ids bigint[], claim_ids bigint[], snapshot_version int,
  attempt bigint, revoked bigint, bytes_maxima int[], mail_bytes_maxima int[]
)
returns table (
  execution_id bigint, epoch int, head_seq int, next_event_id int, signals int, revision_id bigint,
  snapshot_seq int, snapshot_body text,
  journal_seqs int[], journal_first_event_ids int[], journal_bodies text,
  mail_ids bigint[], mail_event_ids int[], mail_kinds text, mail_bodies text, mail_left int
)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
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
    from unnest(execution_ids, worker_ids, claim_ids, bytes_maxima, mail_bytes_maxima)
      as entry (execution_id, worker_id, claim_id, bytes_max, mail_bytes_max)
    where e.id = any (array[entry.execution_id]) and e.stopped_at is null
      and (e.owner is null or (e.owner = entry.worker_id and e.claim_id = entry.claim_id))
      and exists (
        select from statehouse.workers w
        where w.id = entry.worker_id and (e.owner is not null or w.claims_revoked < attempt) and not exists (
          select from statehouse.suspects s
          where s.execution_id = e.id and s.struck_at_seq = e.head_seq
            and s.strikes >= case when w.suspects = 'left'
              then statehouse.strikes_alone() else statehouse.strikes_max() end))
      and not exists (select from statehouse.execution_slots s where s.execution_id = e.id and not s.held)
    returning e.id, e.owner_epoch, e.head_seq, e.next_event_id, e.signals, e.revision_id,
      coalesce(entry.bytes_max, 2147483647) as bytes_max, entry.mail_bytes_max
  )
  select c.id, c.owner_epoch, c.head_seq, c.next_event_id, c.signals, c.revision_id,
    case when s.bytes <= c.bytes_max then s.seq end, case when s.bytes <= c.bytes_max then s.body end,
    j.seqs, j.first_event_ids, j.bodies, m.ids, m.event_ids, m.kinds, m.bodies, m.left_behind
  from claimed c
  -- The length of a text is known without reading it.
  left join lateral (
    select seq, body, octet_length(body) as bytes from statehouse.snapshots
    where execution_id = c.id and version = snapshot_version
  ) s on true
  cross join lateral (
    select array_agg(row.seq order by row.seq) as seqs,
      array_agg(row.first_event_id order by row.seq) as first_event_ids,
      string_agg(row.body, E'\x1e' order by row.seq) as bodies
    from (
      select seq, first_event_id, body, sum(octet_length(body)) over (order by seq rows unbounded preceding) as bytes
      from statehouse.journal where execution_id = c.id and seq > coalesce(s.seq, 0)
      order by seq limit case when c.bytes_max < 2147483647 then 1000 end -- heartbeats are rows, too, and any number
    ) row
    where row.bytes <= c.bytes_max - coalesce(s.bytes, 0)
  ) j
  cross join lateral (
    select array_agg(mail.id order by mail.id) filter (where mail.is_carried) as ids,
      array_agg(mail.scheduled_event_id order by mail.id) filter (where mail.is_carried) as event_ids,
      string_agg(mail.kind, E'\x1e' order by mail.id) filter (where mail.is_carried) as kinds,
      string_agg(mail.body, E'\x1e' order by mail.id) filter (where mail.is_carried) as bodies,
      count(*) filter (where not mail.is_carried)::int as left_behind
    from (
      select id, kind, scheduled_event_id, body,
        c.mail_bytes_max is null or (row_number() over pieces <= 1000
          and sum(octet_length(body)) over pieces - octet_length(body) < c.mail_bytes_max) as is_carried
      from statehouse.mailbox where execution_id = c.id
      window pieces as (order by id rows unbounded preceding)
    ) mail
  ) m;
end
$$;

-- Kept for workers of the version before: what they claim has all of its mail.
create or replace function statehouse.claim(
  execution_ids bigint[], worker_ids bigint[], claim_ids bigint[], snapshot_version int,
  attempt bigint, revoked bigint, bytes_maxima int[]
)
returns table (
  execution_id bigint, epoch int, head_seq int, next_event_id int, signals int, revision_id bigint,
  snapshot_seq int, snapshot_body text,
  journal_seqs int[], journal_first_event_ids int[], journal_bodies text,
  mail_ids bigint[], mail_event_ids int[], mail_kinds text, mail_bodies text
)
language sql
as $$
  select execution_id, epoch, head_seq, next_event_id, signals, revision_id, snapshot_seq, snapshot_body,
    journal_seqs, journal_first_event_ids, journal_bodies, mail_ids, mail_event_ids, mail_kinds, mail_bodies
  from statehouse.claim(
    execution_ids, worker_ids, claim_ids, snapshot_version, attempt, revoked, bytes_maxima, '{}')
$$;

-- Statehouse 0033: reading a range of a journal is planned once in a session.
--
-- A quarter of what a page of GetExecutionHistory took was reading its rows, and a third of that was planning how to.

-- Which row of a journal holds an event: the last one that begins at or before it. Found by halving, because a long history
-- has many rows.
create function statehouse.journal_seq(which bigint, event_id int) returns int
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  low int := 1;
  high int := (select max(row.seq) from statehouse.journal row where row.execution_id = which);
  middle int;
begin
  while low < high loop
    middle := (low + high + 1) / 2;
    if (select row.first_event_id <= event_id from statehouse.journal row where row.execution_id = which and row.seq = middle) then
      low := middle;
    else
      high := middle - 1;
    end if;
  end loop;
  return low;
end
$$;

-- The rows of a journal that hold the events of a range, in their order: one, and others as long as those before hold less text
-- than `bytes_max`, counted from the newest or from the oldest.
create function statehouse.read_journal(
  which bigint, from_event int, to_event int, bytes_max double precision, from_newest boolean
)
returns table (seq int, first_event_id int, body text)
language plpgsql stable
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  first_seq int := statehouse.journal_seq(which, from_event);
  last_seq int := statehouse.journal_seq(which, to_event);
begin
  -- The length of a text is known without reading it: those that go beyond stay where they are.
  return query
  select row.seq, row.first_event_id, row.body
  from (
    select j.seq, j.first_event_id, j.body,
      coalesce(case when from_newest
        then sum(octet_length(j.body)) over (order by j.seq rows between 1 following and unbounded following)
        else sum(octet_length(j.body)) over (order by j.seq rows between unbounded preceding and 1 preceding)
      end, 0) as bytes_before
    from statehouse.journal j
    where j.execution_id = which and j.seq between first_seq and last_seq
  ) row
  where row.bytes_before < bytes_max order by row.seq;
end
$$;

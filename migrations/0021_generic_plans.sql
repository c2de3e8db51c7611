-- Statehouse 0021: the calls of the hot path are planned once in a session.
--
-- A plan made for one batch looks cheaper than one made for all, because it knows how small the batch is. So Postgres
-- would make a new one for every statement of every call: more work than the call itself, when batches are small. There
-- is nothing to choose here, each row is looked up by its key (see 0020).

alter function statehouse.start set enable_seqscan = off;
alter function statehouse.start set enable_hashjoin = off;
alter function statehouse.start set enable_mergejoin = off;
alter function statehouse.start set jit = off;

alter function statehouse.start set plan_cache_mode = force_generic_plan;
alter function statehouse.append set plan_cache_mode = force_generic_plan;
alter function statehouse.append_sql_task set plan_cache_mode = force_generic_plan;
alter function statehouse.park set plan_cache_mode = force_generic_plan;
alter function statehouse.signal set plan_cache_mode = force_generic_plan;
alter function statehouse.signal_once set plan_cache_mode = force_generic_plan;
alter function statehouse.take set plan_cache_mode = force_generic_plan;
alter function statehouse.start_express set plan_cache_mode = force_generic_plan;
alter function statehouse.claim_express set plan_cache_mode = force_generic_plan;
alter function statehouse.wake_due set plan_cache_mode = force_generic_plan;
alter function statehouse.release set plan_cache_mode = force_generic_plan;
alter function statehouse.hint set plan_cache_mode = force_generic_plan;
alter function statehouse.take_turns set plan_cache_mode = force_generic_plan;
alter function statehouse.fill_slots set plan_cache_mode = force_generic_plan;
alter function statehouse.post set plan_cache_mode = force_generic_plan;
alter function statehouse.claim(bigint[], bigint[], bigint[], int, bigint, bigint) set plan_cache_mode = force_generic_plan;
alter function statehouse.seize(bigint) set plan_cache_mode = force_generic_plan;

/** In each table so many rows of others: of a state machine of its own, whose executions are owned, parked or closed. */
export const FILL_TABLES = `
do $$
declare
  others constant int := 3000;
  worker bigint;
  machine bigint;
  revision bigint;
  activity bigint;
  first bigint;
begin
  insert into statehouse.workers (hostname, pid, version) values ('other', 2, '0') returning id into worker;
  insert into statehouse.state_machines (name, type, place, max_concurrency, slots_counted)
  select 'other-' || n, 'STANDARD', 'aws:us-east-1:000000000000', 1000000, true from generate_series(1, others) as n;
  select max(id) into machine from statehouse.state_machines;
  insert into statehouse.state_machine_revisions (state_machine_id, definition, role_arn)
  select id, '{}', '""' from statehouse.state_machines where name like 'other-%';
  select max(id) into revision from statehouse.state_machine_revisions;
  insert into statehouse.activities (place, name) values ('aws:us-east-1:000000000000', 'other') returning id into activity;

  first := nextval('statehouse.executions_id_seq');
  perform setval('statehouse.executions_id_seq', first + 3 * others);
  insert into statehouse.executions
    (id, state_machine_id, revision_id, name, status, started_at, stopped_at, owner, owner_epoch, wake_at)
  select first + n, machine, revision, 'other-' || n,
    case when n <= 2 * others then 'RUNNING' else 'SUCCEEDED' end, statehouse.now(),
    case when n > 2 * others then statehouse.now() end, case when n <= others then worker end, 1, 'infinity'
  from generate_series(1, 3 * others) as n;
  insert into statehouse.execution_names (state_machine_id, name, execution_id)
  select machine, name, id from statehouse.executions where id > first;
  insert into statehouse.journal (execution_id, seq, first_event_id, append_id, body)
  select id, seq, seq, 0, '[]' from statehouse.executions, generate_series(1, 3) as seq where id > first;
  insert into statehouse.execution_slots (execution_id, state_machine_id, held)
  select id, machine, true from statehouse.executions where id > first and status = 'RUNNING';
  insert into statehouse.task_tokens (token, execution_id, scheduled_event_id)
  select 'other-' || n, first + n, 5 from generate_series(1, others) as n;
  insert into statehouse.activity_tasks (activity_id, execution_id, scheduled_event_id, token, input)
  select activity, first + n, 5, 'other-' || n, '{}' from generate_series(1, others) as n;
  insert into statehouse.mailbox (execution_id, kind, scheduled_event_id, body)
  select first + n, 'HeartbeatReceived', 5, '{}' from generate_series(1, others) as n;
  insert into statehouse.child_executions (parent_execution_id, scheduled_event_id, execution_id, awaited)
  select first + n, 5, first + others + n, true from generate_series(1, others) as n;
  insert into statehouse.snapshots (execution_id, seq, version, body)
  select first + others + n, 1, 1, '{}' from generate_series(1, others) as n;
  insert into statehouse.express_executions (id, state_machine_id, revision_id, body, owner)
  select gen_random_uuid(), machine, revision, '{}', worker from generate_series(1, others) as n;
  insert into statehouse.sent_signals (id) select -n from generate_series(1, others) as n;
  perform statehouse.hint(array(select id from statehouse.executions where id > first and owner = worker));
end
$$`;

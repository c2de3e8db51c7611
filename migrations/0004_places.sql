-- Statehouse 0004: places. A state machine belongs to a place, the partition, region and account that its ARN bears:
-- names are unique within one, and who acts in one place does not see another. What was there before belongs to the
-- place that an installation has unless it is configured otherwise.

alter table statehouse.state_machines
  add column place text not null default 'aws:us-east-1:000000000000'; -- partition:region:account
alter table statehouse.state_machines alter column place drop default;

drop index statehouse.state_machines_name;
create unique index state_machines_name on statehouse.state_machines (place, name) where deleted_at is null;
drop index statehouse.state_machines_all_of_a_name;
create index state_machines_all_of_a_name on statehouse.state_machines (place, name, id); -- executions of deleted machines
-- ListStateMachines
create index state_machines_listed on statehouse.state_machines (place, id) where deleted_at is null;

-- Statehouse 0003: tags. They belong to a live state machine: one that is deleted and made again under its name
-- begins without any.

create table statehouse.tags (
  resource_type text not null check (resource_type in ('stateMachine')),
  resource_id bigint not null,
  key text not null, -- JSON-escaped, as value: what AWS allows stands as it is
  value text not null,
  primary key (resource_type, resource_id, key)
);

-- As before, and the tags go with their machine.
create or replace function statehouse.remove_deleted_machines() returns void
language plpgsql as $$
begin
  perform from statehouse.state_machines where status = 'DELETING' and deleted_at is null order by id for update;
  with removed as (
    update statehouse.state_machines m set deleted_at = statehouse.now()
    where m.status = 'DELETING' and m.deleted_at is null and not exists (
      select from statehouse.executions e where e.state_machine_id = m.id and e.status = 'RUNNING')
    returning m.id
  )
  delete from statehouse.tags t using removed where t.resource_type = 'stateMachine' and t.resource_id = removed.id;
end
$$;

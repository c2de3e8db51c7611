-- Statehouse 0008: redriving closed executions.

alter table statehouse.executions
  add column redrive_count int not null default 0,
  add column redriven_at timestamptz;

-- Redrives by their client's token, so that one that is repeated is answered as it was.
create table statehouse.redrive_tokens (
  execution_id bigint not null,
  token text not null,
  redriven_at timestamptz not null,
  primary key (execution_id, token)
);

-- Statehouse 0009: Map Runs, the executions of Distributed Map states, as the API shows them.

create table statehouse.map_runs (
  id bigint generated always as identity primary key,
  execution_id bigint not null, -- whose Map state runs it
  label text not null, -- JSON-escaped: names the state in ARNs
  uuid uuid not null,
  status text not null default 'RUNNING' check (status in ('RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED')),
  started_at timestamptz not null default statehouse.now(),
  stopped_at timestamptz,
  max_concurrency int not null default 0,
  tolerated_failure_count bigint not null default 0,
  tolerated_failure_percentage real not null default 0,
  item_counts json not null, -- AWS's MapRunItemCounts
  execution_counts json not null, -- AWS's MapRunExecutionCounts
  redrive_count int not null default 0,
  redriven_at timestamptz,
  unique (uuid)
);
-- ListMapRuns
create index map_runs_of_execution on statehouse.map_runs (execution_id, id);

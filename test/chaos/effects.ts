/** What SQL tasks do during a run: a row for each success, and a counter that they contend for. */
export const EFFECTS_SQL = `
  create schema chaos;
  create table chaos.effects (execution text not null, state text not null);
  create table chaos.counters (state text primary key, value int not null);
  grant usage on schema chaos to statehouse_sql_tasks;
  grant select, insert, update on all tables in schema chaos to statehouse_sql_tasks`;

/** $1: the execution, $2: the state. */
export const EFFECT_STATEMENT = `
  with effect as (insert into chaos.effects (execution, state) values ($1, $2))
  insert into chaos.counters as counter (state, value) values ($2, 1)
  on conflict (state) do update set value = counter.value + 1`;

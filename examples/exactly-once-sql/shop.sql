-- The shop's own schema, beside Statehouse's, and what SQL tasks may do in it.
create schema shop;

create table shop.stock (
  product text primary key,
  pieces int not null check (pieces >= 0)
);

create table shop.orders (
  id text primary key,
  product text not null references shop.stock,
  pieces int not null check (pieces > 0),
  placed_at timestamptz not null default now()
);

insert into shop.stock values ('teapot', 5);

grant usage on schema shop to statehouse_sql_tasks;
grant select, update on shop.stock to statehouse_sql_tasks;
grant select, insert on shop.orders to statehouse_sql_tasks;

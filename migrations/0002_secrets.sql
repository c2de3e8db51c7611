-- Statehouse 0002: secrets of this installation that all its processes share, such as the key of page tokens.
-- They are made when first needed and protect nothing that access to this database would not give anyway.

create table statehouse.secrets (
  name text primary key,
  value text not null,
  created_at timestamptz not null default statehouse.now()
);

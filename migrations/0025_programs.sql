-- Statehouse 0025: which programs work with the schema.
--
-- Old and new programs share the schema while an upgrade goes on. A migration keeps what the programs before it use; one that
-- takes something away says so in a line of its own (store/migrations.ts), and programs that would miss it refuse the database.

alter table statehouse.migrations add column programs_from int not null default 0; -- 0: works with all that worked before

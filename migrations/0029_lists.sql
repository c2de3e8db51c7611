-- Statehouse 0029: one index fewer for an execution to be put into three times.
--
-- Its claim and its end change what other indexes have of it, and then Postgres writes it into all of them anew. A list without a
-- filter is merged from those of each status, newest first.

drop index statehouse.executions_listed;

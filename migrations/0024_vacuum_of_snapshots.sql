-- Statehouse 0024: snapshots are replaced at each park and go with the end: a table of millions must not collect a fifth of that.

alter table statehouse.snapshots set (autovacuum_vacuum_scale_factor = 0.02);

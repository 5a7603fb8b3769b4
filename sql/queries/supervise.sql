-- Queries of the room sfa.supervise.

-- name: count_open_runs
select count(*) as value from runs where state in ('queued', 'running');

-- name: count_workers
select count(*) as value from look.workers where alive;

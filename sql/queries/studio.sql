-- Queries of the room sfa.studio: what changed, and what a list of tracks shows beside their readings.

-- name: cursor
-- Up to where the snapshot of this statement knows the world: see sfa.events.Cursor.
select extract(epoch from pg_postmaster_start_time())::bigint as epoch,
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon;

-- name: changed_since
with hit as (
    select id as track_id, true as whole from tracks where xid >= %(since)s::text::xid8
    union all
    select track_id, true from runs where xid >= %(since)s::text::xid8
    union all
    select r.track_id, false from progress p join runs r on r.id = p.run_id where p.xid >= %(since)s::text::xid8
)
select t.account_id, t.id as track_id, bool_or(h.whole) as whole
  from hit h
  join tracks t on t.id = h.track_id
 group by t.id;

-- name: everything_shown
-- For a page that comes back after a restart of the server: whatever it may be showing.
(select account_id, id as track_id, true as whole from tracks order by created_at desc, id desc limit %(limit)s)
union
select t.account_id, t.id, true from runs r join tracks t on t.id = r.track_id
 where r.state in ('queued', 'running');

-- name: moving
-- What runs first, then what a page shows on top. What is blocked moves when what it waits for does.
select t.account_id, t.id as track_id, false as whole
  from runs r
  join tracks t on t.id = r.track_id
 where r.state in ('queued', 'running')
 group by t.id
 order by bool_or(r.state = 'running') desc, t.created_at desc
 limit %(limit)s;

-- name: queues
select queue, ready::int as ready, later::int as later, running::int as running, workers::int as workers, paused_why
  from look.queues
 order by queue;

-- name: stems_on_shelf
-- "The stems" of each track: what ran, and why if it was not what had been asked for.
select s.track_id, s.run_id, s.engine, s.ran, s.device, s.model, s.why, s.fix,
       (select array_agg(name order by array_position(array['vocals', 'drums', 'bass', 'guitar', 'piano', 'other'], name), name)
          from stems where run_id = s.run_id) as names
  from separations s
  join tracks t on t.id = s.track_id
 where s.chosen and s.track_id = any (%(track_ids)s) and t.account_id = %(account_id)s;

-- name: shapes_of_tracks
-- The coarsest waveform of each track that has enough peaks for a picture.
select distinct on (p.track_id) p.track_id, p.data
  from peaks p
  join tracks t on t.id = p.track_id
 where p.track_id = any (%(track_ids)s) and t.account_id = %(account_id)s
 order by p.track_id, octet_length(p.data) >= %(at_least)s desc,
          case when octet_length(p.data) >= %(at_least)s then -p.level else p.level end;

-- name: moving_tracks
-- What runs, then what is queued by priority and age, then what only waits for others.
select l.track_id, (count(*) over ())::int as all
  from listings l
  join tracks t on t.id = l.track_id
  cross join lateral (select min(id) filter (where state = 'running') as running,
                             min(job_id) filter (where state = 'queued') as job
                        from runs where track_id = l.track_id) r
 where l.account_id = %(account_id)s and l.deleted_at is null and l.state in ('running', 'queued')
 order by l.state = 'running' desc, r.running, t.priority desc, r.job nulls last, l.added_at
 limit %(limit)s;

-- name: lately
select track_id as value
  from listings
 where account_id = %(account_id)s and deleted_at is null and state = any (%(states)s)
 order by ended_at desc nulls last, added_at desc
 limit %(limit)s;

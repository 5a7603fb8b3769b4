-- Queries of the room sfa.runs.

-- name: begin_run
select sfa.begin_run(%(run_id)s, %(job_id)s, %(worker)s, %(start_id)s) as value;

-- name: start_of_run
select r.id, r.fence, r.track_id, r.stage, s.title as stage_title, r.variant, r.attempts, s.max_attempts,
       t.file_name, t.duration_s, s.timeout_s, s.timeout_per_s, s.stall_s
  from runs r
  join stages s using (stage)
  join tracks t on t.id = r.track_id
 where r.id = %(run_id)s;

-- name: beat
select sfa.beat(%(run_id)s, %(fence)s, %(done)s, %(note)s) as value;

-- name: finish_run
select sfa.finish_run(%(run_id)s, %(fence)s, %(seconds)s) as value;

-- name: is_finished
-- Whether this very start of the run was recorded as done: asked when the answer to a commit was lost.
select exists (select from runs where id = %(run_id)s and fence = %(fence)s and state = 'done') as value;

-- name: fail_run
select sfa.fail_run(%(run_id)s, %(fence)s, %(code)s, %(error)s, %(fix)s, %(evidence)s) as value;

-- name: end_cancelled
select sfa.end_cancelled(%(run_id)s, %(fence)s) as value;

-- name: requeue
select sfa.requeue(%(run_id)s, %(fence)s, %(delay)s, %(note)s, %(counts)s) as value;

-- name: runs_of_tracks
-- The newest run of each stage and variant, in the order of the pipeline.
select track_id, stage, variant, stage_title, state, progress, note, left_s, eta_s, attempts, max_attempts, losses,
       error_code, error, fix, stuck, started_at, finished_at, took_s, ord, run_id, outdone
  from sfa.newest_runs
 where track_id = any (%(track_ids)s)
 order by track_id, ord, run_id;

-- name: retry
select sfa.retry(id) as value from tracks
 where id = %(track_id)s and account_id = %(account_id)s and deleted_at is null;

-- name: cancel
select sfa.cancel(id) as value from tracks
 where id = %(track_id)s and account_id = %(account_id)s and deleted_at is null;

-- name: pause_queue
select sfa.pause(queue, %(why)s) as value from queues where queue = %(queue)s and paused_at is null;

-- name: resume_queue
select sfa.resume(queue) as value from queues where queue = %(queue)s and paused_at is not null;

-- name: take_lease
select pg_advisory_lock(7353, %(worker_id)s::int)::text as value;

-- name: sign_in
insert into workers (worker_id, host, unit, pid, queues, slots, version)
values (%(worker_id)s, %(host)s, %(unit)s, %(pid)s, %(queues)s, %(slots)s, %(version)s)
on conflict (worker_id) do update set lost_since = null;

-- name: sign_out
delete from workers where worker_id = %(worker_id)s;

-- name: adopt
select sfa.adopt(%(host)s, %(unit)s) as value;

-- name: reap
select run_id, what from sfa.reap();

-- name: running_starts
select id as run_id, fence from runs where state = 'running';

-- name: drop_abandoned_uploads
-- Open or ended: after so long nobody comes back to it.
delete from uploads where touched_at < now() - %(patience)s::interval;

-- name: open_uploads
select id as value from uploads where track_id is null;

-- name: known_blobs
select sha256 as value from blobs;

-- name: lock_unspoken_blobs
select sha256 as value from blobs b
 where not exists (select from tracks where sha256 = b.sha256)
   and not exists (select from stems where sha256 = b.sha256)
   and not exists (select from packs where sha256 = b.sha256)
   and not exists (select from covers where sha256 = b.sha256)
   and not exists (select from imports where sha256 = b.sha256)
   and not exists (select from journal where table_name = 'covers' and before ->> 'sha256' = b.sha256)
   for update skip locked;

-- name: drop_unspoken_blobs
-- Asked again, now that they are locked: a row may have been committed between the look and the lock.
delete from blobs b
 where sha256 = any (%(locked)s)
   and not exists (select from tracks where sha256 = b.sha256)
   and not exists (select from stems where sha256 = b.sha256)
   and not exists (select from packs where sha256 = b.sha256)
   and not exists (select from covers where sha256 = b.sha256)
   and not exists (select from imports where sha256 = b.sha256)
   and not exists (select from journal where table_name = 'covers' and before ->> 'sha256' = b.sha256)
returning sha256 as value;

-- name: lock_track_of_run
select t.id as value from tracks t join runs r on r.track_id = t.id where r.id = %(run_id)s for no key update of t;

-- name: counts
-- Whether what this start of the run says is still wanted.
select id as value from runs
 where id = %(run_id)s and fence = %(fence)s and state = 'running' and not stop_asked
   for share;

-- name: purge_jobs
-- procrastinate keeps jobs for a week; the runs stay.
delete from procrastinate_jobs
 where status not in ('todo', 'doing')
   and id not in (select job_id from procrastinate_events where at > now() - interval '7 days' and job_id is not null);

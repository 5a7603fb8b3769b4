-- The state of the whole studio: workers, queues, failures, throughput, storage, what is stuck.

create view look.workers as
select w.unit, w.host, w.pid, sfa.is_alive(w.worker_id) as alive, w.queues, w.slots,
       (select array_agg(t.title || ': ' || s.title order by r.id)
          from runs r join tracks t on t.id = r.track_id join stages s using (stage)
          join procrastinate_jobs j on j.id = r.job_id
         where r.state = 'running' and j.worker_id = w.worker_id) as doing,
       w.version, w.started_at, w.lost_since, w.worker_id
  from workers w;

-- Depth and age of each queue.
create view look.queues as
select q.queue,
       count(*) filter (where j.status = 'todo' and q.paused_at is null
                        and coalesce(j.scheduled_at, now()) <= now()) as ready,
       count(*) filter (where j.status = 'todo' and j.scheduled_at > now()) as later,
       count(*) filter (where j.status = 'doing') as running,
       now() - min(r.queued_at) filter (where j.status = 'todo') as oldest,
       (select count(*) from workers w where q.queue = any (w.queues) and sfa.is_alive(w.worker_id)) as workers,
       q.paused_at, q.paused_why
  from queues q
  left join procrastinate_jobs j on j.queue_name = q.queue and j.status in ('todo', 'doing')
  left join runs r on r.job_id = j.id
 group by q.queue;

create view look.failures as
select t.title, s.title as stage, r.variant, r.error_code, r.error, r.fix, r.attempts, r.finished_at,
       r.evidence, t.file_name, r.track_id, r.id as run_id
  from runs r
  join tracks t on t.id = r.track_id
  join stages s using (stage)
 where r.state = 'failed'
 order by r.finished_at desc;

create view look.throughput as
select date_trunc('hour', r.finished_at) as hour, s.title as stage,
       count(*) filter (where r.state = 'done') as done,
       count(*) filter (where r.state = 'failed') as failed,
       round(avg(extract(epoch from r.finished_at - r.started_at))::numeric, 1) as mean_s,
       round((sum(t.duration_s) filter (where r.state = 'done')
              / nullif(sum(extract(epoch from r.finished_at - r.started_at)) filter (where r.state = 'done'), 0))::numeric, 2)
           as times_real_time
  from runs r
  join stages s using (stage)
  join tracks t on t.id = r.track_id
 where r.finished_at is not null and r.started_at is not null
 group by 1, 2, s.ord
 order by 1 desc, s.ord;

create view look.storage as
select a.name as account,
       count(t.id) as tracks,
       pg_size_pretty(coalesce(sum(t.bytes), 0)) as sources,
       pg_size_pretty(coalesce(sum(s.bytes), 0)) as stems,
       pg_size_pretty(coalesce(sum(p.bytes), 0)) as packs,
       pg_size_pretty(coalesce(sum(c.bytes), 0)) as curves,
       pg_size_pretty(coalesce(sum(v.bytes), 0)) as covers,
       coalesce(sum(t.bytes), 0) + coalesce(sum(s.bytes), 0) + coalesce(sum(p.bytes), 0) + coalesce(sum(c.bytes), 0)
           + coalesce(sum(v.bytes), 0) as bytes
  from accounts a
  left join tracks t on t.account_id = a.id
  left join lateral (select sum(bytes)::bigint as bytes from stems where track_id = t.id) s on true
  left join lateral (select sum(bytes)::bigint as bytes from packs where track_id = t.id) p on true
  left join lateral (select sum(octet_length(data))::bigint as bytes from curves where track_id = t.id) c on true
  left join covers v on v.track_id = t.id
 group by a.id;

-- What is on the disk: sound that several tracks share counts once.
create view look.disk as
select count(*) as files, pg_size_pretty(coalesce(sum(b.bytes), 0)) as size,
       count(*) filter (where u.is_unused) as unused,
       pg_size_pretty(coalesce(sum(b.bytes) filter (where u.is_unused), 0)) as unused_size
  from blobs b
  cross join lateral (select not exists (select from tracks where sha256 = b.sha256)
                         and not exists (select from stems where sha256 = b.sha256)
                         and not exists (select from packs where sha256 = b.sha256)
                         and not exists (select from covers where sha256 = b.sha256)
                         and not exists (select from imports where sha256 = b.sha256)
                         and not exists (select from journal
                                          where table_name = 'covers' and before ->> 'sha256' = b.sha256)
                             as is_unused) u;

-- What a person should look at: no word from a running step, or nobody to take a queued one.
create view look.stuck as
select t.title, r.stage_title as stage, r.state, 'no progress for a long time' as why, r.worker, r.run_id
  from look.runs r join tracks t on t.id = r.track_id where r.stuck
union all
select t.title, r.stage_title, r.state, r.note, r.worker, r.run_id
  from look.runs r join tracks t on t.id = r.track_id
 where r.state = 'queued' and r.note = 'No worker is there to take it.';

-- At the end, whatever was made anew: what lists of tracks are found by may be counted otherwise now.
select sfa.relist(array(select id from tracks));

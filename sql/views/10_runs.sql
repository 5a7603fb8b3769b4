-- Schema look: what a person reads in psql, and pages and the command line read too. A promise: columns
-- may be added, not changed. Made again at each migrate.

-- Inner part: each run with its progress and how many seconds of work are left in it, as far as this
-- studio has learned it.
create view sfa.forecasts as
select f.*,
       case when state = 'running' and done > 0.05 then spent_s * (1 - done) / done
            when state = 'running' then greatest(expected_s - spent_s, 0)
            when state in ('queued', 'blocked') then expected_s end as left_s
  from (select r.*, s.queue, s.ord, s.title as stage_title, s.max_attempts, s.stall_s, t.priority,
               p.done, p.note as said, coalesce(p.beat_at, r.started_at) as heard_at,
               greatest(extract(epoch from statement_timestamp() - r.started_at)::double precision, 0) as spent_s,
               t.duration_s * coalesce(
                   (select per_s from paces a where a.stage = r.stage and a.variant = r.variant),
                   (select per_s from paces a where a.stage = r.stage order by a.runs desc limit 1)) as expected_s
          from runs r
          join stages s using (stage)
          join tracks t on t.id = r.track_id
          left join progress p on p.run_id = r.id and p.fence = r.fence and r.state = 'running') f;

-- Why does a queued job wait? In words, for the page, the terminal and psql.
create view sfa.queue_words as
select q.queue,
       case when q.paused_at is not null then 'The queue is paused: ' || q.paused_why || '.'
            when not exists (select from workers w where q.queue = any (w.queues) and sfa.is_alive(w.worker_id))
                then 'No worker is there to take it.'
            else 'Waits for its turn.' end as words
  from queues q;

-- When each run is over that is running or queued: what runs, and what goes before it in its queue. Null where no
-- worker is there to take it.
-- A function, because the planner takes a subquery of it for a handful of rows and joins them one by one.
create function sfa.turns() returns table (run_id bigint, turn_s double precision)
language sql stable rows 10000 set search_path = public, pg_temp as $$
    select f.id,
           case when q.paused_at is null and not bool_or(f.left_s is null) over turn
               then f.left_s + (sum(f.left_s) over turn - f.left_s) / (
                   select sum(w.slots) from workers w where f.queue = any (w.queues) and sfa.is_alive(w.worker_id))
           end
      from sfa.forecasts f
      join queues q using (queue)
     where f.state in ('running', 'queued')
    window turn as (
        partition by f.queue order by f.state = 'running' desc, f.priority desc, f.job_id
        rows between unbounded preceding and current row) $$;

-- Every run with its progress and a forecast. `left_s`: seconds of work left in it; `eta_s`: seconds until
-- it is done, with what stands before it in its queue. Null where this studio has not learned it yet.
create view look.runs as
select a.track_id, a.stage, a.variant, a.stage_title, a.state::text as state,
       case when a.state = 'done' then 1 else coalesce(a.done, 0) end::real as progress,
       coalesce(case when a.stop_asked then a.note end, a.said, a.note, case
           when a.state = 'queued' and a.queued_at > now() - interval '1 s' then 'Waits for its turn.'
           when a.state = 'queued' then (select w.words from sfa.queue_words w where w.queue = a.queue)
           when a.state = 'blocked' then (
               select 'Waits for: ' || string_agg(s.title, ', ' order by s.ord) || '.'
                 from runs n join stages s using (stage) where n.id = any (a.needs) and n.state <> 'done') end) as note,
       a.left_s,
       case when a.state = 'running' then a.left_s when a.state = 'queued' then u.turn_s end as eta_s,
       a.attempts, a.max_attempts, a.losses, a.error_code, a.error, a.fix, a.worker,
       a.state = 'running' and statement_timestamp() - a.heard_at > make_interval(secs => a.stall_s) as stuck,
       a.asked_at, a.queued_at, a.started_at, a.finished_at,
       extract(epoch from a.finished_at - a.started_at)::double precision as took_s,
       a.ord, a.queue, a.id as run_id, a.job_id, a.needs
  from sfa.forecasts a
  left join sfa.turns() u on u.run_id = a.id;

-- The newest run of each stage and variant of a track; `outdone`: it does not tell where the track stands.
create view sfa.newest_runs as
select r.*, s.outdone from sfa.standings s join look.runs r on r.run_id = s.run_id and r.track_id = s.track_id;

-- Jobs of workers that died, and rows that lost their job. Safe at any time, from anywhere.

-- A worker lives as long as its session holds the lock: the kernel closes the socket of a dead process,
-- and the server frees the lock at once.
create function sfa.is_alive(p_worker bigint) returns boolean
language sql stable set search_path = public, pg_temp as $$
    select exists (
        select from pg_locks l
         where l.locktype = 'advisory' and l.classid = 7353 and l.objid = p_worker::int::oid and l.granted
           and l.database = (select oid from pg_database where datname = current_database())) $$;

create function sfa.handed_out_at(p_job bigint) returns timestamptz
language sql stable set search_path = public, pg_temp as $$
    select max(at) from procrastinate_events where job_id = p_job and type = 'started' $$;

-- Called by every worker once a second. The verdict takes two looks, so that a connection that blinks
-- costs nobody a job; and after a start of the server everybody has time to take the locks again.
create function sfa.reap(p_patience interval default '2 s') returns table (run_id bigint, what text)
language plpgsql set search_path = public, pg_temp as $$
begin
    if now() - pg_postmaster_start_time() < interval '15 s'
       or not pg_try_advisory_xact_lock(7353, 0) then
        return;
    end if;
    update workers w
       set lost_since = case when a.alive then null else coalesce(w.lost_since, now()) end
      from (select worker_id, sfa.is_alive(worker_id) as alive from workers) a
     where a.worker_id = w.worker_id and a.alive = (w.lost_since is not null);
    return query select * from sfa.give_back(sfa.the_lost(p_patience));
    return query select * from sfa.rejoin();
    return query select * from sfa.rejoin_imports();
    delete from workers w
     where w.lost_since < now() - interval '1 min'
       and not exists (select from procrastinate_jobs j where j.worker_id = w.worker_id and j.status = 'doing');
end $$;

-- Workers given up for lost. One may have died before it signed in, with a job in hand already.
create function sfa.the_lost(p_patience interval) returns bigint[]
language sql stable set search_path = public, pg_temp as $$
    select array(
        select worker_id from workers where lost_since < now() - p_patience
        union
        select j.worker_id from procrastinate_jobs j
         where j.status = 'doing' and j.worker_id is not null
           and not exists (select from workers w where w.worker_id = j.worker_id)
           and sfa.handed_out_at(j.id) < now() - interval '30 s'
           and not sfa.is_alive(j.worker_id)) $$;

-- The jobs in the hands of dead workers go back to the queue. An attempt that ended so is not counted
-- against the input, but a run that takes its worker along time and again has to stop some day.
create function sfa.give_back(p_workers bigint[]) returns table (run_id bigint, what text)
language plpgsql set search_path = public, pg_temp as $$
declare
    lost record;
begin
    for lost in
        select j.id as job, r.id as run, r.state, r.losses, r.fence, r.stop_asked, t.priority,
               case when q.paused_at is null then now() else sfa.never() end as again_at
          from procrastinate_jobs j
          left join runs r on r.job_id = j.id
          left join tracks t on t.id = r.track_id
          left join queues q on q.queue = j.queue_name
         where j.status = 'doing'
           and (j.worker_id = any (p_workers) or j.worker_id is null)    -- null: procrastinate forgot it
           for update of j skip locked
    loop
        run_id := lost.run;
        if lost.state = 'running' and (lost.stop_asked or lost.losses >= 9) then
            perform procrastinate_finish_job_v1(lost.job, 'failed', false);
            if lost.stop_asked then
                perform sfa.end_cancelled(lost.run, lost.fence);
                what := 'cancelled: its worker is gone';
            else
                perform sfa.fail_run(lost.run, lost.fence, 'crashed',
                    'Its worker died ten times in the middle of this step.',
                    'Look at the memory of the machine, then retry.', '');
                what := 'failed: took its worker along too often';
            end if;
        elsif lost.state in ('queued', 'running') then
            update runs
               set state = 'queued', worker = null, started_at = null, queued_at = clock_timestamp(),
                   attempts = greatest(attempts - case when state = 'running' then 1 else 0 end, 0),
                   losses = losses + case when state = 'running' then 1 else 0 end,
                   fence = fence + 1, note = 'Its worker was lost; queued again.'
             where id = lost.run;
            delete from progress p where p.run_id = lost.run;
            -- It may have been told to stop, and asked for again.
            update procrastinate_jobs set abort_requested = false where id = lost.job and abort_requested;
            perform procrastinate_retry_job_v2(lost.job, lost.again_at, lost.priority, null, null);
            what := 'queued again: its worker is gone';
        else
            perform procrastinate_finish_job_v1(lost.job, 'failed', false);
            what := 'job closed: its run had ended';
        end if;
        return next;
    end loop;
end $$;

-- A unit that starts knows that its predecessor is dead: no patience is needed.
create function sfa.adopt(p_host text, p_unit text) returns integer
language sql set search_path = public, pg_temp as $$
    select count(*)::integer from sfa.give_back(array(
        select worker_id from workers
         where host = p_host and unit = p_unit and not sfa.is_alive(worker_id))) $$;

-- Where rows and jobs disagree: a run that looks alive and whose job is gone or ended (deleted by hand,
-- or restored from elsewhere) gets a new job; a job whose run does not run (its end was never recorded, or no
-- worker ever heard of it, because the server went away at that moment) is closed, lest it hold the run's lock
-- for ever.
create function sfa.rejoin() returns table (run_id bigint, what text)
language plpgsql set search_path = public, pg_temp as $$
declare
    stray record;
begin
    for stray in
        select r.id, r.state, r.fence, r.losses, r.stop_asked from runs r
         where r.state in ('queued', 'running')
           and not exists (select from procrastinate_jobs j where j.id = r.job_id and j.status in ('todo', 'doing'))
           and coalesce(r.started_at, r.queued_at) < now() - interval '30 s'
           and not exists (select from progress p where p.run_id = r.id and p.beat_at > now() - interval '30 s')
           for update skip locked
    loop
        run_id := stray.id;
        if stray.state = 'running' and stray.stop_asked then
            perform sfa.end_cancelled(stray.id, stray.fence);
            what := 'cancelled: its job was gone';
        elsif stray.state = 'running' and stray.losses >= 9 then
            perform sfa.fail_run(stray.id, stray.fence, 'crashed',
                'Its worker let go of it ten times in the middle of this step.', 'Look at the worker''s log, then retry.', '');
            what := 'failed: its job was gone too often';
        else
            perform sfa.dispatch(stray.id);
            update runs set losses = losses + case when stray.state = 'running' then 1 else 0 end where id = stray.id;
            what := 'dispatched again: its job was gone';
        end if;
        return next;
    end loop;
    for stray in
        select j.id, (j.args ->> 'run_id')::bigint as run from procrastinate_jobs j
         where j.status = 'doing' and j.task_name in (select task from stages)
           and not exists (select from runs r where r.job_id = j.id and r.state = 'running')
           and sfa.handed_out_at(j.id) < now() - interval '60 s'
           for update of j skip locked
    loop
        perform procrastinate_finish_job_v1(stray.id, 'failed', false);
        run_id := stray.run;
        what := 'job closed: its run does not run';
        return next;
    end loop;
end $$;

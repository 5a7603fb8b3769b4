-- What a worker says of a run. Each carries the fence of its start: a worker that was given up for lost
-- and comes back finds that nothing it says counts any more.

-- Null: the job is stale (its run was cancelled, or given to another job); nothing is to be done. A worker
-- that did not hear the answer says it again with the same `p_start`, and finds that it has begun.
create function sfa.begin_run(p_run bigint, p_job bigint, p_worker text, p_start uuid) returns integer
language sql set search_path = public, pg_temp as $$
    update runs
       set state = 'running', fence = fence + 1, attempts = attempts + 1, worker = p_worker, note = null,
           start_id = p_start, started_at = clock_timestamp(), finished_at = null
     where id = p_run and job_id = p_job and state in ('queued', 'running') and start_id is distinct from p_start;
    select fence from runs where id = p_run and start_id = p_start and state = 'running' for update $$;

-- Null: superseded or told to stop; the worker ends its child. Progress never goes back within one start.
create function sfa.beat(p_run bigint, p_fence integer, p_done double precision, p_note text) returns boolean
language sql set search_path = public, pg_temp as $$
    insert into progress as p (run_id, fence, done, note)
    select id, fence, least(greatest(p_done, 0), 1), p_note
      from runs where id = p_run and fence = p_fence and state = 'running' and not stop_asked
    on conflict (run_id) do update
       set done = case when p.fence = excluded.fence then greatest(p.done, excluded.done) else excluded.done end,
           fence = excluded.fence, note = excluded.note, beat_at = clock_timestamp(), xid = pg_current_xact_id()
    returning true $$;

-- False: superseded; the caller rolls its results back.
create function sfa.finish_run(p_run bigint, p_fence integer, p_seconds jsonb default null) returns boolean
language plpgsql set search_path = public, pg_temp as $$
declare
    ended record;
begin
    -- First the track, then its runs, then their jobs: everywhere, lest two wait for each other.
    perform from tracks where id = (select track_id from runs where id = p_run) for no key update;
    update runs r
       set state = 'done', finished_at = clock_timestamp(), note = null, seconds = p_seconds
      from tracks t
     where r.id = p_run and r.fence = p_fence and r.state = 'running' and t.id = r.track_id
    returning r.track_id, r.stage, r.variant, t.duration_s,
              extract(epoch from r.finished_at - r.started_at) as took_s into ended;
    if not found then
        return false;
    end if;
    delete from progress where run_id = p_run;
    if ended.duration_s > 0 then
        insert into paces as p (stage, variant, per_s, runs)
        select ended.stage, coalesce(max(ran), ended.variant), ended.took_s / greatest(ended.duration_s, 10), 1
          from separations where run_id = p_run         -- the model that ran, not the one that was asked for
        on conflict (stage, variant) do update          -- the first runs count in full, later ones drift
           set per_s = p.per_s + (excluded.per_s - p.per_s) / least(p.runs + 1, 8), runs = p.runs + 1;
    end if;
    perform sfa.advance(ended.track_id);
    return true;
end $$;

create function sfa.fail_run(p_run bigint, p_fence integer, p_code text, p_error text, p_fix text,
                             p_evidence text) returns boolean
language plpgsql set search_path = public, pg_temp as $$
begin
    update runs
       set state = 'failed', finished_at = clock_timestamp(), note = null,
           error_code = p_code, error = p_error, fix = nullif(p_fix, ''), evidence = nullif(p_evidence, '')
     where id = p_run and fence = p_fence and state = 'running';
    if not found then
        return false;
    end if;
    delete from progress where run_id = p_run;
    return true;
end $$;

-- A start that was told to stop has ended. What was asked for again meanwhile goes back into its queue.
create function sfa.end_cancelled(p_run bigint, p_fence integer) returns boolean
language plpgsql set search_path = public, pg_temp as $$
begin
    update runs set state = 'cancelled', finished_at = clock_timestamp(), note = null
     where id = p_run and fence = p_fence and state = 'running' and stop_asked;
    if not found then
        return sfa.requeue(p_run, p_fence, null, null, false);
    end if;
    delete from progress where run_id = p_run;
    return true;
end $$;

-- Put a run back into its queue. `p_counts`: whether the start that just ended was an attempt; one that
-- ended because its worker was told to stop was not. One that a person wants ended does not come back.
create function sfa.requeue(p_run bigint, p_fence integer, p_delay interval, p_note text, p_counts boolean)
returns boolean
language plpgsql set search_path = public, pg_temp as $$
declare
    stop boolean;
begin
    select stop_asked into stop from runs where id = p_run and fence = p_fence and state = 'running' for update;
    if not found then
        return false;
    elsif stop then
        return sfa.end_cancelled(p_run, p_fence);
    end if;
    perform sfa.dispatch(p_run, p_delay);
    update runs set note = p_note, attempts = attempts - case when p_counts then 0 else 1 end where id = p_run;
    return true;
end $$;

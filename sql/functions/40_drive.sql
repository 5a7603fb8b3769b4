-- For a person in psql. Everything goes through the same rows, constraints and wake-ups as the pages.

-- select sfa.enqueue('/music/song.flac');            a file on the disk of the machine that runs the workers
create function sfa.enqueue(p_file text, p_model text default null, p_priority integer default 0,
                            p_account text default 'owner') returns uuid
language plpgsql set search_path = public, pg_temp as $$
declare
    owner uuid;
    track uuid;
    base text := regexp_replace(p_file, '^.*/', '');
begin
    if p_file !~ '^/' or base = '' then
        raise exception 'sfa.enqueue wants the full path of a file, not "%"', p_file
            using hint = 'Write it from the root: /music/song.flac';
    end if;
    select id into owner from accounts where name = p_account;
    if owner is null then
        raise exception 'there is no account "%"', p_account using hint = 'select name from accounts';
    end if;
    insert into tracks (account_id, title, file_name, taken_from, priority, source)
    values (owner, left(coalesce(nullif(regexp_replace(base, '\.[^.]*$', ''), ''), base), 500), base, p_file, p_priority, 'disk')
    returning id into track;
    perform sfa.forge_track(track, coalesce(p_model, 'htdemucs'), null, p_model is null);
    return track;
end $$;

-- select sfa.retry('…');          every failed or cancelled stage of a track; how many
create function sfa.retry(p_track uuid) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    again integer;
begin
    perform from tracks where id = p_track for no key update;
    again := sfa.reopen(p_track);
    perform sfa.advance(p_track);
    return again;
end $$;

-- Its inner part. The caller holds the track, and advances.
create function sfa.reopen(p_track uuid) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    stopping integer;
    again integer;
begin
    update runs set stop_asked = false, note = null, attempts = 1, losses = 0     -- it ends, and is queued again
     where track_id = p_track and state = 'running' and stop_asked;
    get diagnostics stopping = row_count;
    update runs r
       set state = 'blocked', attempts = 0, losses = 0, note = null, finished_at = null, started_at = null,
           worker = null, error_code = null, error = null, fix = null, evidence = null
     where r.track_id = p_track and r.state in ('failed', 'cancelled')
       and not exists (select from runs o                       -- another run of it is open or came later
                        where o.track_id = r.track_id and o.stage = r.stage and o.variant = r.variant and o.id > r.id);
    get diagnostics again = row_count;
    return stopping + again;
end $$;

-- select sfa.cancel('…');         every stage of a track that has not ended; how many
create function sfa.cancel(p_track uuid) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    open_run record;
    stopped integer := 0;
begin
    perform from tracks where id = p_track for no key update;
    perform from procrastinate_jobs             -- before the runs, as sfa.give_back does
     where id in (select job_id from runs where track_id = p_track and state in ('queued', 'running'))
     order by id for update;
    for open_run in
        select id, state, job_id from runs
         where track_id = p_track and state in ('blocked', 'queued', 'running') order by id for update
    loop
        -- A running one is told to stop, and its worker writes the end.
        if open_run.job_id is not null then
            perform procrastinate_cancel_job_v1(open_run.job_id, true, false);
        end if;
        if open_run.state = 'running' then
            update runs set note = 'Stopping.', stop_asked = true where id = open_run.id;
        else
            update runs set state = 'cancelled', finished_at = clock_timestamp(), note = null where id = open_run.id;
        end if;
        stopped := stopped + 1;
    end loop;
    return stopped;
end $$;

-- select sfa.pause('processing', 'the fan is loud');   what runs goes on, what waits keeps waiting
create function sfa.pause(p_queue text, p_why text default 'paused by hand') returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    held integer;
begin
    update queues set paused_at = now(), paused_why = p_why where queue = p_queue;
    if not found then
        raise exception 'there is no queue "%"', p_queue using hint = 'select * from look.queues';
    end if;
    update procrastinate_jobs set scheduled_at = sfa.never()
     where id in (select id from procrastinate_jobs where queue_name = p_queue and status = 'todo' order by id for update);
    get diagnostics held = row_count;
    perform pg_notify('sfa', '');
    return held;
end $$;

create function sfa.resume(p_queue text) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    freed integer;
begin
    update queues set paused_at = null, paused_why = null where queue = p_queue;
    if not found then
        raise exception 'there is no queue "%"', p_queue using hint = 'select * from look.queues';
    end if;
    update procrastinate_jobs set scheduled_at = null
     where id in (select id from procrastinate_jobs
                   where queue_name = p_queue and status = 'todo' and scheduled_at = sfa.never() order by id for update);
    get diagnostics freed = row_count;
    perform pg_notify('sfa', '');
    return freed;
end $$;

-- select sfa.prioritise('…', 5);  higher goes first, among what waits and what will wait
create function sfa.prioritise(p_track uuid, p_priority integer) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    moved integer;
begin
    update tracks set priority = p_priority where id = p_track;
    update procrastinate_jobs j set priority = p_priority
      from runs r where r.track_id = p_track and r.job_id = j.id and j.status = 'todo';
    get diagnostics moved = row_count;
    return moved;
end $$;

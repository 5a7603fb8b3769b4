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
create function sfa.retry_tracks(p_tracks uuid[]) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    present uuid[] := array(        -- what lies in the trash makes no work
        select id from tracks where id = any (p_tracks) and deleted_at is null order by id for no key update);
    again integer;
begin
    again := sfa.reopen(present);
    perform sfa.advance_tracks(present);
    return again;
end $$;

create function sfa.retry(p_track uuid) returns integer language sql set search_path = public, pg_temp as $$
    select sfa.retry_tracks(array[p_track]) $$;

-- Its inner part; `p_trashed`: only what ended with its track in the trash. The caller holds the tracks, and advances.
create function sfa.reopen(p_tracks uuid[], p_trashed boolean default false) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    stopping integer;
    again integer;
begin
    update runs                                     -- it ends, and is queued again
       set stop_asked = false, trashed = false, note = null, attempts = 1, losses = 0
     where track_id = any (p_tracks) and state = 'running' and stop_asked and (trashed or not p_trashed);
    get diagnostics stopping = row_count;
    update runs r
       set state = 'blocked', trashed = false, attempts = 0, losses = 0, note = null, finished_at = null,
           started_at = null, worker = null, error_code = null, error = null, fix = null, evidence = null
     where r.track_id = any (p_tracks)
       and case when p_trashed then r.trashed and r.state = 'cancelled' else r.state in ('failed', 'cancelled') end
       and not exists (select from runs o                       -- another run of it is open or came later
                        where o.track_id = r.track_id and o.stage = r.stage and o.variant = r.variant and o.id > r.id);
    get diagnostics again = row_count;
    return stopping + again;
end $$;

-- select sfa.cancel('…');         every stage of a track that has not ended; how many
create function sfa.cancel_tracks(p_tracks uuid[], p_trashed boolean default false) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    stopped integer;
begin
    perform from tracks where id = any (p_tracks) order by id for no key update;
    perform from procrastinate_jobs             -- before the runs, as sfa.give_back does
     where id in (select job_id from runs where track_id = any (p_tracks) and state in ('queued', 'running'))
     order by id for update;
    perform procrastinate_cancel_job_v1(job_id, true, false)
       from (select job_id from runs
              where track_id = any (p_tracks) and state in ('queued', 'running') and not stop_asked
              order by id for update) open_runs;
    update runs                                 -- a running one is told to stop, and its worker writes the end
       set state = case state when 'running' then state else 'cancelled' end,
           finished_at = case when state <> 'running' then clock_timestamp() end,
           note = case state when 'running' then 'Stopping.' end,
           stop_asked = state = 'running', trashed = p_trashed
     where track_id = any (p_tracks) and state in ('blocked', 'queued', 'running') and not stop_asked;
    get diagnostics stopped = row_count;
    return stopped;
end $$;

create function sfa.cancel(p_track uuid) returns integer language sql set search_path = public, pg_temp as $$
    select sfa.cancel_tracks(array[p_track]) $$;

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

-- select sfa.prioritise('…', 5);  higher goes first; how many stages wait for their turn, or for other stages
create function sfa.prioritise_tracks(p_tracks uuid[], p_priority integer) returns integer
language plpgsql set search_path = public, pg_temp as $$
begin
    perform from tracks where id = any (p_tracks) order by id for no key update;
    update tracks set priority = p_priority where id = any (p_tracks) and priority <> p_priority;
    update procrastinate_jobs set priority = p_priority
     where id in (select id from procrastinate_jobs
                   where id in (select job_id from runs where track_id = any (p_tracks)) and status = 'todo'
                   order by id for update);
    return count(*) from runs where track_id = any (p_tracks) and state in ('blocked', 'queued');
end $$;

create function sfa.prioritise(p_track uuid, p_priority integer) returns integer
language sql set search_path = public, pg_temp as $$
    select sfa.prioritise_tracks(array[p_track], p_priority) $$;

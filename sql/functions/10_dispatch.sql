-- Schema sfa: what drives the system, from Python and from psql alike. Made again at each migrate.

-- Hand a run to the workers of its queue. Its job exists if, and when, the caller's transaction commits.
-- A job of a paused queue waits in a far year; `resume` brings it back.
create function sfa.dispatch(p_run bigint, p_delay interval default null) returns bigint
language plpgsql set search_path = public, pg_temp as $$
declare
    what record;
    job bigint;
begin
    select s.queue, s.task, t.priority, q.paused_at into strict what
      from runs r
      join stages s using (stage)
      join queues q using (queue)
      join tracks t on t.id = r.track_id
     where r.id = p_run;
    job := (procrastinate_defer_jobs_v1(array[row(
        what.queue, what.task, what.priority,
        'run:' || p_run,                            -- never twice at once
        null,                                       -- one open run per stage is our own index
        jsonb_build_object('run_id', p_run),
        case when what.paused_at is not null then sfa.never() else now() + p_delay end
    )::procrastinate_job_to_defer_v1]))[1];
    delete from progress where run_id = p_run;
    update runs
       set state = 'queued', job_id = job, queued_at = clock_timestamp(), started_at = null,
           finished_at = null, worker = null, error_code = null, error = null, fix = null, evidence = null,
           stop_asked = false
     where id = p_run;
    return job;
end $$;

-- Later than any job. Not 'infinity': Python has no such date.
create function sfa.never() returns timestamptz language sql immutable as $$
    select timestamptz '2999-01-01 00:00:00+00' $$;

-- Dispatch every blocked run of a track whose needs are done.
create function sfa.advance(p_track uuid) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    next_run bigint;
    dispatched integer := 0;
begin
    perform from tracks where id = p_track for no key update;       -- two stages may end at once
    for next_run in
        select r.id from runs r
         where r.track_id = p_track and r.state = 'blocked'
           and not exists (select from runs n where n.id = any (r.needs) and n.state <> 'done')
         order by r.id
    loop
        perform sfa.dispatch(next_run);
        dispatched := dispatched + 1;
    end loop;
    return dispatched;
end $$;

-- Ask for everything that a track goes through. What is done or under way stays as it is, what failed or
-- was cancelled is tried again: asking twice for the same thing costs nothing.
create function sfa.forge_track(p_track uuid, p_model text default 'htdemucs', p_stems text[] default null,
                                p_fallback boolean default true) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    decoding bigint;
begin
    perform from tracks where id = p_track for no key update;
    select id into decoding from runs where track_id = p_track and stage = 'decode' order by id desc limit 1;
    if decoding is null then
        insert into runs (track_id, stage) values (p_track, 'decode') returning id into decoding;
        insert into runs (track_id, stage, needs) values (p_track, 'analysis', array[decoding]);
    end if;
    if not sfa.has_separation(p_track, p_model, p_stems, p_fallback) then
        perform sfa.ask_separation(p_track, p_model, p_stems, p_fallback, decoding);
    end if;
    perform sfa.reopen(p_track);        -- not before: what was just asked anew takes the place of what failed
    return sfa.advance(p_track);
end $$;

-- Whether a separation that is open or done, or will be tried again, answers the request. One in which
-- another model stood in answers only who would have accepted that.
create function sfa.has_separation(p_track uuid, p_model text, p_stems text[], p_fallback boolean) returns boolean
language sql stable set search_path = public, pg_temp as $$
    select exists (
        select from separations s
          join runs r on r.id = s.run_id
         where s.track_id = p_track and s.model = p_model
           and (r.state in ('blocked', 'queued', 'running', 'done')
                or not exists (select from runs o where o.track_id = r.track_id and o.stage = r.stage
                                                    and o.variant = r.variant and o.id > r.id))
           and (s.wanted is null or s.wanted @> p_stems)
           and (p_fallback or (not s.fallback and s.ran is null) or s.ran = s.model)) $$;

-- One more separation of a track, and the reading of its stems. The caller advances.
create function sfa.ask_separation(p_track uuid, p_model text, p_stems text[], p_fallback boolean,
                                   p_decoding bigint) returns bigint
language plpgsql set search_path = public, pg_temp as $$
declare
    separating bigint;
begin
    update runs r set state = 'cancelled', finished_at = clock_timestamp()     -- stems that never came
     where r.track_id = p_track and r.stage = 'stem_analysis' and r.variant = p_model and r.state = 'blocked'
       and exists (select from runs n where n.id = any (r.needs) and n.state in ('failed', 'cancelled'));
    if exists (select from runs
                where track_id = p_track and stage in ('separation', 'stem_analysis') and variant = p_model
                  and state in ('blocked', 'queued', 'running')) then
        raise exception 'a separation with % of this track is under way', p_model
            using hint = 'Wait until it is done, or cancel it, then ask again.', errcode = 'SF001';
    end if;
    insert into runs (track_id, stage, variant, needs)
    values (p_track, 'separation', p_model, array[p_decoding])
    returning id into separating;
    insert into separations (run_id, track_id, model, wanted, fallback)
    values (separating, p_track, p_model, p_stems, p_fallback);
    insert into runs (track_id, stage, variant, needs)
    values (p_track, 'stem_analysis', p_model, array[separating]);
    return separating;
end $$;

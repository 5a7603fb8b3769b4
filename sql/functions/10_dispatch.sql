-- Schema sfa: what drives the system, from Python and from psql alike. Made again at each migrate.

-- Hand runs to the workers of their queues. Their jobs exist if, and when, the caller's transaction commits.
-- A job of a paused queue waits in a far year; `resume` brings it back.
create function sfa.dispatch_runs(p_runs bigint[], p_delay interval default null) returns bigint[]
language plpgsql set search_path = public, pg_temp as $$
declare
    jobs bigint[];
begin
    jobs := procrastinate_defer_jobs_v1(array(
        select row(
                   s.queue, s.task, t.priority,
                   'run:' || r.id,                  -- never twice at once
                   null,                            -- one open run per stage is our own index
                   jsonb_build_object('run_id', r.id),
                   case when q.paused_at is not null then sfa.never() else now() + p_delay end
               )::procrastinate_job_to_defer_v1
          from runs r
          join stages s using (stage)
          join queues q using (queue)
          join tracks t on t.id = r.track_id
         where r.id = any (p_runs)
         order by r.id));
    delete from progress where run_id = any (p_runs);
    update runs r
       set state = 'queued', job_id = j.id, queued_at = clock_timestamp(), started_at = null,
           finished_at = null, worker = null, error_code = null, error = null, fix = null, evidence = null,
           stop_asked = false
      from procrastinate_jobs j
     where j.id = any (jobs) and r.id = (j.args ->> 'run_id')::bigint;
    return jobs;
end $$;

create function sfa.dispatch(p_run bigint, p_delay interval default null) returns bigint
language sql set search_path = public, pg_temp as $$
    select (sfa.dispatch_runs(array[p_run], p_delay))[1] $$;

-- Later than any job. Not 'infinity': Python has no such date.
create function sfa.never() returns timestamptz language sql immutable as $$
    select timestamptz '2999-01-01 00:00:00+00' $$;

-- Dispatch every blocked run of tracks whose needs are done. What lies in the trash waits until it is brought back.
create function sfa.advance_tracks(p_tracks uuid[]) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    ready bigint[];
begin
    perform from tracks where id = any (p_tracks) order by id for no key update;    -- two stages may end at once
    ready := array(
        select r.id from runs r
          join tracks t on t.id = r.track_id and t.deleted_at is null
         where r.track_id = any (p_tracks) and r.state = 'blocked'
           and not exists (select from runs n where n.id = any (r.needs) and n.state <> 'done'));
    if ready <> '{}' then
        perform sfa.dispatch_runs(ready);
    end if;
    return cardinality(ready);
end $$;

create function sfa.advance(p_track uuid) returns integer language sql set search_path = public, pg_temp as $$
    select sfa.advance_tracks(array[p_track]) $$;

-- Ask for everything that tracks go through. What is done or under way stays as it is, what failed or was cancelled
-- is tried again: asking twice for the same thing costs nothing. How many are to be separated that were not before.
create function sfa.forge_tracks(p_tracks uuid[], p_model text, p_stems text[], p_fallback boolean) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    idle uuid[];
begin
    perform from tracks where id = any (p_tracks) order by id for no key update;
    idle := array(select id from tracks where id = any (p_tracks) and not sfa.is_separating(id, p_model));
    with fresh as (
        select t.id, t.link is not null and t.sha256 is null as is_away from tracks t
         where t.id = any (p_tracks) and not exists (select from runs r where r.track_id = t.id and r.stage = 'decode')
    ), fetching as (
        insert into runs (track_id, stage) select id, 'fetch' from fresh where is_away returning id, track_id
    ), decoding as (
        insert into runs (track_id, stage, needs)
        select t.id, 'decode', coalesce((select array[f.id] from fetching f where f.track_id = t.id), '{}') from fresh t
        returning id, track_id
    )
    insert into runs (track_id, stage, needs) select track_id, 'analysis', array[id] from decoding;
    perform sfa.ask_separations(
        array(select id from unnest(idle) id where not sfa.has_separation(id, p_model, p_stems, p_fallback)),
        p_model, p_stems, p_fallback);
    perform sfa.reopen(p_tracks);       -- not before: what was just asked anew takes the place of what failed
    perform sfa.advance_tracks(p_tracks);
    return count(*) from runs
            where track_id = any (idle) and stage = 'separation' and variant = p_model
              and state in ('blocked', 'queued', 'running');
end $$;

create function sfa.forge_track(p_track uuid, p_model text default 'htdemucs', p_stems text[] default null,
                                p_fallback boolean default true) returns integer
language plpgsql set search_path = public, pg_temp as $$
begin
    perform from tracks where id = p_track for no key update;
    if not sfa.has_separation(p_track, p_model, p_stems, p_fallback) and sfa.is_separating(p_track, p_model) then
        raise exception 'a separation with % of this track is under way', p_model
            using hint = 'Wait until it is done, or cancel it, then ask again.', errcode = 'SF001';
    end if;
    return sfa.forge_tracks(array[p_track], p_model, p_stems, p_fallback);
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

-- Whether a separation with this model, or the reading of its stems, is under way. A reading of stems that never
-- came is not.
create function sfa.is_separating(p_track uuid, p_model text) returns boolean
language sql stable set search_path = public, pg_temp as $$
    select exists (
        select from runs r
         where r.track_id = p_track and r.stage in ('separation', 'stem_analysis') and r.variant = p_model
           and r.state in ('blocked', 'queued', 'running')
           and not exists (select from runs n
                            where r.stage = 'stem_analysis' and n.id = any (r.needs) and n.state in ('failed', 'cancelled'))) $$;

-- One more separation of each track, and the reading of its stems. The caller knows that none is under way, and advances.
create function sfa.ask_separations(p_tracks uuid[], p_model text, p_stems text[], p_fallback boolean) returns void
language sql set search_path = public, pg_temp as $$
    update runs set state = 'cancelled', finished_at = clock_timestamp()        -- stems that never came
     where track_id = any (p_tracks) and stage = 'stem_analysis' and variant = p_model and state = 'blocked';
    with separating as (
        insert into runs (track_id, stage, variant, needs)
        select r.track_id, 'separation', p_model, array[max(r.id)]
          from runs r where r.track_id = any (p_tracks) and r.stage = 'decode'
         group by r.track_id
         order by max(r.id)
        returning id, track_id
    ), asked as (
        insert into separations (run_id, track_id, model, wanted, fallback)
        select id, track_id, p_model, p_stems, p_fallback from separating
    )
    insert into runs (track_id, stage, variant, needs)
    select track_id, 'stem_analysis', p_model, array[id] from separating $$;

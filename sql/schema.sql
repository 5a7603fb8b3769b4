CREATE SCHEMA look;

CREATE SCHEMA sfa;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

COMMENT ON EXTENSION unaccent IS 'text search dictionary that removes accents';

CREATE TYPE public.import_state AS ENUM (
    'resolving',
    'ready',
    'failed',
    'taken'
);

CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);

CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);

CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);

CREATE TYPE public.run_state AS ENUM (
    'blocked',
    'queued',
    'running',
    'done',
    'failed',
    'cancelled'
);

CREATE FUNCTION public.hold_blob() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if new.sha256 is not null then
        insert into blobs (sha256, bytes) values (new.sha256, new.bytes)
        on conflict (sha256) do update set bytes = blobs.bytes;
    end if;
    return new;
end $$;

CREATE FUNCTION public.journal() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
declare
    act bigint := nullif(current_setting('sfa.act', true), '')::bigint;
    derived text[];
    was jsonb;
    became jsonb;
    row_key jsonb;
begin
    if act is null then
        return null;
    end if;
    derived := array(select attname::text from pg_attribute where attrelid = tg_relid and attgenerated <> '')
               || array(select substr(arg, 2) from unnest(tg_argv) as arg where arg like '-%')
               || array['xid'];
    was := case when tg_op <> 'INSERT' then to_jsonb(old) - derived end;
    became := case when tg_op <> 'DELETE' then to_jsonb(new) - derived end;
    select jsonb_object_agg(arg, coalesce(became, was) -> arg) into strict row_key
      from unnest(tg_argv) as arg where arg not like '-%';
    if tg_op = 'UPDATE' then
        select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, became -> o.key) into was, became
          from jsonb_each(was) as o where o.value is distinct from became -> o.key;
    end if;
    if was is not null or became is not null then
        insert into journal (act_id, table_name, operation, key, before, after)
        values (act, tg_table_name, tg_op, row_key, was, became);
    end if;
    return null;
end $$;

CREATE FUNCTION public.mind_corrections() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    insert into correction_versions (track_id, part)
    select distinct c.track_id, tg_argv[0] from changed c join tracks t on t.id = c.track_id
    on conflict (track_id, part) do update set version = correction_versions.version + 1, changed_at = now();
    update tracks set xid = pg_current_xact_id() where id in (select track_id from changed);
    return null;
end $$;

CREATE FUNCTION public.mind_trash() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    thrown uuid[];
    back uuid[];
begin
    select array_agg(id) filter (where became.deleted_at is not null), array_agg(id) filter (where became.deleted_at is null)
      into thrown, back
      from was join became using (id) where (was.deleted_at is null) <> (became.deleted_at is null);
    if thrown is not null then
        perform sfa.cancel_tracks(thrown, true);
    end if;
    if back is not null then
        perform sfa.reopen(back, true), sfa.advance_tracks(back);
    end if;
    return null;
end $$;

CREATE FUNCTION public.notice_end() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    delete from notices where track_id = new.track_id and seen_at is null;      -- the last word counts
    insert into notices (account_id, track_id, kind) values (new.account_id, new.track_id, new.state);
    return null;
end $$;

CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;

CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;

CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;

CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    lock text,
    queueing_lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
);

CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$;

CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$;

CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION public.relist() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    -- Not there in the middle of a migration, which ends by listing everything anew.
    if to_regprocedure('sfa.relist(uuid[])') is not null then
        if tg_table_name = 'tracks' then
            perform sfa.relist(array(select id from changed));
        else
            perform sfa.relist(array(select distinct track_id from changed));
        end if;
    end if;
    return null;
end $$;

CREATE FUNCTION public.tell_pages() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform pg_notify('sfa', '');
    return null;
end $$;

CREATE FUNCTION public.touch_tracks() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    update tracks set xid = pg_current_xact_id() where id in (select track_id from changed);
    return null;
end $$;

CREATE FUNCTION public.touch_xid() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.xid := pg_current_xact_id();
    return new;
end $$;

CREATE FUNCTION public.wake_workers() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    word text := json_build_object('type', 'job_inserted', 'job_id', new.id)::text;
begin
    perform pg_notify('procrastinate_queue_v1#' || new.queue_name, word);
    perform pg_notify('procrastinate_any_queue_v1', word);
    return null;
end $$;

CREATE FUNCTION sfa.adopt(p_host text, p_unit text) RETURNS integer
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select count(*)::integer from sfa.give_back(array(
        select worker_id from workers
         where host = p_host and unit = p_unit and not sfa.is_alive(worker_id))) $$;

CREATE FUNCTION sfa.advance(p_track uuid) RETURNS integer
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select sfa.advance_tracks(array[p_track]) $$;

CREATE FUNCTION sfa.advance_tracks(p_tracks uuid[]) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.ask_import(p_account uuid, p_source text, p_kind text, p_ref text, p_url text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    asked uuid;
begin
    insert into imports (account_id, source, kind, ref_id, url, state, job_id)
    values (p_account, p_source, p_kind, p_ref, p_url, 'resolving', 0)
    on conflict (account_id, source, kind, ref_id) do update set asked_at = now()
    returning id into asked;
    perform sfa.resolve_import(asked);
    return asked;
end $$;

CREATE FUNCTION sfa.ask_separations(p_tracks uuid[], p_model text, p_stems text[], p_fallback boolean) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.beat(p_run bigint, p_fence integer, p_done double precision, p_note text) RETURNS boolean
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    insert into progress as p (run_id, fence, done, note)
    select id, fence, least(greatest(p_done, 0), 1), p_note
      from runs where id = p_run and fence = p_fence and state = 'running' and not stop_asked
    on conflict (run_id) do update
       set done = case when p.fence = excluded.fence then greatest(p.done, excluded.done) else excluded.done end,
           fence = excluded.fence, note = excluded.note, beat_at = clock_timestamp(), xid = pg_current_xact_id()
    returning true $$;

CREATE FUNCTION sfa.begin_act(p_account uuid, p_said text, p_undoes bigint DEFAULT NULL::bigint, p_takes_back boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    act bigint;
begin
    insert into acts (account_id, said, undoes, takes_back)
    values (p_account, p_said, p_undoes, p_takes_back)
    returning id into act;
    perform set_config('sfa.act', act::text, true);
    return act;
end $$;

CREATE FUNCTION sfa.begin_run(p_run bigint, p_job bigint, p_worker text, p_start uuid) RETURNS integer
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    update runs
       set state = 'running', fence = fence + 1, attempts = attempts + 1, worker = p_worker, note = null,
           start_id = p_start, started_at = clock_timestamp(), finished_at = null
     where id = p_run and job_id = p_job and state in ('queued', 'running') and start_id is distinct from p_start;
    select fence from runs where id = p_run and start_id = p_start and state = 'running' for update $$;

CREATE FUNCTION sfa.cancel(p_track uuid) RETURNS integer
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select sfa.cancel_tracks(array[p_track]) $$;

CREATE FUNCTION sfa.cancel_tracks(p_tracks uuid[], p_trashed boolean DEFAULT false) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.dispatch(p_run bigint, p_delay interval DEFAULT NULL::interval) RETURNS bigint
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select (sfa.dispatch_runs(array[p_run], p_delay))[1] $$;

CREATE FUNCTION sfa.dispatch_runs(p_runs bigint[], p_delay interval DEFAULT NULL::interval) RETURNS bigint[]
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.end_cancelled(p_run bigint, p_fence integer) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    update runs set state = 'cancelled', finished_at = clock_timestamp(), note = null
     where id = p_run and fence = p_fence and state = 'running' and stop_asked;
    if not found then
        return sfa.requeue(p_run, p_fence, null, null, false);
    end if;
    delete from progress where run_id = p_run;
    return true;
end $$;

CREATE FUNCTION sfa.enqueue(p_file text, p_model text DEFAULT NULL::text, p_priority integer DEFAULT 0, p_account text DEFAULT 'owner'::text) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $_$
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
end $_$;

CREATE FUNCTION sfa.fail_run(p_run bigint, p_fence integer, p_code text, p_error text, p_fix text, p_evidence text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.finish_run(p_run bigint, p_fence integer, p_seconds jsonb DEFAULT NULL::jsonb) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.fold(p_text text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select lower(unaccent(btrim(p_text))) $$;

CREATE FUNCTION sfa.forge_track(p_track uuid, p_model text DEFAULT 'htdemucs'::text, p_stems text[] DEFAULT NULL::text[], p_fallback boolean DEFAULT true) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    perform from tracks where id = p_track for no key update;
    if not sfa.has_separation(p_track, p_model, p_stems, p_fallback) and sfa.is_separating(p_track, p_model) then
        raise exception 'a separation with % of this track is under way', p_model
            using hint = 'Wait until it is done, or cancel it, then ask again.', errcode = 'SF001';
    end if;
    return sfa.forge_tracks(array[p_track], p_model, p_stems, p_fallback);
end $$;

CREATE FUNCTION sfa.forge_tracks(p_tracks uuid[], p_model text, p_stems text[], p_fallback boolean) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.give_back(p_workers bigint[]) RETURNS TABLE(run_id bigint, what text)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.handed_out_at(p_job bigint) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select max(at) from procrastinate_events where job_id = p_job and type = 'started' $$;

CREATE FUNCTION sfa.has_separation(p_track uuid, p_model text, p_stems text[], p_fallback boolean) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select exists (
        select from separations s
          join runs r on r.id = s.run_id
         where s.track_id = p_track and s.model = p_model
           and (r.state in ('blocked', 'queued', 'running', 'done')
                or not exists (select from runs o where o.track_id = r.track_id and o.stage = r.stage
                                                    and o.variant = r.variant and o.id > r.id))
           and (s.wanted is null or s.wanted @> p_stems)
           and (p_fallback or (not s.fallback and s.ran is null) or s.ran = s.model)) $$;

CREATE FUNCTION sfa.is_alive(p_worker bigint) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select exists (
        select from pg_locks l
         where l.locktype = 'advisory' and l.classid = 7353 and l.objid = p_worker::int::oid and l.granted
           and l.database = (select oid from pg_database where datname = current_database())) $$;

CREATE FUNCTION sfa.is_separating(p_track uuid, p_model text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select exists (
        select from runs r
         where r.track_id = p_track and r.stage in ('separation', 'stem_analysis') and r.variant = p_model
           and r.state in ('blocked', 'queued', 'running')
           and not exists (select from runs n
                            where r.stage = 'stem_analysis' and n.id = any (r.needs) and n.state in ('failed', 'cancelled'))) $$;

CREATE FUNCTION sfa.never() RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$
    select timestamptz '2999-01-01 00:00:00+00' $$;

CREATE FUNCTION sfa.pause(p_queue text, p_why text DEFAULT 'paused by hand'::text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.prioritise(p_track uuid, p_priority integer) RETURNS integer
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select sfa.prioritise_tracks(array[p_track], p_priority) $$;

CREATE FUNCTION sfa.prioritise_tracks(p_tracks uuid[], p_priority integer) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    perform from tracks where id = any (p_tracks) order by id for no key update;
    update tracks set priority = p_priority where id = any (p_tracks) and priority <> p_priority;
    update procrastinate_jobs set priority = p_priority
     where id in (select id from procrastinate_jobs
                   where id in (select job_id from runs where track_id = any (p_tracks)) and status = 'todo'
                   order by id for update);
    return count(*) from runs where track_id = any (p_tracks) and state in ('blocked', 'queued');
end $$;

CREATE FUNCTION sfa.reap(p_patience interval DEFAULT '00:00:02'::interval) RETURNS TABLE(run_id bigint, what text)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.refuse_undo(p_why text, p_table text, p_row jsonb, p_columns text[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    raise exception 'something is no longer as the act left it' using errcode = 'SF002',
        detail = jsonb_build_object(
            'why', p_why, 'columns', p_columns,
            'noun', coalesce(obj_description(to_regclass(format('public.%I', p_table))), replace(p_table, '_', ' ')),
            'name', coalesce(p_row ->> 'title', p_row ->> 'name', p_row ->> 'label'))::text;
end $$;

CREATE FUNCTION sfa.rejoin() RETURNS TABLE(run_id bigint, what text)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.rejoin_imports() RETURNS TABLE(run_id bigint, what text)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    stray uuid;
begin
    for stray in
        select i.id from imports i
         where i.state = 'resolving'
           and not exists (select from procrastinate_jobs j where j.id = i.job_id and j.status in ('todo', 'doing'))
           for update skip locked
    loop
        perform sfa.resolve_import(stray);
        what := 'asked again: the job of its import was gone';
        return next;
    end loop;
end $$;

CREATE FUNCTION sfa.relist(p_tracks uuid[]) RETURNS void
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    insert into listings as l (track_id, account_id, state, title, artist, album, haystack, words, tags, source, bpm,
                               tonality, duration_s, lufs, engine, year, added_at, deleted_at, ended_at)
    select t.id, t.account_id, sfa.standing(t.id), sfa.sortable(t.title), sfa.sortable(t.artist), sfa.sortable(t.album),
           w.haystack, to_tsvector('simple', w.haystack), g.ids, t.source, v.bpm, sfa.tonality(v.camelot),
           t.duration_s, v.integrated_lufs, s.engine, t.year, t.created_at, t.deleted_at,
           -- With a filter, or the planner goes through what ended of all tracks to find the last of this one.
           (select max(finished_at) filter (where state in ('done', 'failed', 'cancelled')) from runs where track_id = t.id)
      from tracks t
      cross join lateral (
          select coalesce(array_agg(a.id order by a.id), '{}') as ids, string_agg(a.name, ' ') as names
            from track_tags x join tags a on a.id = x.tag_id where x.track_id = t.id) g
      cross join lateral (
          select sfa.fold(concat_ws(' ', t.title, t.artist, t.album, t.genre, t.year, t.comment, t.file_name, g.names))
              as haystack) w
      join sfa.effective_headlines v on v.track_id = t.id
      left join separations s on s.track_id = t.id and s.chosen
     where t.id = any (p_tracks)
     order by t.id
    on conflict (track_id) do update
       set account_id = excluded.account_id, state = excluded.state, title = excluded.title, artist = excluded.artist,
           album = excluded.album, haystack = excluded.haystack, words = excluded.words, tags = excluded.tags,
           source = excluded.source, bpm = excluded.bpm, tonality = excluded.tonality, duration_s = excluded.duration_s,
           lufs = excluded.lufs, engine = excluded.engine, year = excluded.year, added_at = excluded.added_at,
           deleted_at = excluded.deleted_at, ended_at = excluded.ended_at
     where l is distinct from excluded $$;

CREATE FUNCTION sfa.reopen(p_tracks uuid[], p_trashed boolean DEFAULT false) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.requeue(p_run bigint, p_fence integer, p_delay interval, p_note text, p_counts boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.resolve_import(p_import uuid, p_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
begin
    perform from imports where id = p_import for update;
    if exists (select from imports i join procrastinate_jobs j on j.id = i.job_id
                where i.id = p_import and i.state = 'resolving' and j.status in ('todo', 'doing') and p_at is null) then
        return false;
    end if;
    update imports
       set state = 'resolving', error_code = null, error = null, fix = null,
           attempts = case when state = 'resolving' then attempts else 0 end,
           note = case when state = 'resolving' then note end, wait_until = p_at,
           job_id = (procrastinate_defer_jobs_v1(array[row(
               'download', 'imports.resolve', 10, 'import:' || p_import, null,
               jsonb_build_object('import_id', p_import),
               (select case when paused_at is not null then sfa.never() else p_at end from queues where queue = 'download')
               )::procrastinate_job_to_defer_v1]))[1]
     where id = p_import;
    return true;
end $$;

CREATE FUNCTION sfa.resume(p_queue text) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.retry(p_track uuid) RETURNS integer
    LANGUAGE sql
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select sfa.retry_tracks(array[p_track]) $$;

CREATE FUNCTION sfa.retry_tracks(p_tracks uuid[]) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    present uuid[] := array(        -- what lies in the trash makes no work
        select id from tracks where id = any (p_tracks) and deleted_at is null order by id for no key update);
    again integer;
begin
    again := sfa.reopen(present);
    perform sfa.advance_tracks(present);
    return again;
end $$;

CREATE FUNCTION sfa.sortable(p_text text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select regexp_replace(regexp_replace(sfa.fold(p_text), '(\d+)', '000000000\1', 'g'), '\d*(\d{10})', '\1', 'g') $$;

CREATE FUNCTION sfa.standing(p_track uuid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select sfa.sum_up(array_agg(state)) from sfa.standings where track_id = p_track and not outdone $$;

CREATE TABLE public.imports (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    ref_id text NOT NULL,
    url text NOT NULL,
    state public.import_state DEFAULT 'resolving'::public.import_state NOT NULL,
    job_id bigint,
    attempts smallint DEFAULT 0 NOT NULL,
    note text,
    wait_until timestamp with time zone,
    title text,
    owner text,
    total integer,
    complete boolean,
    why_incomplete text,
    via text,
    sha256 text,
    bytes bigint,
    width smallint,
    height smallint,
    small bytea,
    error_code text,
    error text,
    fix text,
    playlist_id uuid,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    resolved_at timestamp with time zone,
    taken_at timestamp with time zone,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT imports_failed_says_why CHECK ((((state = 'failed'::public.import_state) = (error_code IS NOT NULL)) AND ((error_code IS NULL) = (error IS NULL)))),
    CONSTRAINT imports_incomplete_says_why CHECK (((complete IS DISTINCT FROM false) OR (why_incomplete IS NOT NULL))),
    CONSTRAINT imports_picture_is_whole CHECK ((num_nulls(sha256, bytes, width, height, small) = ANY (ARRAY[0, 5]))),
    CONSTRAINT imports_resolving_has_job CHECK (((state <> 'resolving'::public.import_state) OR (job_id IS NOT NULL)))
);

CREATE FUNCTION sfa.step_playlist(p_import public.imports, p_step boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    list uuid := p_import.playlist_id;
begin
    if list is null then
        insert into playlists (account_id, name)
        values (p_import.account_id, btrim(left(coalesce(nullif(btrim(p_import.title), ''), 'Imported'), 120)))
        returning id into list;
        update imports set playlist_id = list where id = p_import.id;
    end if;
    perform from playlists where id = list for no key update;
    if p_step then
        delete from playlist_items i using import_entries e
         where i.playlist_id = list and e.import_id = p_import.id and e.track_id = i.track_id
           and (not e.gone or not exists (select from import_entries o where o.import_id = e.import_id
                                                                       and o.track_id = e.track_id and not o.gone));
        -- What a person put in comes behind what the link says.
        update playlist_items set place = place + 1e6 where playlist_id = list;
        insert into playlist_items (playlist_id, track_id, place)
        select list, track_id, row_number() over (order by position) from import_entries
         where import_id = p_import.id and track_id is not null and not gone;
        update playlist_items i set place = o.n
          from (select id, row_number() over (order by place, id) as n from playlist_items where playlist_id = list) o
         where i.id = o.id;
    else
        insert into playlist_items (playlist_id, track_id, place)
        select list, e.track_id, (select coalesce(max(place), 0) from playlist_items where playlist_id = list)
                                 + row_number() over (order by e.position)
          from import_entries e
         where e.import_id = p_import.id and not e.gone
           and exists (select from tracks where id = e.track_id)
           and not exists (select from playlist_items where playlist_id = list and track_id = e.track_id);
    end if;
end $$;

CREATE FUNCTION sfa.sum_up(p_states public.run_state[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    select case when 'failed' = any (p_states) then 'failed'
                when 'running' = any (p_states) then 'running'
                when 'queued' = any (p_states) then 'queued'
                when 'cancelled' = any (p_states) then 'cancelled'
                when 'blocked' = any (p_states) then 'queued'
                else 'done' end $$;

CREATE FUNCTION sfa.take_import(p_account uuid, p_import uuid, p_positions integer[], p_step boolean) RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    asked imports;
    entry import_entries;
    track uuid;
    tracks_taken uuid[] := '{}';
    fresh integer := 0;
begin
    select * into asked from imports where id = p_import and account_id = p_account for update;
    for entry in
        select * from import_entries
         where import_id = p_import and position = any (p_positions) and skip_code is null and not gone
         order by position
    loop
        select o.track_id into track from origins o
         where o.account_id = p_account and o.source = entry.source and o.ref_id = entry.ref_id;
        if track is null then
            insert into tracks (account_id, title, artist, album, year, file_name, link, source)
            values (p_account, left(entry.title, 500), nullif(left(array_to_string(entry.artists, ', '), 500), ''),
                    left(entry.album, 500), (select y from substring(entry.released from '^\d{4}') x(t),
                    cast(t as integer) y where y between 1000 and 2999),
                    left(concat_ws(' - ', nullif(entry.artists[1], ''), entry.title), 255), entry.url, entry.source)
            returning id into track;
            insert into origins (track_id, account_id, source, ref_id, url, title, artists, album, album_artist, disc,
                                 number, duration_ms, isrc, cover_url, released, explicit)
            values (track, p_account, entry.source, entry.ref_id, entry.url, entry.title, entry.artists, entry.album,
                    entry.album_artist, entry.disc, entry.number, entry.duration_ms, entry.isrc, entry.cover_url,
                    entry.released, entry.explicit);
            if asked.sha256 is not null and asked.kind in ('track', 'album', 'video', 'file', 'page') then
                insert into covers (track_id, sha256, bytes, width, height, small, by_hand)
                values (track, asked.sha256, asked.bytes, asked.width, asked.height, asked.small, false);
            end if;
            fresh := fresh + 1;
        end if;
        update tracks set deleted_at = null where id = track and deleted_at is not null;
        update import_entries set track_id = track where import_id = p_import and position = entry.position;
        tracks_taken := tracks_taken || track;
    end loop;
    perform sfa.forge_tracks(tracks_taken, 'htdemucs', null, true);
    if asked.kind in ('album', 'playlist', 'table') then
        perform sfa.step_playlist(asked, p_step);
    end if;
    update imports set state = 'taken', taken_at = clock_timestamp() where id = p_import;
    return fresh;
end $$;

CREATE FUNCTION sfa.the_lost(p_patience interval) RETURNS bigint[]
    LANGUAGE sql STABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    select array(
        select worker_id from workers where lost_since < now() - p_patience
        union
        select j.worker_id from procrastinate_jobs j
         where j.status = 'doing' and j.worker_id is not null
           and not exists (select from workers w where w.worker_id = j.worker_id)
           and sfa.handed_out_at(j.id) < now() - interval '30 s'
           and not sfa.is_alive(j.worker_id)) $$;

CREATE FUNCTION sfa.tonality(p_camelot text) RETURNS smallint
    LANGUAGE sql IMMUTABLE
    AS $$
    select (2 * rtrim(p_camelot, 'AB')::integer + case when p_camelot like '%B' then 1 else 0 end)::smallint $$;

CREATE FUNCTION sfa.try_undo_steps(p_act bigint, p_first bigint, p_last bigint) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    hindered_in text;
begin
    begin
        perform sfa.undo_steps(p_act, p_first, p_last);
        return null;
    exception when integrity_constraint_violation then
        get stacked diagnostics hindered_in = table_name;
    end;
    if p_first < p_last then
        begin
            perform sfa.undo_steps(p_act, n, n)
               from (select n from journal where act_id = p_act and n between p_first and p_last order by n desc) s;
            return null;
        exception when integrity_constraint_violation then
            get stacked diagnostics hindered_in = table_name;
        end;
    end if;
    return hindered_in;
end $$;

CREATE FUNCTION sfa.turns() RETURNS TABLE(run_id bigint, turn_s double precision)
    LANGUAGE sql STABLE ROWS 10000
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION sfa.undo_act(p_account uuid, p_act bigint) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    what acts;
    undoing bigint;
    meanwhile text := current_setting('sfa.act', true);
    hindered_in text;
begin
    select * into what from acts where id = p_act and account_id = p_account for update;
    if not found then
        raise exception 'there is no such act' using errcode = 'SF004';
    end if;
    if exists (select from acts where undoes = p_act) then
        raise exception 'the act is undone already' using errcode = 'SF003';
    end if;
    -- First the tracks, then what hangs on them: everywhere, lest two wait for each other.
    perform from tracks
     where id in (select coalesce(j.key ->> 'track_id', s.track_id::text, case j.table_name when 'tracks' then j.key ->> 'id' end)::uuid
                    from journal j
                    left join separations s on j.table_name = 'separations' and s.run_id = (j.key ->> 'run_id')::bigint
                   where j.act_id = p_act)
     order by id for no key update;
    undoing := sfa.begin_act(p_account, what.said, p_act, not what.takes_back);
    begin
        set constraints all deferred;       -- between two steps two rows may hold the same place
        hindered_in := sfa.undo_all_steps(p_act);
        set constraints all immediate;
    exception when integrity_constraint_violation then
        get stacked diagnostics hindered_in = table_name;
    end;
    -- What was made since may hang on what the act made, and would go down with it.
    select coalesce(hindered_in, (
        select min(table_name) from (select table_name, key from journal where act_id = undoing
                                     except select table_name, key from journal where act_id = p_act) more))
      into hindered_in;
    if hindered_in is not null then
        perform sfa.refuse_undo('hindered', hindered_in, null, null);
    end if;
    perform set_config('sfa.act', coalesce(meanwhile, ''), true);
    return undoing;
end $$;

CREATE FUNCTION sfa.undo_all_steps(p_act bigint) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
declare
    todo int8multirange[];
    span int8multirange;
    waiting int8multirange[] := '{}';
    again int8multirange[];
    waiting_tables text[] := '{}';
    place text;
    hindered_in text;
begin
    select coalesce(array_agg(int8multirange(int8range(first_n, last_n, '[]')) order by last_n desc), '{}') into todo
      from (select min(n) as first_n, max(n) as last_n
              from (select n, sum(is_other) over (order by n desc) as part
                      from (select n, (kind is distinct from lag(kind) over (order by n desc))::integer as is_other
                              from (select n, (table_name, operation,
                                               array(select jsonb_object_keys(coalesce(before, after)) order by 1),
                                               -- one row twice is two steps
                                               row_number() over (partition by table_name, key order by n desc)
                                              )::text as kind
                                      from journal where act_id = p_act) k) o) p
             group by part) s;
    foreach span in array todo loop
        again := array[span];
        loop
            foreach span in array again loop
                select table_name into place from journal where act_id = p_act and n = lower(span);
                if place <> all (waiting_tables) then
                    hindered_in := sfa.try_undo_steps(p_act, lower(span), upper(span) - 1);
                    continue when hindered_in is null;
                end if;
                waiting := waiting || span;
                waiting_tables := waiting_tables || place;
            end loop;
            exit when waiting = '{}' or waiting @> again;
            again := waiting;       -- something was done: what waits may have waited for that
            waiting := '{}';
            waiting_tables := '{}';
        end loop;
    end loop;
    return case when waiting <> '{}' then coalesce(hindered_in, waiting_tables[1]) end;
end $$;

CREATE FUNCTION sfa.undo_steps(p_act bigint, p_first bigint, p_last bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $_$
declare
    like_all journal;
    place text;
    steps text;         -- the steps, each with the key of its row as `k`
    found_by text;
    columns text[];
    odd record;
begin
    select * into like_all from journal where act_id = p_act and n = p_first;
    place := format('public.%I', like_all.table_name);
    steps := format('(select j.* from journal j where j.act_id = $1 and j.n between $2 and $3) j
                     cross join lateral jsonb_populate_record(null::%s, j.key) k', place);
    select string_agg(format('t.%1$I = k.%1$I', key), ' and ') into found_by from jsonb_object_keys(like_all.key) key;
    execute format('select from %s t join %s on %s order by j.n for update of t', place, steps, found_by)
      using p_act, p_first, p_last;
    execute format(
        'select s.is_now, s.key || coalesce(s.after, s.before) as was, s.others
           from (select j.key, j.before, j.after, j.n, to_jsonb(t) as is_now,
                        array(select a.key from jsonb_each(j.after) a
                               where a.value is distinct from to_jsonb(t) -> a.key) as others
                   from %s left join %s t on %s) s
          where (s.is_now is null) <> $4 or s.others <> %L
          order by s.n desc limit 1', steps, place, found_by, '{}')
      into odd using p_act, p_first, p_last, like_all.operation = 'DELETE';
    if odd.was is not null then
        perform sfa.refuse_undo(
            case when odd.is_now is null then 'gone' when like_all.operation = 'DELETE' then 'back' else 'changed' end,
            like_all.table_name, coalesce(odd.is_now, odd.was), odd.others);
    end if;
    -- Columns that a newer version dropped stay forgotten.
    columns := array(select attname::text from pg_attribute
                      where attrelid = place::regclass and attnum > 0 and not attisdropped
                        and like_all.before ? attname order by attnum);
    if like_all.operation = 'INSERT' then
        execute format('delete from %s t using %s where %s', place, steps, found_by) using p_act, p_first, p_last;
    elsif like_all.operation = 'DELETE' then
        execute format('insert into %s (%s) overriding system value
                        select %s from %s cross join lateral jsonb_populate_record(null::%1$s, j.before) b order by j.n desc',
                       place, (select string_agg(quote_ident(c), ', ') from unnest(columns) c),
                       (select string_agg(format('b.%I', c), ', ') from unnest(columns) c), steps)
          using p_act, p_first, p_last;
    elsif columns <> '{}' then
        execute format('update %s t set %s from %s cross join lateral jsonb_populate_record(null::%1$s, j.before) b where %4$s',
                       place, (select string_agg(format('%1$I = b.%1$I', c), ', ') from unnest(columns) c), steps, found_by)
          using p_act, p_first, p_last;
    end if;
end $_$;

CREATE FUNCTION sfa.within(p_text text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    select '%' || replace(replace(replace(p_text, '\', '\\'), '%', '\%'), '_', '\_') || '%' $$;

CREATE TABLE public.blobs (
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT blobs_have_bytes CHECK ((bytes > 0)),
    CONSTRAINT blobs_sha256_is_hex CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE public.covers (
    track_id uuid NOT NULL,
    sha256 text,
    bytes bigint,
    width smallint,
    height smallint,
    small bytea,
    by_hand boolean NOT NULL,
    CONSTRAINT covers_are_whole_or_unwanted CHECK (((num_nulls(sha256, bytes, width, height, small) = 0) OR ((num_nonnulls(sha256, bytes, width, height, small) = 0) AND by_hand))),
    CONSTRAINT covers_have_a_size CHECK (((width > 0) AND (height > 0))),
    CONSTRAINT covers_small_is_so CHECK ((octet_length(small) <= 65536))
);

COMMENT ON TABLE public.covers IS 'cover';

CREATE TABLE public.journal (
    act_id bigint NOT NULL,
    n bigint NOT NULL,
    table_name text NOT NULL,
    operation text NOT NULL,
    key jsonb NOT NULL,
    before jsonb,
    after jsonb,
    CONSTRAINT journal_has_what_it_needs CHECK ((((before IS NULL) = (operation = 'INSERT'::text)) AND ((after IS NULL) = (operation = 'DELETE'::text)))),
    CONSTRAINT journal_operation_is_known CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text])))
);

CREATE TABLE public.packs (
    run_id bigint NOT NULL,
    track_id uuid NOT NULL,
    stems text[] NOT NULL,
    frames bigint NOT NULL,
    segment_frames integer NOT NULL,
    gain double precision NOT NULL,
    offsets bigint[] NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT packs_know_every_place CHECK (((cardinality(offsets) = ((((frames + segment_frames) - 1) / segment_frames) + 1)) AND (offsets[1] = 0) AND (offsets[cardinality(offsets)] = bytes))),
    CONSTRAINT packs_only_turn_down CHECK (((gain > (0)::double precision) AND (gain <= (1)::double precision))),
    CONSTRAINT packs_sound_has_length CHECK (((frames > 0) AND (segment_frames > 0) AND (cardinality(stems) > 0)))
);

CREATE TABLE public.stems (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    run_id bigint NOT NULL,
    track_id uuid NOT NULL,
    name text NOT NULL,
    frames bigint NOT NULL,
    sample_rate integer NOT NULL,
    channels smallint NOT NULL,
    bytes bigint NOT NULL,
    sha256 text NOT NULL,
    peak real NOT NULL
);

CREATE TABLE public.tracks (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    title text NOT NULL,
    artist text,
    album text,
    duration_s double precision,
    sample_rate integer,
    channels smallint,
    frames bigint,
    format text,
    lossy boolean,
    file_name text NOT NULL,
    taken_from text,
    bytes bigint,
    sha256 text,
    priority integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    year smallint,
    genre text,
    comment text,
    by_hand text[] DEFAULT '{}'::text[] NOT NULL,
    source text DEFAULT 'file'::text NOT NULL,
    deleted_at timestamp with time zone,
    link text,
    CONSTRAINT tracks_copied_is_measured CHECK (((sha256 IS NULL) = (bytes IS NULL))),
    CONSTRAINT tracks_has_a_file CHECK (((sha256 IS NOT NULL) OR (taken_from IS NOT NULL) OR (link IS NOT NULL))),
    CONSTRAINT tracks_sound_has_length CHECK (((duration_s > (0)::double precision) AND (frames > 0) AND (sample_rate > 0) AND (channels > 0))),
    CONSTRAINT tracks_source_is_a_word CHECK ((source ~ '^[a-z]{1,20}$'::text)),
    CONSTRAINT tracks_title_has_length CHECK (((title <> ''::text) AND (char_length(title) <= 500))),
    CONSTRAINT tracks_words_have_bounds CHECK (((char_length(artist) <= 500) AND (char_length(album) <= 500) AND (char_length(genre) <= 200) AND (char_length(comment) <= 4000))),
    CONSTRAINT tracks_year_is_plausible CHECK (((year >= 1000) AND (year <= 2999)))
);

CREATE VIEW look.disk AS
 SELECT count(*) AS files,
    pg_size_pretty(COALESCE(sum(b.bytes), (0)::numeric)) AS size,
    count(*) FILTER (WHERE u.is_unused) AS unused,
    pg_size_pretty(COALESCE(sum(b.bytes) FILTER (WHERE u.is_unused), (0)::numeric)) AS unused_size
   FROM (public.blobs b
     CROSS JOIN LATERAL ( SELECT ((NOT (EXISTS ( SELECT
                   FROM public.tracks
                  WHERE (tracks.sha256 = b.sha256)))) AND (NOT (EXISTS ( SELECT
                   FROM public.stems
                  WHERE (stems.sha256 = b.sha256)))) AND (NOT (EXISTS ( SELECT
                   FROM public.packs
                  WHERE (packs.sha256 = b.sha256)))) AND (NOT (EXISTS ( SELECT
                   FROM public.covers
                  WHERE (covers.sha256 = b.sha256)))) AND (NOT (EXISTS ( SELECT
                   FROM public.imports
                  WHERE (imports.sha256 = b.sha256)))) AND (NOT (EXISTS ( SELECT
                   FROM public.journal
                  WHERE ((journal.table_name = 'covers'::text) AND ((journal.before ->> 'sha256'::text) = b.sha256)))))) AS is_unused) u);

CREATE TABLE public.runs (
    id bigint NOT NULL,
    track_id uuid NOT NULL,
    stage text NOT NULL,
    variant text DEFAULT ''::text NOT NULL,
    state public.run_state DEFAULT 'blocked'::public.run_state NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    losses smallint DEFAULT 0 NOT NULL,
    note text,
    error_code text,
    error text,
    fix text,
    evidence text,
    worker text,
    needs bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    fence integer DEFAULT 0 NOT NULL,
    start_id uuid,
    job_id bigint,
    stop_asked boolean DEFAULT false NOT NULL,
    trashed boolean DEFAULT false NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    queued_at timestamp with time zone,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    seconds jsonb,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT runs_failed_says_why CHECK ((((state = 'failed'::public.run_state) = (error_code IS NOT NULL)) AND ((error_code IS NULL) = (error IS NULL)))),
    CONSTRAINT runs_finished_has_time CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::public.run_state, 'failed'::public.run_state, 'cancelled'::public.run_state])))),
    CONSTRAINT runs_queued_has_job CHECK (((state <> ALL (ARRAY['queued'::public.run_state, 'running'::public.run_state])) OR (job_id IS NOT NULL))),
    CONSTRAINT runs_running_has_worker CHECK (((state <> 'running'::public.run_state) OR ((worker IS NOT NULL) AND (started_at IS NOT NULL))))
)
WITH (fillfactor='80');

CREATE TABLE public.stages (
    stage text NOT NULL,
    ord smallint NOT NULL,
    queue text NOT NULL,
    task text NOT NULL,
    title text NOT NULL,
    max_attempts smallint DEFAULT 4 NOT NULL,
    timeout_s integer NOT NULL,
    timeout_per_s real NOT NULL,
    stall_s integer NOT NULL
);

CREATE VIEW look.failures AS
 SELECT t.title,
    s.title AS stage,
    r.variant,
    r.error_code,
    r.error,
    r.fix,
    r.attempts,
    r.finished_at,
    r.evidence,
    t.file_name,
    r.track_id,
    r.id AS run_id
   FROM ((public.runs r
     JOIN public.tracks t ON ((t.id = r.track_id)))
     JOIN public.stages s USING (stage))
  WHERE (r.state = 'failed'::public.run_state)
  ORDER BY r.finished_at DESC;

CREATE VIEW look.queues AS
SELECT
    NULL::text AS queue,
    NULL::bigint AS ready,
    NULL::bigint AS later,
    NULL::bigint AS running,
    NULL::interval AS oldest,
    NULL::bigint AS workers,
    NULL::timestamp with time zone AS paused_at,
    NULL::text AS paused_why;

CREATE TABLE public.paces (
    stage text NOT NULL,
    variant text NOT NULL,
    per_s double precision NOT NULL,
    runs integer NOT NULL
);

CREATE UNLOGGED TABLE public.progress (
    run_id bigint NOT NULL,
    fence integer NOT NULL,
    done real NOT NULL,
    note text,
    beat_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT progress_is_a_share CHECK (((done >= (0)::double precision) AND (done <= (1)::double precision)))
)
WITH (fillfactor='50', autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0');

CREATE TABLE public.queues (
    queue text NOT NULL,
    paused_at timestamp with time zone,
    paused_why text,
    CONSTRAINT queues_paused_says_why CHECK (((paused_at IS NULL) = (paused_why IS NULL)))
);

CREATE TABLE public.workers (
    worker_id bigint NOT NULL,
    host text NOT NULL,
    unit text NOT NULL,
    pid integer NOT NULL,
    queues text[] NOT NULL,
    slots integer NOT NULL,
    version text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    lost_since timestamp with time zone
);

CREATE VIEW sfa.forecasts AS
 SELECT id,
    track_id,
    stage,
    variant,
    state,
    attempts,
    losses,
    note,
    error_code,
    error,
    fix,
    evidence,
    worker,
    needs,
    fence,
    start_id,
    job_id,
    stop_asked,
    trashed,
    asked_at,
    queued_at,
    started_at,
    finished_at,
    seconds,
    xid,
    queue,
    ord,
    stage_title,
    max_attempts,
    stall_s,
    priority,
    done,
    said,
    heard_at,
    spent_s,
    expected_s,
        CASE
            WHEN ((state = 'running'::public.run_state) AND (done > (0.05)::double precision)) THEN ((spent_s * ((1)::double precision - done)) / done)
            WHEN (state = 'running'::public.run_state) THEN GREATEST((expected_s - spent_s), (0)::double precision)
            WHEN (state = ANY (ARRAY['queued'::public.run_state, 'blocked'::public.run_state])) THEN expected_s
            ELSE NULL::double precision
        END AS left_s
   FROM ( SELECT r.id,
            r.track_id,
            r.stage,
            r.variant,
            r.state,
            r.attempts,
            r.losses,
            r.note,
            r.error_code,
            r.error,
            r.fix,
            r.evidence,
            r.worker,
            r.needs,
            r.fence,
            r.start_id,
            r.job_id,
            r.stop_asked,
            r.trashed,
            r.asked_at,
            r.queued_at,
            r.started_at,
            r.finished_at,
            r.seconds,
            r.xid,
            s.queue,
            s.ord,
            s.title AS stage_title,
            s.max_attempts,
            s.stall_s,
            t.priority,
            p.done,
            p.note AS said,
            COALESCE(p.beat_at, r.started_at) AS heard_at,
            GREATEST((EXTRACT(epoch FROM (statement_timestamp() - r.started_at)))::double precision, (0)::double precision) AS spent_s,
            (t.duration_s * COALESCE(( SELECT a.per_s
                   FROM public.paces a
                  WHERE ((a.stage = r.stage) AND (a.variant = r.variant))), ( SELECT a.per_s
                   FROM public.paces a
                  WHERE (a.stage = r.stage)
                  ORDER BY a.runs DESC
                 LIMIT 1))) AS expected_s
           FROM (((public.runs r
             JOIN public.stages s USING (stage))
             JOIN public.tracks t ON ((t.id = r.track_id)))
             LEFT JOIN public.progress p ON (((p.run_id = r.id) AND (p.fence = r.fence) AND (r.state = 'running'::public.run_state))))) f;

CREATE VIEW sfa.queue_words AS
 SELECT queue,
        CASE
            WHEN (paused_at IS NOT NULL) THEN (('The queue is paused: '::text || paused_why) || '.'::text)
            WHEN (NOT (EXISTS ( SELECT
               FROM public.workers w
              WHERE ((q.queue = ANY (w.queues)) AND sfa.is_alive(w.worker_id))))) THEN 'No worker is there to take it.'::text
            ELSE 'Waits for its turn.'::text
        END AS words
   FROM public.queues q;

CREATE VIEW look.runs AS
 SELECT a.track_id,
    a.stage,
    a.variant,
    a.stage_title,
    (a.state)::text AS state,
        CASE
            WHEN (a.state = 'done'::public.run_state) THEN (1)::real
            ELSE COALESCE(a.done, (0)::real)
        END AS progress,
    COALESCE(
        CASE
            WHEN a.stop_asked THEN a.note
            ELSE NULL::text
        END, a.said, a.note,
        CASE
            WHEN ((a.state = 'queued'::public.run_state) AND (a.queued_at > (now() - '00:00:01'::interval))) THEN 'Waits for its turn.'::text
            WHEN (a.state = 'queued'::public.run_state) THEN ( SELECT w.words
               FROM sfa.queue_words w
              WHERE (w.queue = a.queue))
            WHEN (a.state = 'blocked'::public.run_state) THEN ( SELECT (('Waits for: '::text || string_agg(s.title, ', '::text ORDER BY s.ord)) || '.'::text)
               FROM (public.runs n
                 JOIN public.stages s USING (stage))
              WHERE ((n.id = ANY (a.needs)) AND (n.state <> 'done'::public.run_state)))
            ELSE NULL::text
        END) AS note,
    a.left_s,
        CASE
            WHEN (a.state = 'running'::public.run_state) THEN a.left_s
            WHEN (a.state = 'queued'::public.run_state) THEN u.turn_s
            ELSE NULL::double precision
        END AS eta_s,
    a.attempts,
    a.max_attempts,
    a.losses,
    a.error_code,
    a.error,
    a.fix,
    a.worker,
    ((a.state = 'running'::public.run_state) AND ((statement_timestamp() - a.heard_at) > make_interval(secs => (a.stall_s)::double precision))) AS stuck,
    a.asked_at,
    a.queued_at,
    a.started_at,
    a.finished_at,
    (EXTRACT(epoch FROM (a.finished_at - a.started_at)))::double precision AS took_s,
    a.ord,
    a.queue,
    a.id AS run_id,
    a.job_id,
    a.needs
   FROM (sfa.forecasts a
     LEFT JOIN sfa.turns() u(run_id, turn_s) ON ((u.run_id = a.id)));

CREATE VIEW look.storage AS
SELECT
    NULL::text AS account,
    NULL::bigint AS tracks,
    NULL::text AS sources,
    NULL::text AS stems,
    NULL::text AS packs,
    NULL::text AS curves,
    NULL::text AS covers,
    NULL::numeric AS bytes;

CREATE VIEW look.stuck AS
 SELECT t.title,
    r.stage_title AS stage,
    r.state,
    'no progress for a long time'::text AS why,
    r.worker,
    r.run_id
   FROM (look.runs r
     JOIN public.tracks t ON ((t.id = r.track_id)))
  WHERE r.stuck
UNION ALL
 SELECT t.title,
    r.stage_title AS stage,
    r.state,
    r.note AS why,
    r.worker,
    r.run_id
   FROM (look.runs r
     JOIN public.tracks t ON ((t.id = r.track_id)))
  WHERE ((r.state = 'queued'::text) AND (r.note = 'No worker is there to take it.'::text));

CREATE VIEW look.throughput AS
 SELECT date_trunc('hour'::text, r.finished_at) AS hour,
    s.title AS stage,
    count(*) FILTER (WHERE (r.state = 'done'::public.run_state)) AS done,
    count(*) FILTER (WHERE (r.state = 'failed'::public.run_state)) AS failed,
    round(avg(EXTRACT(epoch FROM (r.finished_at - r.started_at))), 1) AS mean_s,
    round(((sum(t.duration_s) FILTER (WHERE (r.state = 'done'::public.run_state)) / (NULLIF(sum(EXTRACT(epoch FROM (r.finished_at - r.started_at))) FILTER (WHERE (r.state = 'done'::public.run_state)), (0)::numeric))::double precision))::numeric, 2) AS times_real_time
   FROM ((public.runs r
     JOIN public.stages s USING (stage))
     JOIN public.tracks t ON ((t.id = r.track_id)))
  WHERE ((r.finished_at IS NOT NULL) AND (r.started_at IS NOT NULL))
  GROUP BY (date_trunc('hour'::text, r.finished_at)), s.title, s.ord
  ORDER BY (date_trunc('hour'::text, r.finished_at)) DESC, s.ord;

CREATE VIEW look.tracks AS
SELECT
    NULL::text AS title,
    NULL::text AS artist,
    NULL::text AS state,
    NULL::real AS progress,
    NULL::double precision AS eta_s,
    NULL::text AS error,
    NULL::text AS fix,
    NULL::boolean AS stuck,
    NULL::jsonb AS stages,
    NULL::double precision AS duration_s,
    NULL::text AS file_name,
    NULL::integer AS priority,
    NULL::timestamp with time zone AS created_at,
    NULL::timestamp with time zone AS finished_at,
    NULL::uuid AS track_id,
    NULL::uuid AS account_id;

CREATE VIEW look.workers AS
 SELECT unit,
    host,
    pid,
    sfa.is_alive(worker_id) AS alive,
    queues,
    slots,
    ( SELECT array_agg(((t.title || ': '::text) || s.title) ORDER BY r.id) AS array_agg
           FROM (((public.runs r
             JOIN public.tracks t ON ((t.id = r.track_id)))
             JOIN public.stages s USING (stage))
             JOIN public.procrastinate_jobs j ON ((j.id = r.job_id)))
          WHERE ((r.state = 'running'::public.run_state) AND (j.worker_id = w.worker_id))) AS doing,
    version,
    started_at,
    lost_since,
    worker_id
   FROM public.workers w;

CREATE TABLE public.accounts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accounts_name_is_a_name CHECK (((name <> ''::text) AND (char_length(name) <= 200)))
);

CREATE TABLE public.acts (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    said text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    undoes bigint,
    takes_back boolean DEFAULT false NOT NULL,
    CONSTRAINT acts_say_something CHECK (((said <> ''::text) AND (char_length(said) <= 500)))
);

ALTER TABLE public.acts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.acts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.balance (
    track_id uuid NOT NULL,
    harmonic_share real NOT NULL,
    percussive_share real NOT NULL
);

CREATE TABLE public.beats (
    track_id uuid NOT NULL,
    n integer NOT NULL,
    at_s double precision NOT NULL,
    "position" smallint NOT NULL
);

CREATE TABLE public.candidates (
    track_id uuid NOT NULL,
    url text NOT NULL,
    provider text NOT NULL,
    title text NOT NULL,
    artists text[] DEFAULT '{}'::text[] NOT NULL,
    duration_ms integer,
    score real NOT NULL,
    doubt text,
    taken boolean DEFAULT false NOT NULL,
    found_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT candidates_score_is_a_share CHECK (((score >= (0)::double precision) AND (score <= (1)::double precision)))
);

CREATE TABLE public.chords (
    track_id uuid NOT NULL,
    n integer NOT NULL,
    start_s double precision NOT NULL,
    end_s double precision NOT NULL,
    label text NOT NULL,
    confidence real NOT NULL,
    CONSTRAINT chords_last CHECK ((end_s > start_s))
);

CREATE TABLE public.corrected_anchors (
    track_id uuid NOT NULL,
    at_s double precision NOT NULL,
    CONSTRAINT corrected_anchors_lie_in_time CHECK (((at_s >= (0)::double precision) AND (at_s < 'Infinity'::double precision)))
);

COMMENT ON TABLE public.corrected_anchors IS 'place of the beats';

CREATE TABLE public.corrected_chords (
    track_id uuid NOT NULL,
    n integer NOT NULL,
    start_s double precision NOT NULL,
    end_s double precision NOT NULL,
    label text NOT NULL,
    CONSTRAINT corrected_chords_last CHECK (((start_s >= (0)::double precision) AND (end_s > start_s) AND (end_s < 'Infinity'::double precision)))
);

COMMENT ON TABLE public.corrected_chords IS 'chord';

CREATE TABLE public.corrected_downbeats (
    track_id uuid NOT NULL,
    at_s double precision NOT NULL,
    CONSTRAINT corrected_downbeats_lie_in_time CHECK (((at_s >= (0)::double precision) AND (at_s < 'Infinity'::double precision)))
);

COMMENT ON TABLE public.corrected_downbeats IS 'first downbeat';

CREATE TABLE public.corrected_keys (
    track_id uuid NOT NULL,
    tonic text NOT NULL,
    mode text NOT NULL,
    camelot text GENERATED ALWAYS AS (
CASE mode
    WHEN 'major'::text THEN ((((7 * array_position(ARRAY['C'::text, 'Db'::text, 'D'::text, 'Eb'::text, 'E'::text, 'F'::text, 'F#'::text, 'G'::text, 'Ab'::text, 'A'::text, 'Bb'::text, 'B'::text], tonic)) % 12) + 1) || 'B'::text)
    WHEN 'minor'::text THEN (((((7 * array_position(ARRAY['C'::text, 'C#'::text, 'D'::text, 'Eb'::text, 'E'::text, 'F'::text, 'F#'::text, 'G'::text, 'G#'::text, 'A'::text, 'Bb'::text, 'B'::text], tonic)) + 21) % 12) + 1) || 'A'::text)
    ELSE NULL::text
END) STORED NOT NULL
);

COMMENT ON TABLE public.corrected_keys IS 'key';

CREATE TABLE public.corrected_metres (
    track_id uuid NOT NULL,
    beats_per_bar smallint NOT NULL,
    CONSTRAINT corrected_metres_can_be_counted CHECK (((beats_per_bar >= 1) AND (beats_per_bar <= 16)))
);

COMMENT ON TABLE public.corrected_metres IS 'metre';

CREATE TABLE public.corrected_sections (
    track_id uuid NOT NULL,
    n integer NOT NULL,
    start_s double precision NOT NULL,
    end_s double precision NOT NULL,
    label text NOT NULL,
    CONSTRAINT corrected_sections_last CHECK (((start_s >= (0)::double precision) AND (end_s > start_s) AND (end_s < 'Infinity'::double precision))),
    CONSTRAINT corrected_sections_named CHECK (((label <> ''::text) AND (char_length(label) <= 60)))
);

COMMENT ON TABLE public.corrected_sections IS 'section';

CREATE TABLE public.corrected_tempos (
    track_id uuid NOT NULL,
    bpm double precision NOT NULL,
    steady boolean NOT NULL,
    CONSTRAINT corrected_tempos_bpm_is_playable CHECK (((bpm >= (20)::double precision) AND (bpm <= (400)::double precision)))
);

COMMENT ON TABLE public.corrected_tempos IS 'tempo';

CREATE TABLE public.correction_versions (
    track_id uuid NOT NULL,
    part text NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT correction_versions_part_is_known CHECK ((part = ANY (ARRAY['grid'::text, 'key'::text, 'chords'::text, 'sections'::text])))
);

CREATE TABLE public.crates (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    filter text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT crates_filter_is_short CHECK ((char_length(filter) <= 2000)),
    CONSTRAINT crates_name_has_length CHECK (((name = btrim(name)) AND ((char_length(name) >= 1) AND (char_length(name) <= 120))))
);

CREATE TABLE public.curves (
    track_id uuid NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    hop_s double precision,
    start_s double precision NOT NULL,
    dtype text NOT NULL,
    shape integer[] NOT NULL,
    data bytea NOT NULL,
    deflated boolean DEFAULT false NOT NULL,
    CONSTRAINT curves_dtype_is_known CHECK ((dtype = ANY (ARRAY['uint8'::text, 'float16'::text, 'float32'::text, 'float64'::text])))
);
ALTER TABLE ONLY public.curves ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE public.far_sides (
    name text NOT NULL,
    closed_until timestamp with time zone NOT NULL,
    code text NOT NULL,
    why text NOT NULL
);

CREATE TABLE public.import_entries (
    import_id uuid NOT NULL,
    "position" integer NOT NULL,
    source text NOT NULL,
    ref_id text,
    url text,
    title text NOT NULL,
    artists text[] DEFAULT '{}'::text[] NOT NULL,
    album text,
    album_artist text,
    disc integer,
    number integer,
    duration_ms integer,
    isrc text,
    cover_url text,
    released text,
    explicit boolean DEFAULT false NOT NULL,
    skip_code text,
    skip_why text,
    gone boolean DEFAULT false NOT NULL,
    track_id uuid,
    CONSTRAINT import_entries_can_be_asked_for CHECK (((skip_code IS NOT NULL) OR ((ref_id IS NOT NULL) AND (url IS NOT NULL)))),
    CONSTRAINT import_entries_skipped_says_why CHECK (((skip_code IS NULL) = (skip_why IS NULL)))
);

ALTER TABLE public.journal ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.journal_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.key_evidence (
    track_id uuid NOT NULL,
    strength real[] NOT NULL,
    fits real[] NOT NULL,
    scores real[] NOT NULL,
    CONSTRAINT key_evidence_is_of_all_keys CHECK (((cardinality(strength) = 12) AND (cardinality(fits) = 24) AND (cardinality(scores) = 24)))
);

CREATE TABLE public.keys (
    track_id uuid NOT NULL,
    rank smallint NOT NULL,
    tonic text NOT NULL,
    mode text NOT NULL,
    camelot text NOT NULL,
    confidence real NOT NULL,
    tuning_hz double precision,
    CONSTRAINT keys_camelot_is_code CHECK ((camelot ~ '^(1[0-2]|[1-9])[AB]$'::text)),
    CONSTRAINT keys_mode_is_known CHECK ((mode = ANY (ARRAY['major'::text, 'minor'::text])))
);

CREATE TABLE public.listings (
    track_id uuid NOT NULL,
    account_id uuid NOT NULL,
    state text NOT NULL,
    title text NOT NULL,
    artist text,
    album text,
    haystack text NOT NULL,
    words tsvector NOT NULL,
    tags bigint[] NOT NULL,
    source text NOT NULL,
    bpm double precision,
    tonality smallint,
    duration_s double precision,
    lufs double precision,
    engine text,
    year smallint,
    added_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    ended_at timestamp with time zone
);

CREATE TABLE public.loudness (
    track_id uuid NOT NULL,
    integrated_lufs double precision,
    range_lu double precision,
    max_momentary_lufs double precision,
    max_short_term_lufs double precision,
    true_peak_dbtp double precision,
    sample_peak_dbfs double precision
);

CREATE TABLE public.metres (
    track_id uuid NOT NULL,
    beats_per_bar smallint NOT NULL
);

CREATE TABLE public.migrations (
    name text NOT NULL,
    digest text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.notices (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    track_id uuid NOT NULL,
    kind text NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seen_at timestamp with time zone,
    CONSTRAINT notices_kind_is_known CHECK ((kind = ANY (ARRAY['done'::text, 'failed'::text])))
);

ALTER TABLE public.notices ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.notices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.onsets (
    track_id uuid NOT NULL,
    count integer NOT NULL,
    per_s double precision NOT NULL
);

CREATE TABLE public.origins (
    track_id uuid NOT NULL,
    account_id uuid NOT NULL,
    source text NOT NULL,
    ref_id text NOT NULL,
    url text NOT NULL,
    title text NOT NULL,
    artists text[] DEFAULT '{}'::text[] NOT NULL,
    album text,
    album_artist text,
    disc integer,
    number integer,
    duration_ms integer,
    isrc text,
    cover_url text,
    released text,
    explicit boolean DEFAULT false NOT NULL,
    sound_url text
);

CREATE TABLE public.peaks (
    track_id uuid NOT NULL,
    level smallint NOT NULL,
    frames_per_peak integer NOT NULL,
    data bytea NOT NULL
);
ALTER TABLE ONLY public.peaks ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE public.playlist_items (
    id bigint NOT NULL,
    playlist_id uuid NOT NULL,
    track_id uuid NOT NULL,
    place double precision NOT NULL,
    CONSTRAINT playlist_items_place_is_a_number CHECK (((place > '-Infinity'::double precision) AND (place < 'Infinity'::double precision)))
);

COMMENT ON TABLE public.playlist_items IS 'place in a playlist';

ALTER TABLE public.playlist_items ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.playlist_items_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.playlists (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT playlists_name_has_length CHECK (((name = btrim(name)) AND ((char_length(name) >= 1) AND (char_length(name) <= 120))))
);

CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);

CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;

CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;

CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);

CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;

CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.readings (
    track_id uuid NOT NULL,
    name text NOT NULL,
    method text,
    confidence real,
    absent text,
    run_id bigint NOT NULL,
    CONSTRAINT readings_confidence_a_share CHECK (((confidence >= (0)::double precision) AND (confidence <= (1)::double precision))),
    CONSTRAINT readings_taken_or_absent CHECK (((absent IS NULL) = (method IS NOT NULL)))
);

ALTER TABLE public.runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sections (
    track_id uuid NOT NULL,
    n integer NOT NULL,
    start_s double precision NOT NULL,
    end_s double precision NOT NULL,
    label text NOT NULL,
    group_n smallint NOT NULL,
    confidence real NOT NULL,
    CONSTRAINT sections_last CHECK ((end_s > start_s))
);

CREATE TABLE public.separations (
    run_id bigint NOT NULL,
    track_id uuid NOT NULL,
    model text NOT NULL,
    wanted text[],
    fallback boolean NOT NULL,
    engine text,
    ran text,
    device text,
    why text,
    fix text,
    chosen boolean DEFAULT false NOT NULL,
    CONSTRAINT separations_chosen_has_run CHECK (((NOT chosen) OR (engine IS NOT NULL))),
    CONSTRAINT separations_ran_whole CHECK ((((engine IS NULL) = (ran IS NULL)) AND ((engine IS NULL) = (device IS NULL)))),
    CONSTRAINT separations_stand_in_says_why CHECK (((ran IS NULL) OR (ran = model) OR (why IS NOT NULL)))
);

COMMENT ON TABLE public.separations IS 'separation';

CREATE TABLE public.spectrum (
    track_id uuid NOT NULL,
    feature text NOT NULL,
    mean double precision NOT NULL,
    std double precision NOT NULL,
    unit text NOT NULL
);

CREATE TABLE public.stem_meetings (
    stem_id uuid NOT NULL,
    other_id uuid NOT NULL,
    share real[] NOT NULL,
    CONSTRAINT stem_meetings_have_thirty_bands CHECK ((cardinality(share) = 30))
);

CREATE TABLE public.stem_peaks (
    stem_id uuid NOT NULL,
    level smallint NOT NULL,
    frames_per_peak integer NOT NULL,
    data bytea NOT NULL
);
ALTER TABLE ONLY public.stem_peaks ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE public.stem_readings (
    stem_id uuid NOT NULL,
    integrated_lufs double precision,
    true_peak_dbtp double precision,
    energy_share real NOT NULL,
    active_share real NOT NULL,
    onsets_per_s double precision,
    spectral_centroid_hz double precision
);

CREATE TABLE public.stem_spectra (
    stem_id uuid NOT NULL,
    level_db real[] NOT NULL,
    CONSTRAINT stem_spectra_have_thirty_bands CHECK ((cardinality(level_db) = 30))
);

CREATE TABLE public.tags (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    CONSTRAINT tags_name_has_length CHECK (((name = btrim(name)) AND ((char_length(name) >= 1) AND (char_length(name) <= 60))))
);

ALTER TABLE public.tags ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tags_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tempos (
    track_id uuid NOT NULL,
    rank smallint NOT NULL,
    bpm double precision NOT NULL,
    confidence real NOT NULL,
    CONSTRAINT tempos_bpm_is_positive CHECK ((bpm > (0)::double precision))
);

CREATE TABLE public.track_tags (
    track_id uuid NOT NULL,
    tag_id bigint NOT NULL
);

COMMENT ON TABLE public.track_tags IS 'tag';

CREATE TABLE public.uploads (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    file_name text NOT NULL,
    bytes bigint NOT NULL,
    received bigint DEFAULT 0 NOT NULL,
    fingerprint text,
    sha256 text,
    track_id uuid,
    is_new boolean,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    touched_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT uploads_end_says_all CHECK (((track_id IS NULL) = (is_new IS NULL))),
    CONSTRAINT uploads_end_whole CHECK (((track_id IS NULL) OR (received = bytes))),
    CONSTRAINT uploads_fingerprint_length CHECK (((char_length(fingerprint) >= 1) AND (char_length(fingerprint) <= 200))),
    CONSTRAINT uploads_have_bytes CHECK (((bytes > 0) AND ((received >= 0) AND (received <= bytes)))),
    CONSTRAINT uploads_sha256_is_hex CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE VIEW sfa.effective_headlines AS
 SELECT t.id AS track_id,
    COALESCE(ct.bpm, b.bpm) AS bpm,
    COALESCE(ck.tonic, k.tonic) AS tonic,
    COALESCE(ck.mode, k.mode) AS mode,
    COALESCE(ck.camelot, k.camelot) AS camelot,
    l.integrated_lufs
   FROM (((((public.tracks t
     LEFT JOIN public.tempos b ON (((b.track_id = t.id) AND (b.rank = 0))))
     LEFT JOIN public.corrected_tempos ct ON ((ct.track_id = t.id)))
     LEFT JOIN public.keys k ON (((k.track_id = t.id) AND (k.rank = 0))))
     LEFT JOIN public.corrected_keys ck ON ((ck.track_id = t.id)))
     LEFT JOIN public.loudness l ON ((l.track_id = t.id)));

CREATE VIEW sfa.standings AS
 SELECT id AS run_id,
    track_id,
    stage,
    variant,
    state,
    (((state = ANY (ARRAY['failed'::public.run_state, 'cancelled'::public.run_state])) OR ((state = 'blocked'::public.run_state) AND (EXISTS ( SELECT
           FROM public.runs n
          WHERE ((n.id = ANY (r.needs)) AND (n.state = ANY (ARRAY['failed'::public.run_state, 'cancelled'::public.run_state]))))))) AND (EXISTS ( SELECT
           FROM (public.runs o
             LEFT JOIN public.separations s ON ((s.run_id =
                CASE
                    WHEN (o.stage = 'separation'::text) THEN o.id
                    ELSE o.needs[1]
                END)))
          WHERE ((o.track_id = r.track_id) AND (o.stage = r.stage) AND (o.state = 'done'::public.run_state) AND ((o.id > r.id) OR s.chosen))))) AS outdone
   FROM public.runs r
  WHERE (NOT (EXISTS ( SELECT
           FROM public.runs l
          WHERE ((l.track_id = r.track_id) AND (l.stage = r.stage) AND (l.variant = r.variant) AND (l.id > r.id)))));

CREATE VIEW sfa.newest_runs AS
 SELECT r.track_id,
    r.stage,
    r.variant,
    r.stage_title,
    r.state,
    r.progress,
    r.note,
    r.left_s,
    r.eta_s,
    r.attempts,
    r.max_attempts,
    r.losses,
    r.error_code,
    r.error,
    r.fix,
    r.worker,
    r.stuck,
    r.asked_at,
    r.queued_at,
    r.started_at,
    r.finished_at,
    r.took_s,
    r.ord,
    r.queue,
    r.run_id,
    r.job_id,
    r.needs,
    s.outdone
   FROM (sfa.standings s
     JOIN look.runs r ON (((r.run_id = s.run_id) AND (r.track_id = s.track_id))));

ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);

ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);

ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_name_key UNIQUE (name);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.acts
    ADD CONSTRAINT acts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.acts
    ADD CONSTRAINT acts_undone_once UNIQUE (undoes);

ALTER TABLE ONLY public.balance
    ADD CONSTRAINT balance_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.beats
    ADD CONSTRAINT beats_pkey PRIMARY KEY (track_id, n);

ALTER TABLE ONLY public.blobs
    ADD CONSTRAINT blobs_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_pkey PRIMARY KEY (track_id, url);

ALTER TABLE ONLY public.chords
    ADD CONSTRAINT chords_pkey PRIMARY KEY (track_id, n);

ALTER TABLE ONLY public.corrected_anchors
    ADD CONSTRAINT corrected_anchors_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.corrected_chords
    ADD CONSTRAINT corrected_chords_pkey PRIMARY KEY (track_id, n);

ALTER TABLE ONLY public.corrected_downbeats
    ADD CONSTRAINT corrected_downbeats_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.corrected_keys
    ADD CONSTRAINT corrected_keys_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.corrected_metres
    ADD CONSTRAINT corrected_metres_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.corrected_sections
    ADD CONSTRAINT corrected_sections_pkey PRIMARY KEY (track_id, n);

ALTER TABLE ONLY public.corrected_tempos
    ADD CONSTRAINT corrected_tempos_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.correction_versions
    ADD CONSTRAINT correction_versions_pkey PRIMARY KEY (track_id, part);

ALTER TABLE ONLY public.covers
    ADD CONSTRAINT covers_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.crates
    ADD CONSTRAINT crates_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.curves
    ADD CONSTRAINT curves_pkey PRIMARY KEY (track_id, name);

ALTER TABLE ONLY public.far_sides
    ADD CONSTRAINT far_sides_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.import_entries
    ADD CONSTRAINT import_entries_pkey PRIMARY KEY (import_id, "position");

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_once UNIQUE (account_id, source, kind, ref_id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (act_id, n);

ALTER TABLE ONLY public.key_evidence
    ADD CONSTRAINT key_evidence_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (track_id, rank);

ALTER TABLE ONLY public.listings
    ADD CONSTRAINT listings_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.loudness
    ADD CONSTRAINT loudness_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.metres
    ADD CONSTRAINT metres_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.onsets
    ADD CONSTRAINT onsets_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.origins
    ADD CONSTRAINT origins_once UNIQUE (account_id, source, ref_id);

ALTER TABLE ONLY public.origins
    ADD CONSTRAINT origins_pkey PRIMARY KEY (track_id);

ALTER TABLE ONLY public.paces
    ADD CONSTRAINT paces_pkey PRIMARY KEY (stage, variant);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.peaks
    ADD CONSTRAINT peaks_pkey PRIMARY KEY (track_id, level);

ALTER TABLE ONLY public.playlist_items
    ADD CONSTRAINT playlist_items_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.playlists
    ADD CONSTRAINT playlists_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);

ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (queue);

ALTER TABLE ONLY public.readings
    ADD CONSTRAINT readings_pkey PRIMARY KEY (track_id, name);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_pkey PRIMARY KEY (track_id, n);

ALTER TABLE ONLY public.separations
    ADD CONSTRAINT separations_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY public.spectrum
    ADD CONSTRAINT spectrum_pkey PRIMARY KEY (track_id, feature);

ALTER TABLE ONLY public.stages
    ADD CONSTRAINT stages_ord_key UNIQUE (ord);

ALTER TABLE ONLY public.stages
    ADD CONSTRAINT stages_pkey PRIMARY KEY (stage);

ALTER TABLE ONLY public.stem_meetings
    ADD CONSTRAINT stem_meetings_pkey PRIMARY KEY (stem_id, other_id);

ALTER TABLE ONLY public.stem_peaks
    ADD CONSTRAINT stem_peaks_pkey PRIMARY KEY (stem_id, level);

ALTER TABLE ONLY public.stem_readings
    ADD CONSTRAINT stem_readings_pkey PRIMARY KEY (stem_id);

ALTER TABLE ONLY public.stem_spectra
    ADD CONSTRAINT stem_spectra_pkey PRIMARY KEY (stem_id);

ALTER TABLE ONLY public.stems
    ADD CONSTRAINT stems_one_of_a_name UNIQUE (run_id, name);

ALTER TABLE ONLY public.stems
    ADD CONSTRAINT stems_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tags
    ADD CONSTRAINT tags_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tempos
    ADD CONSTRAINT tempos_pkey PRIMARY KEY (track_id, rank);

ALTER TABLE ONLY public.track_tags
    ADD CONSTRAINT track_tags_pkey PRIMARY KEY (track_id, tag_id);

ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (worker_id);

CREATE INDEX acts_newest ON public.acts USING btree (account_id, id DESC);

CREATE INDEX acts_oldest ON public.acts USING btree (at);

CREATE UNIQUE INDEX candidates_one_taken ON public.candidates USING btree (track_id) WHERE taken;

CREATE INDEX covers_blob ON public.covers USING btree (sha256);

CREATE INDEX crates_of_account ON public.crates USING btree (account_id, name);

CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));

CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);

CREATE INDEX import_entries_of_track ON public.import_entries USING btree (track_id);

CREATE INDEX imports_blob ON public.imports USING btree (sha256);

CREATE INDEX imports_newest ON public.imports USING btree (account_id, asked_at DESC, id);

CREATE INDEX imports_of_playlist ON public.imports USING btree (playlist_id);

CREATE INDEX imports_open ON public.imports USING btree (id) WHERE (state = 'resolving'::public.import_state);

CREATE INDEX journal_covers ON public.journal USING btree (((before ->> 'sha256'::text))) WHERE (table_name = 'covers'::text);

CREATE INDEX listings_newest ON public.listings USING btree (account_id, added_at DESC, track_id) WHERE (deleted_at IS NULL);

CREATE INDEX notices_newest ON public.notices USING btree (account_id, id DESC);

CREATE INDEX notices_of_track ON public.notices USING btree (track_id);

CREATE INDEX notices_unseen ON public.notices USING btree (account_id) WHERE (seen_at IS NULL);

CREATE INDEX packs_blob ON public.packs USING btree (sha256);

CREATE INDEX packs_of_track ON public.packs USING btree (track_id);

CREATE INDEX playlist_items_in_order ON public.playlist_items USING btree (playlist_id, place, id);

CREATE INDEX playlist_items_of_track ON public.playlist_items USING btree (track_id);

CREATE INDEX playlists_of_account ON public.playlists USING btree (account_id, name);

CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);

CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));

CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);

CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);

CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);

CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);

CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);

CREATE INDEX runs_ended ON public.runs USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX runs_job ON public.runs USING btree (job_id) WHERE (state = ANY (ARRAY['queued'::public.run_state, 'running'::public.run_state]));

CREATE INDEX runs_of_track ON public.runs USING btree (track_id, id);

CREATE UNIQUE INDEX runs_one_open ON public.runs USING btree (track_id, stage, variant) WHERE (state = ANY (ARRAY['blocked'::public.run_state, 'queued'::public.run_state, 'running'::public.run_state]));

CREATE INDEX runs_open ON public.runs USING btree (state) WHERE (state = ANY (ARRAY['blocked'::public.run_state, 'queued'::public.run_state, 'running'::public.run_state]));

CREATE INDEX runs_xid ON public.runs USING btree (xid);

CREATE INDEX separations_of_track ON public.separations USING btree (track_id, run_id);

CREATE UNIQUE INDEX separations_one_chosen ON public.separations USING btree (track_id) WHERE chosen;

CREATE INDEX stem_meetings_other ON public.stem_meetings USING btree (other_id);

CREATE INDEX stems_blob ON public.stems USING btree (sha256);

CREATE INDEX stems_of_track ON public.stems USING btree (track_id);

CREATE UNIQUE INDEX tags_one_of_a_name ON public.tags USING btree (account_id, lower(name));

CREATE INDEX track_tags_of_tag ON public.track_tags USING btree (tag_id);

CREATE INDEX tracks_blob ON public.tracks USING btree (sha256);

CREATE INDEX tracks_in_trash ON public.tracks USING btree (account_id, deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE INDEX tracks_newest ON public.tracks USING btree (account_id, created_at DESC, id);

CREATE UNIQUE INDEX tracks_one_per_file ON public.tracks USING btree (account_id, sha256) WHERE (sha256 IS NOT NULL);

CREATE INDEX tracks_xid ON public.tracks USING btree (xid);

CREATE INDEX uploads_of_account ON public.uploads USING btree (account_id, touched_at);

CREATE INDEX uploads_of_track ON public.uploads USING btree (track_id) WHERE (track_id IS NOT NULL);

CREATE UNIQUE INDEX uploads_once ON public.uploads USING btree (account_id, bytes, fingerprint) WHERE (track_id IS NULL);

CREATE OR REPLACE VIEW look.queues AS
 SELECT q.queue,
    count(*) FILTER (WHERE ((j.status = 'todo'::public.procrastinate_job_status) AND (q.paused_at IS NULL) AND (COALESCE(j.scheduled_at, now()) <= now()))) AS ready,
    count(*) FILTER (WHERE ((j.status = 'todo'::public.procrastinate_job_status) AND (j.scheduled_at > now()))) AS later,
    count(*) FILTER (WHERE (j.status = 'doing'::public.procrastinate_job_status)) AS running,
    (now() - min(r.queued_at) FILTER (WHERE (j.status = 'todo'::public.procrastinate_job_status))) AS oldest,
    ( SELECT count(*) AS count
           FROM public.workers w
          WHERE ((q.queue = ANY (w.queues)) AND sfa.is_alive(w.worker_id))) AS workers,
    q.paused_at,
    q.paused_why
   FROM ((public.queues q
     LEFT JOIN public.procrastinate_jobs j ON ((((j.queue_name)::text = q.queue) AND (j.status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status])))))
     LEFT JOIN public.runs r ON ((r.job_id = j.id)))
  GROUP BY q.queue;

CREATE OR REPLACE VIEW look.storage AS
 SELECT a.name AS account,
    count(t.id) AS tracks,
    pg_size_pretty(COALESCE(sum(t.bytes), (0)::numeric)) AS sources,
    pg_size_pretty(COALESCE(sum(s.bytes), (0)::numeric)) AS stems,
    pg_size_pretty(COALESCE(sum(p.bytes), (0)::numeric)) AS packs,
    pg_size_pretty(COALESCE(sum(c.bytes), (0)::numeric)) AS curves,
    pg_size_pretty(COALESCE(sum(v.bytes), (0)::numeric)) AS covers,
    ((((COALESCE(sum(t.bytes), (0)::numeric) + COALESCE(sum(s.bytes), (0)::numeric)) + COALESCE(sum(p.bytes), (0)::numeric)) + COALESCE(sum(c.bytes), (0)::numeric)) + COALESCE(sum(v.bytes), (0)::numeric)) AS bytes
   FROM (((((public.accounts a
     LEFT JOIN public.tracks t ON ((t.account_id = a.id)))
     LEFT JOIN LATERAL ( SELECT (sum(stems.bytes))::bigint AS bytes
           FROM public.stems
          WHERE (stems.track_id = t.id)) s ON (true))
     LEFT JOIN LATERAL ( SELECT (sum(packs.bytes))::bigint AS bytes
           FROM public.packs
          WHERE (packs.track_id = t.id)) p ON (true))
     LEFT JOIN LATERAL ( SELECT sum(octet_length(curves.data)) AS bytes
           FROM public.curves
          WHERE (curves.track_id = t.id)) c ON (true))
     LEFT JOIN public.covers v ON ((v.track_id = t.id)))
  GROUP BY a.id;

CREATE OR REPLACE VIEW look.tracks AS
 SELECT t.title,
    t.artist,
    sfa.sum_up(array_agg((r.counts)::public.run_state)) AS state,
    (COALESCE(avg(r.progress) FILTER (WHERE (r.counts IS NOT NULL)), (0)::double precision))::real AS progress,
        CASE
            WHEN (bool_or((r.counts = ANY (ARRAY['running'::text, 'queued'::text, 'blocked'::text]))) AND (NOT bool_or(((r.counts = ANY (ARRAY['running'::text, 'queued'::text])) AND (r.eta_s IS NULL)))) AND (NOT bool_or(((r.counts = 'blocked'::text) AND (r.left_s IS NULL))))) THEN (COALESCE(max(r.eta_s), (0)::double precision) + COALESCE(sum(r.left_s) FILTER (WHERE ((r.counts = 'blocked'::text) AND (r.stage <> 'analysis'::text))), (0)::double precision))
            ELSE NULL::double precision
        END AS eta_s,
    (array_agg(r.error ORDER BY r.ord, r.run_id) FILTER (WHERE (r.counts = 'failed'::text)))[1] AS error,
    (array_agg(r.fix ORDER BY r.ord, r.run_id) FILTER (WHERE (r.counts = 'failed'::text)))[1] AS fix,
    COALESCE(bool_or(r.stuck), false) AS stuck,
    jsonb_object_agg((r.stage ||
        CASE
            WHEN (r.variant = ''::text) THEN ''::text
            ELSE (':'::text || r.variant)
        END), jsonb_strip_nulls(jsonb_build_object('state', r.state, 'progress', round((r.progress)::numeric, 3), 'eta_s', round((r.eta_s)::numeric), 'attempts', r.attempts, 'note', r.note, 'error', r.error, 'worker', r.worker))) FILTER (WHERE (r.run_id IS NOT NULL)) AS stages,
    t.duration_s,
    t.file_name,
    t.priority,
    t.created_at,
    max(r.finished_at) AS finished_at,
    t.id AS track_id,
    t.account_id
   FROM (public.tracks t
     LEFT JOIN ( SELECT newest_runs.track_id,
            newest_runs.stage,
            newest_runs.variant,
            newest_runs.stage_title,
            newest_runs.state,
            newest_runs.progress,
            newest_runs.note,
            newest_runs.left_s,
            newest_runs.eta_s,
            newest_runs.attempts,
            newest_runs.max_attempts,
            newest_runs.losses,
            newest_runs.error_code,
            newest_runs.error,
            newest_runs.fix,
            newest_runs.worker,
            newest_runs.stuck,
            newest_runs.asked_at,
            newest_runs.queued_at,
            newest_runs.started_at,
            newest_runs.finished_at,
            newest_runs.took_s,
            newest_runs.ord,
            newest_runs.queue,
            newest_runs.run_id,
            newest_runs.job_id,
            newest_runs.needs,
            newest_runs.outdone,
                CASE
                    WHEN (NOT newest_runs.outdone) THEN newest_runs.state
                    ELSE NULL::text
                END AS counts
           FROM sfa.newest_runs) r ON ((r.track_id = t.id)))
  WHERE (t.deleted_at IS NULL)
  GROUP BY t.id;

CREATE TRIGGER hold_blob BEFORE INSERT OR UPDATE OF sha256 ON public.covers FOR EACH ROW EXECUTE FUNCTION public.hold_blob();

CREATE TRIGGER hold_blob BEFORE INSERT OR UPDATE OF sha256 ON public.imports FOR EACH ROW EXECUTE FUNCTION public.hold_blob();

CREATE TRIGGER hold_blob BEFORE INSERT OR UPDATE OF sha256 ON public.packs FOR EACH ROW EXECUTE FUNCTION public.hold_blob();

CREATE TRIGGER hold_blob BEFORE INSERT OR UPDATE OF sha256 ON public.stems FOR EACH ROW EXECUTE FUNCTION public.hold_blob();

CREATE TRIGGER hold_blob BEFORE INSERT OR UPDATE OF sha256 ON public.tracks FOR EACH ROW EXECUTE FUNCTION public.hold_blob();

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.corrected_anchors FOR EACH ROW EXECUTE FUNCTION public.journal('track_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.corrected_chords FOR EACH ROW EXECUTE FUNCTION public.journal('track_id', 'n');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.corrected_downbeats FOR EACH ROW EXECUTE FUNCTION public.journal('track_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.corrected_keys FOR EACH ROW EXECUTE FUNCTION public.journal('track_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.corrected_metres FOR EACH ROW EXECUTE FUNCTION public.journal('track_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.corrected_sections FOR EACH ROW EXECUTE FUNCTION public.journal('track_id', 'n');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.corrected_tempos FOR EACH ROW EXECUTE FUNCTION public.journal('track_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.covers FOR EACH ROW EXECUTE FUNCTION public.journal('track_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.crates FOR EACH ROW EXECUTE FUNCTION public.journal('id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.playlist_items FOR EACH ROW EXECUTE FUNCTION public.journal('id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.playlists FOR EACH ROW EXECUTE FUNCTION public.journal('id');

CREATE TRIGGER journal AFTER UPDATE ON public.separations FOR EACH ROW EXECUTE FUNCTION public.journal('run_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.track_tags FOR EACH ROW EXECUTE FUNCTION public.journal('track_id', 'tag_id');

CREATE TRIGGER journal AFTER INSERT OR DELETE OR UPDATE ON public.tracks FOR EACH ROW EXECUTE FUNCTION public.journal('id', '-priority', '-by_hand');

CREATE TRIGGER mind_changed AFTER UPDATE ON public.corrected_anchors REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_changed AFTER UPDATE ON public.corrected_chords REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('chords');

CREATE TRIGGER mind_changed AFTER UPDATE ON public.corrected_downbeats REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_changed AFTER UPDATE ON public.corrected_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('key');

CREATE TRIGGER mind_changed AFTER UPDATE ON public.corrected_metres REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_changed AFTER UPDATE ON public.corrected_sections REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('sections');

CREATE TRIGGER mind_changed AFTER UPDATE ON public.corrected_tempos REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_gone AFTER DELETE ON public.corrected_anchors REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_gone AFTER DELETE ON public.corrected_chords REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('chords');

CREATE TRIGGER mind_gone AFTER DELETE ON public.corrected_downbeats REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_gone AFTER DELETE ON public.corrected_keys REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('key');

CREATE TRIGGER mind_gone AFTER DELETE ON public.corrected_metres REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_gone AFTER DELETE ON public.corrected_sections REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('sections');

CREATE TRIGGER mind_gone AFTER DELETE ON public.corrected_tempos REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_new AFTER INSERT ON public.corrected_anchors REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_new AFTER INSERT ON public.corrected_chords REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('chords');

CREATE TRIGGER mind_new AFTER INSERT ON public.corrected_downbeats REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_new AFTER INSERT ON public.corrected_keys REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('key');

CREATE TRIGGER mind_new AFTER INSERT ON public.corrected_metres REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_new AFTER INSERT ON public.corrected_sections REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('sections');

CREATE TRIGGER mind_new AFTER INSERT ON public.corrected_tempos REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mind_corrections('grid');

CREATE TRIGGER mind_trash AFTER UPDATE ON public.tracks REFERENCING OLD TABLE AS was NEW TABLE AS became FOR EACH STATEMENT EXECUTE FUNCTION public.mind_trash();

CREATE TRIGGER notice_end AFTER UPDATE OF state ON public.listings FOR EACH ROW WHEN (((old.state = ANY (ARRAY['queued'::text, 'running'::text])) AND (new.state = ANY (ARRAY['done'::text, 'failed'::text])) AND (new.deleted_at IS NULL))) EXECUTE FUNCTION public.notice_end();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();

CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();

CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();

CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();

CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();

CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();

CREATE TRIGGER relist_changed AFTER UPDATE ON public.runs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.relist();

CREATE TRIGGER relist_changed AFTER UPDATE ON public.separations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.relist();

CREATE TRIGGER relist_changed AFTER UPDATE ON public.tracks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.relist();

CREATE TRIGGER relist_gone AFTER DELETE ON public.track_tags REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.relist();

CREATE TRIGGER relist_new AFTER INSERT ON public.runs REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.relist();

CREATE TRIGGER relist_new AFTER INSERT ON public.track_tags REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.relist();

CREATE TRIGGER relist_new AFTER INSERT ON public.tracks REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.relist();

CREATE TRIGGER sfa_wake_workers AFTER UPDATE OF status, scheduled_at ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.status = 'todo'::public.procrastinate_job_status) AND ((new.scheduled_at IS NULL) OR (new.scheduled_at <= (now() + '00:00:00.1'::interval))))) EXECUTE FUNCTION public.wake_workers();

CREATE TRIGGER tell AFTER INSERT OR DELETE OR UPDATE ON public.imports FOR EACH STATEMENT EXECUTE FUNCTION public.tell_pages();

CREATE TRIGGER tell AFTER INSERT OR UPDATE ON public.progress FOR EACH STATEMENT EXECUTE FUNCTION public.tell_pages();

CREATE TRIGGER tell AFTER INSERT OR DELETE OR UPDATE ON public.runs FOR EACH STATEMENT EXECUTE FUNCTION public.tell_pages();

CREATE TRIGGER tell AFTER INSERT OR DELETE OR UPDATE ON public.tracks FOR EACH STATEMENT EXECUTE FUNCTION public.tell_pages();

CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON public.imports FOR EACH ROW EXECUTE FUNCTION public.touch_xid();

CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON public.runs FOR EACH ROW EXECUTE FUNCTION public.touch_xid();

CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON public.tracks FOR EACH ROW EXECUTE FUNCTION public.touch_xid();

CREATE TRIGGER touch_changed AFTER UPDATE ON public.covers REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.touch_tracks();

CREATE TRIGGER touch_changed AFTER UPDATE ON public.separations REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.touch_tracks();

CREATE TRIGGER touch_gone AFTER DELETE ON public.covers REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.touch_tracks();

CREATE TRIGGER touch_gone AFTER DELETE ON public.track_tags REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.touch_tracks();

CREATE TRIGGER touch_new AFTER INSERT ON public.covers REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.touch_tracks();

CREATE TRIGGER touch_new AFTER INSERT ON public.track_tags REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.touch_tracks();

ALTER TABLE ONLY public.acts
    ADD CONSTRAINT acts_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.acts
    ADD CONSTRAINT acts_undoes_fkey FOREIGN KEY (undoes) REFERENCES public.acts(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.balance
    ADD CONSTRAINT balance_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.beats
    ADD CONSTRAINT beats_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.candidates
    ADD CONSTRAINT candidates_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chords
    ADD CONSTRAINT chords_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrected_anchors
    ADD CONSTRAINT corrected_anchors_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrected_chords
    ADD CONSTRAINT corrected_chords_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrected_downbeats
    ADD CONSTRAINT corrected_downbeats_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrected_keys
    ADD CONSTRAINT corrected_keys_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrected_metres
    ADD CONSTRAINT corrected_metres_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrected_sections
    ADD CONSTRAINT corrected_sections_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.corrected_tempos
    ADD CONSTRAINT corrected_tempos_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.correction_versions
    ADD CONSTRAINT correction_versions_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.covers
    ADD CONSTRAINT covers_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.blobs(sha256);

ALTER TABLE ONLY public.covers
    ADD CONSTRAINT covers_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.crates
    ADD CONSTRAINT crates_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.curves
    ADD CONSTRAINT curves_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_entries
    ADD CONSTRAINT import_entries_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.imports(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_entries
    ADD CONSTRAINT import_entries_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_playlist_id_fkey FOREIGN KEY (playlist_id) REFERENCES public.playlists(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.blobs(sha256);

ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_act_id_fkey FOREIGN KEY (act_id) REFERENCES public.acts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.key_evidence
    ADD CONSTRAINT key_evidence_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.listings
    ADD CONSTRAINT listings_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.loudness
    ADD CONSTRAINT loudness_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.metres
    ADD CONSTRAINT metres_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.onsets
    ADD CONSTRAINT onsets_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.origins
    ADD CONSTRAINT origins_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.origins
    ADD CONSTRAINT origins_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.paces
    ADD CONSTRAINT paces_stage_fkey FOREIGN KEY (stage) REFERENCES public.stages(stage);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.separations(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.blobs(sha256);

ALTER TABLE ONLY public.packs
    ADD CONSTRAINT packs_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.peaks
    ADD CONSTRAINT peaks_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.playlist_items
    ADD CONSTRAINT playlist_items_playlist_id_fkey FOREIGN KEY (playlist_id) REFERENCES public.playlists(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.playlist_items
    ADD CONSTRAINT playlist_items_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.playlists
    ADD CONSTRAINT playlists_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);

ALTER TABLE ONLY public.readings
    ADD CONSTRAINT readings_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_stage_fkey FOREIGN KEY (stage) REFERENCES public.stages(stage);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.separations
    ADD CONSTRAINT separations_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.separations
    ADD CONSTRAINT separations_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.spectrum
    ADD CONSTRAINT spectrum_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stem_meetings
    ADD CONSTRAINT stem_meetings_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.stems(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stem_meetings
    ADD CONSTRAINT stem_meetings_stem_id_fkey FOREIGN KEY (stem_id) REFERENCES public.stems(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stem_peaks
    ADD CONSTRAINT stem_peaks_stem_id_fkey FOREIGN KEY (stem_id) REFERENCES public.stems(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stem_readings
    ADD CONSTRAINT stem_readings_stem_id_fkey FOREIGN KEY (stem_id) REFERENCES public.stems(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stem_spectra
    ADD CONSTRAINT stem_spectra_stem_id_fkey FOREIGN KEY (stem_id) REFERENCES public.stems(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stems
    ADD CONSTRAINT stems_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.separations(run_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stems
    ADD CONSTRAINT stems_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.blobs(sha256);

ALTER TABLE ONLY public.stems
    ADD CONSTRAINT stems_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tags
    ADD CONSTRAINT tags_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tempos
    ADD CONSTRAINT tempos_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.track_tags
    ADD CONSTRAINT track_tags_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES public.tags(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.track_tags
    ADD CONSTRAINT track_tags_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.blobs(sha256);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_track_id_fkey FOREIGN KEY (track_id) REFERENCES public.tracks(id) ON DELETE CASCADE;

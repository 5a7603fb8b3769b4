-- The pipeline as data: what a stage is called, who carries it out, and how long it may take.
create table stages (
    stage              text primary key,
    ord                smallint not null unique,
    queue              text not null,
    task               text not null,
    title              text not null,                       -- what people read
    max_attempts       smallint not null default 4,
    timeout_s          integer not null,                    -- plus the next, per second of sound
    timeout_per_s      real not null,
    stall_s            integer not null                     -- neither a word nor CPU time for so long: stuck
);

insert into stages (stage, ord, queue, task, title, timeout_s, timeout_per_s, stall_s) values
    ('decode',        1, 'download',   'library.decode',         'Decode',     600,  1, 120),
    ('separation',    2, 'processing', 'separation.separate',    'Separate',  1800, 60, 300),
    ('analysis',      3, 'analysis',   'analysis.analyse',       'Analyse',    900,  5, 300),
    ('stem_analysis', 4, 'analysis',   'analysis.analyse_stems', 'Read stems', 900, 10, 300);

create table queues (
    queue       text primary key,
    paused_at   timestamptz,
    paused_why  text,

    constraint queues_paused_says_why check ((paused_at is null) = (paused_why is null))
);

insert into queues (queue) values ('download'), ('processing'), ('analysis');

create type run_state as enum (
    'blocked',      -- waits for the runs it needs
    'queued',       -- its job waits for a worker
    'running',
    'done',
    'failed',
    'cancelled'
);

-- A stage carried out once over a track. The truth about it is here; procrastinate only hands out the work.
create table runs (
    id           bigint generated always as identity primary key,
    track_id     uuid not null references tracks on delete cascade,
    stage        text not null references stages,
    variant      text not null default '',          -- which of several ways: the model of a separation
    state        run_state not null default 'blocked',
    attempts     smallint not null default 0,
    losses       smallint not null default 0,       -- how often its worker died under it
    note         text,                              -- what is going on, in words
    error_code   text,                              -- a row of sfa.errors.CODES
    error        text,                              -- a sentence for the track's owner
    fix          text,                              -- what they can do about it
    evidence     text,                              -- the end of what the child said, for an engineer
    worker       text,
    needs        bigint[] not null default '{}',    -- runs that must be done before
    fence        integer not null default 0,        -- rises with every start; what an older start writes is refused
    start_id     uuid,                              -- drawn for each start by its worker: told twice, it counts once
    job_id       bigint,                            -- no foreign key: finished jobs are purged
    stop_asked   boolean not null default false,    -- a person wants it ended; of a running one only
    trashed      boolean not null default false,    -- ended with its track, and goes on if that is brought back
    asked_at     timestamptz not null default now(),
    queued_at    timestamptz,
    started_at   timestamptz,
    finished_at  timestamptz,
    seconds      jsonb,                             -- how long its steps took, as the child told
    xid          xid8 not null default pg_current_xact_id(),

    constraint runs_failed_says_why     check ((state = 'failed') = (error_code is not null)
                                               and (error_code is null) = (error is null)),
    constraint runs_finished_has_time   check ((finished_at is not null) = (state in ('done', 'failed', 'cancelled'))),
    constraint runs_running_has_worker  check (state <> 'running' or (worker is not null and started_at is not null)),
    constraint runs_queued_has_job      check (state not in ('queued', 'running') or job_id is not null)
) with (fillfactor = 80);

-- A second request finds the first one still open: no application lock needed.
create unique index runs_one_open on runs (track_id, stage, variant) where state in ('blocked', 'queued', 'running');
create index runs_of_track on runs (track_id, id);
create index runs_open on runs (state) where state in ('blocked', 'queued', 'running');
create index runs_job on runs (job_id) where state in ('queued', 'running');
create index runs_ended on runs (finished_at) where finished_at is not null;
create index runs_xid on runs (xid);

create trigger touch before insert or update on runs for each row execute function touch_xid();
create trigger tell after insert or update or delete on runs for each statement execute function tell_pages();

-- The part that moves fast, apart: small, unlogged and without an index on `xid`, so that every beat is
-- a heap-only update without write-ahead log. A crash of the server empties it; the next beat fills it.
create unlogged table progress (
    run_id   bigint primary key,
    fence    integer not null,
    done     real not null,                         -- 0 to 1
    note     text,
    beat_at  timestamptz not null default clock_timestamp(),
    xid      xid8 not null default pg_current_xact_id(),

    constraint progress_is_a_share check (done between 0 and 1)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

create trigger tell after insert or update on progress for each statement execute function tell_pages();

-- One row per worker process, alive as long as its session holds the advisory lock (7353, worker_id).
create table workers (
    worker_id    bigint primary key,                -- of procrastinate_workers
    host         text not null,
    unit         text not null,
    pid          integer not null,
    queues       text[] not null,
    slots        integer not null,
    version      text not null,
    started_at   timestamptz not null default now(),
    lost_since   timestamptz
);

-- How fast this studio is: seconds of work per second of sound, learned from every run that ends well.
create table paces (
    stage    text not null references stages,
    variant  text not null,
    per_s    double precision not null,
    runs     integer not null,
    primary key (stage, variant)
);

-- procrastinate tells its workers of new jobs, not of jobs that are given back: those would wait for a
-- poll. Ours sends what theirs sends.
create function wake_workers() returns trigger language plpgsql as $$
declare
    word text := json_build_object('type', 'job_inserted', 'job_id', new.id)::text;
begin
    perform pg_notify('procrastinate_queue_v1#' || new.queue_name, word);
    perform pg_notify('procrastinate_any_queue_v1', word);
    return null;
end $$;

create trigger sfa_wake_workers after update of status, scheduled_at on procrastinate_jobs
    for each row
    when (new.status = 'todo' and (new.scheduled_at is null or new.scheduled_at <= now() + interval '100 ms'))
    execute function wake_workers();

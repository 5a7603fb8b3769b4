-- What is fetched from the net: links that people gave, what they turned out to hold, and where the sound
-- of a track came from.
alter table tracks
    add column link text,                           -- what its sound is fetched for, where it came by a link
    drop constraint tracks_has_a_file,
    add constraint tracks_has_a_file check (sha256 is not null or taken_from is not null or link is not null);

insert into stages (stage, ord, queue, task, title, timeout_s, timeout_per_s, stall_s) values
    ('fetch', 0, 'download', 'downloads.fetch', 'Fetch', 900, 4, 120);

create type import_state as enum (
    'resolving',    -- the far side is being asked
    'ready',        -- what it holds is known, and waits for a person
    'failed',
    'taken'         -- its songs are tracks
);

-- A link, and what it turned out to be. The same link again is the same row, asked anew.
create table imports (
    id              uuid primary key default gen_random_uuid(),
    account_id      uuid not null references accounts on delete cascade,
    source          text not null,                  -- spotify, youtube, web, table
    kind            text not null,
    ref_id          text not null,
    url             text not null,                  -- canonical; of a table: its file name
    state           import_state not null default 'resolving',
    job_id          bigint,                         -- no foreign key: finished jobs are purged
    attempts        smallint not null default 0,
    note            text,                           -- what is going on, in words
    wait_until      timestamptz,                    -- the far side asked for a pause
    title           text,
    owner           text,                           -- artist of an album, owner of a playlist
    total           integer,                        -- entries, as the far side says
    complete        boolean,
    why_incomplete  text,
    via             text,                           -- which way it was read: api, account, embed, page, table
    sha256          text references blobs,          -- its picture, drawn anew; as in covers
    bytes           bigint,
    width           smallint,
    height          smallint,
    small           bytea,
    error_code      text,                           -- a row of sfa.errors.CODES
    error           text,
    fix             text,
    playlist_id     uuid references playlists on delete set null,
    asked_at        timestamptz not null default now(),
    resolved_at     timestamptz,
    taken_at        timestamptz,
    xid             xid8 not null default pg_current_xact_id(),

    constraint imports_once unique (account_id, source, kind, ref_id),
    constraint imports_failed_says_why     check ((state = 'failed') = (error_code is not null)
                                                  and (error_code is null) = (error is null)),
    constraint imports_incomplete_says_why check (complete is distinct from false or why_incomplete is not null),
    constraint imports_resolving_has_job   check (state <> 'resolving' or job_id is not null),
    constraint imports_picture_is_whole    check (num_nulls(sha256, bytes, width, height, small) in (0, 5))
);

create index imports_newest on imports (account_id, asked_at desc, id);
create index imports_open on imports (id) where state = 'resolving';
create index imports_of_playlist on imports (playlist_id);
create index imports_blob on imports (sha256);
create trigger hold_blob before insert or update of sha256 on imports for each row execute function hold_blob();
create trigger touch before insert or update on imports for each row execute function touch_xid();
create trigger tell after insert or update or delete on imports for each statement execute function tell_pages();

-- What a link holds, in its order. What cannot be fetched is kept, and says why; what was there when the link was
-- asked before and is not any more comes behind.
create table import_entries (
    import_id     uuid not null references imports on delete cascade,
    position      integer not null,
    source        text not null,
    ref_id        text,                             -- null: nothing that could be asked for
    url           text,
    title         text not null,
    artists       text[] not null default '{}',
    album         text,
    album_artist  text,
    disc          integer,
    number        integer,
    duration_ms   integer,
    isrc          text,
    cover_url     text,
    released      text,                             -- 1979, 1979-11 or 1979-11-30
    explicit      boolean not null default false,
    skip_code     text,                             -- a row of sfa.errors.CODES
    skip_why      text,
    gone          boolean not null default false,
    track_id      uuid references tracks on delete set null,
    primary key (import_id, position),

    constraint import_entries_skipped_says_why check ((skip_code is null) = (skip_why is null)),
    constraint import_entries_can_be_asked_for check (skip_code is not null or (ref_id is not null and url is not null))
);

create index import_entries_of_track on import_entries (track_id);

-- What a track that came by a link is said to be. The same song twice is one track.
create table origins (
    track_id      uuid primary key references tracks on delete cascade,
    account_id    uuid not null references accounts on delete cascade,
    source        text not null,
    ref_id        text not null,
    url           text not null,
    title         text not null,
    artists       text[] not null default '{}',
    album         text,
    album_artist  text,
    disc          integer,
    number        integer,
    duration_ms   integer,
    isrc          text,
    cover_url     text,
    released      text,
    explicit      boolean not null default false,
    sound_url     text,                             -- where a person said that the sound is; null: it is looked for

    constraint origins_once unique (account_id, source, ref_id)
);

-- Where the sound of a track may be had, best first, and which was taken.
create table candidates (
    track_id     uuid not null references tracks on delete cascade,
    url          text not null,
    provider     text not null,
    title        text not null,
    artists      text[] not null default '{}',
    duration_ms  integer,
    score        real not null,
    doubt        text,                              -- why a person should look before it is taken
    taken        boolean not null default false,
    found_at     timestamptz not null default now(),
    primary key (track_id, url),

    constraint candidates_score_is_a_share check (score between 0 and 1)
);

create unique index candidates_one_taken on candidates (track_id) where taken;

-- Far sides that asked for a pause: nothing leaves towards one before its time, whichever worker asks.
create table far_sides (
    name          text primary key,                 -- youtube; spotify; spotify: and a client id
    closed_until  timestamptz not null,
    code          text not null,
    why           text not null
);

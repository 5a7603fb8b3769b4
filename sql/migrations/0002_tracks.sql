-- `xid` is the transaction that last touched a row. A page's cursor is the oldest transaction still
-- running when it was rendered, so "what changed since" may repeat a row and never skips one.
create function touch_xid() returns trigger language plpgsql as $$
begin
    new.xid := pg_current_xact_id();
    return new;
end $$;

-- Says only "look again": identical payloads of one transaction fold into one, and the reader reads
-- the rows anyway.
create function tell_pages() returns trigger language plpgsql as $$
begin
    perform pg_notify('sfa', '');
    return null;
end $$;

-- Content that lies in the media folder, named by its SHA-256: twice the same bytes are one file. Whoever
-- refers to a blob locks its row until the commit, and the sweeper deletes only what it can lock.
create table blobs (
    sha256     text primary key,
    bytes      bigint not null,
    created_at timestamptz not null default now(),

    constraint blobs_sha256_is_hex check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint blobs_have_bytes    check (bytes > 0)
);

-- The update changes nothing: it waits for a sweeper that has the row in hand, and keeps the next one off.
create function hold_blob() returns trigger language plpgsql as $$
begin
    if new.sha256 is not null then
        insert into blobs (sha256, bytes) values (new.sha256, new.bytes)
        on conflict (sha256) do update set bytes = blobs.bytes;
    end if;
    return new;
end $$;

create table tracks (
    id           uuid primary key default gen_random_uuid(),
    account_id   uuid not null references accounts on delete cascade,
    title        text not null,
    artist       text,
    album        text,
    duration_s   double precision,              -- this and the five below: known once decoded
    sample_rate  integer,
    channels     smallint,                      -- of the source; more than two are mixed down
    frames       bigint,
    format       text,                          -- container and codec, for people
    lossy        boolean,
    file_name    text not null,                 -- what its owner called the file
    taken_from   text,                          -- on the server's disk, until the file has been copied
    bytes        bigint,                        -- this and the next: null until the file has been copied
    sha256       text references blobs,
    priority     integer not null default 0,    -- higher goes first
    created_at   timestamptz not null default now(),
    xid          xid8 not null default pg_current_xact_id(),

    constraint tracks_has_a_file         check (sha256 is not null or taken_from is not null),
    constraint tracks_copied_is_measured check ((sha256 is null) = (bytes is null)),
    constraint tracks_title_has_length   check (title <> '' and char_length(title) <= 500),
    constraint tracks_sound_has_length   check (duration_s > 0 and frames > 0 and sample_rate > 0 and channels > 0)
);

-- The same bytes twice are one track: the second request finds the first one's results.
create unique index tracks_one_per_file on tracks (account_id, sha256) where sha256 is not null;
create index tracks_newest on tracks (account_id, created_at desc, id);
create index tracks_xid on tracks (xid);
create index tracks_blob on tracks (sha256);

create trigger hold_blob before insert or update of sha256 on tracks for each row execute function hold_blob();
create trigger touch before insert or update on tracks for each row execute function touch_xid();
create trigger tell after insert or update or delete on tracks for each statement execute function tell_pages();

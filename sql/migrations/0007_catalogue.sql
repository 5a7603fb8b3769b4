-- What a library is found by: search, filters, tags, crates, playlists, the trash.
create extension if not exists pg_trgm;
create extension if not exists unaccent;

alter table tracks
    add column year       smallint,
    add column genre      text,
    add column comment    text,
    add column by_hand    text[] not null default '{}',        -- columns that a person wrote: decoding leaves them alone
    add column source     text not null default 'file',        -- where it came from: file, demo, disk
    add column deleted_at timestamptz,                          -- in the trash since
    add constraint tracks_year_is_plausible  check (year between 1000 and 2999),
    add constraint tracks_words_have_bounds  check (char_length(artist) <= 500 and char_length(album) <= 500
                                                    and char_length(genre) <= 200 and char_length(comment) <= 4000),
    add constraint tracks_source_is_a_word   check (source ~ '^[a-z]{1,20}$');

create index tracks_in_trash on tracks (account_id, deleted_at) where deleted_at is not null;

-- What is in the trash makes no work; what comes back from it goes on where it was.
create function mind_trash() returns trigger language plpgsql as $$
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

create trigger mind_trash after update on tracks referencing old table as was new table as became
    for each statement execute function mind_trash();

create table tags (
    id          bigint generated always as identity primary key,
    account_id  uuid not null references accounts on delete cascade,
    name        text not null,
    constraint tags_name_has_length check (name = btrim(name) and char_length(name) between 1 and 60)
);

create unique index tags_one_of_a_name on tags (account_id, lower(name));

create table track_tags (
    track_id  uuid not null references tracks on delete cascade,
    tag_id    bigint not null references tags on delete cascade,
    primary key (track_id, tag_id)
);

create index track_tags_of_tag on track_tags (tag_id);

-- A saved filter. What is in it is found anew each time.
create table crates (
    id          uuid primary key default gen_random_uuid(),
    account_id  uuid not null references accounts on delete cascade,
    name        text not null,
    filter      text not null,                      -- as the address of the library has it behind the "?"
    created_at  timestamptz not null default now(),
    constraint crates_name_has_length check (name = btrim(name) and char_length(name) between 1 and 120),
    constraint crates_filter_is_short check (char_length(filter) <= 2000)
);

create index crates_of_account on crates (account_id, name);

create table playlists (
    id          uuid primary key default gen_random_uuid(),
    account_id  uuid not null references accounts on delete cascade,
    name        text not null,
    created_at  timestamptz not null default now(),
    constraint playlists_name_has_length check (name = btrim(name) and char_length(name) between 1 and 120)
);

create index playlists_of_account on playlists (account_id, name);

-- A track may stand in a playlist twice, as in a set it is played in twice.
create table playlist_items (
    id           bigint generated always as identity primary key,
    playlist_id  uuid not null references playlists on delete cascade,
    track_id     uuid not null references tracks on delete cascade,
    place        double precision not null,         -- between its neighbours: a move changes one row
    constraint playlist_items_place_is_a_number check (place > '-infinity' and place < 'infinity')
);

create index playlist_items_in_order on playlist_items (playlist_id, place, id);
create index playlist_items_of_track on playlist_items (track_id);

-- One row a track: all that lists of tracks are searched, filtered and sorted by, out of the rows of many
-- rooms. Derived: `sfa.relist` writes it, triggers call that, and nothing else touches it.
create table listings (
    track_id    uuid primary key references tracks on delete cascade,
    account_id  uuid not null,
    state       text not null,                      -- queued, running, done, failed, cancelled
    title       text not null,                      -- these three: folded, as they are sorted
    artist      text,
    album       text,
    haystack    text not null,                      -- everything a person may search for, folded
    words       tsvector not null,
    tags        bigint[] not null,
    source      text not null,
    bpm         double precision,
    tonality    smallint,                           -- around the Camelot wheel: 1A is 2, 1B is 3, 2A is 4 …
    duration_s  double precision,
    lufs        double precision,
    engine      text,                               -- of "the stems"
    year        smallint,
    added_at    timestamptz not null,
    deleted_at  timestamptz
);

create index listings_newest on listings (account_id, added_at desc, track_id) where deleted_at is null;

create function relist() returns trigger language plpgsql as $$
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

create trigger relist_new after insert on tracks referencing new table as changed
    for each statement execute function relist();
create trigger relist_changed after update on tracks referencing new table as changed
    for each statement execute function relist();
create trigger relist_new after insert on runs referencing new table as changed
    for each statement execute function relist();
create trigger relist_changed after update on runs referencing new table as changed
    for each statement execute function relist();
create trigger relist_changed after update on separations referencing new table as changed
    for each statement execute function relist();
create trigger relist_new after insert on track_tags referencing new table as changed
    for each statement execute function relist();
create trigger relist_gone after delete on track_tags referencing old table as changed
    for each statement execute function relist();

-- A page shows tags, and which stems are "the stems", too.
create function touch_tracks() returns trigger language plpgsql as $$
begin
    update tracks set xid = pg_current_xact_id() where id in (select track_id from changed);
    return null;
end $$;

create trigger touch_new after insert on track_tags referencing new table as changed
    for each statement execute function touch_tracks();
create trigger touch_gone after delete on track_tags referencing old table as changed
    for each statement execute function touch_tracks();
create trigger touch_changed after update on separations referencing new table as changed
    for each statement execute function touch_tracks();

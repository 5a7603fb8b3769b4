-- What was asked of a separation, and what came of it.
create table separations (
    run_id     bigint primary key references runs on delete cascade,
    track_id   uuid not null references tracks on delete cascade,
    model      text not null,                       -- as asked
    wanted     text[],                              -- null: every stem that the model has
    fallback   boolean not null,                    -- may the quick engine stand in?
    engine     text,                                -- what ran; this and the rest: once done
    ran        text,
    device     text,
    why        text,                                -- why something else than asked ran, in a sentence
    fix        text,
    chosen     boolean not null default false,      -- "the stems" of its track

    constraint separations_stand_in_says_why check (ran is null or ran = model or why is not null),
    constraint separations_ran_whole         check ((engine is null) = (ran is null) and (engine is null) = (device is null)),
    constraint separations_chosen_has_run    check (not chosen or engine is not null)
);

create unique index separations_one_chosen on separations (track_id) where chosen;
create index separations_of_track on separations (track_id, run_id);

create table stems (
    id           uuid primary key default gen_random_uuid(),
    run_id       bigint not null references separations on delete cascade,
    track_id     uuid not null references tracks on delete cascade,
    name         text not null,                     -- vocals, drums, bass, other, guitar, piano
    frames       bigint not null,
    sample_rate  integer not null,
    channels     smallint not null,
    bytes        bigint not null,
    sha256       text not null references blobs,
    peak         real not null,                     -- largest sample, 1 is full scale

    constraint stems_one_of_a_name unique (run_id, name)
);

create index stems_of_track on stems (track_id);
create index stems_blob on stems (sha256);

create trigger hold_blob before insert or update of sha256 on stems for each row execute function hold_blob();

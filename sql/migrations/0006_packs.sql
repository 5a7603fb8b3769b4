-- The stems of a separation once more, as a player takes them: short segments of all of them side by side.
create table packs (
    run_id          bigint primary key references separations on delete cascade,
    track_id        uuid not null references tracks on delete cascade,
    stems           text[] not null,                -- in the order in which they lie in each segment
    frames          bigint not null,                -- of the song at 44.1 kHz
    segment_frames  integer not null,
    gain            double precision not null,      -- by which the stems are lower than in the mix
    offsets         bigint[] not null,              -- where each segment begins; the last is the size
    bytes           bigint not null,
    sha256          text not null references blobs,

    constraint packs_sound_has_length check (frames > 0 and segment_frames > 0 and cardinality(stems) > 0),
    constraint packs_only_turn_down   check (gain > 0 and gain <= 1),
    constraint packs_know_every_place check (
        cardinality(offsets) = (frames + segment_frames - 1) / segment_frames + 1
        and offsets[1] = 0 and offsets[cardinality(offsets)] = bytes)
);

create index packs_of_track on packs (track_id);
create index packs_blob on packs (sha256);

create trigger hold_blob before insert or update of sha256 on packs for each row execute function hold_blob();

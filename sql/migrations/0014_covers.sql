-- A picture of each track: out of its file, or chosen by a person.
create table covers (
    track_id  uuid primary key references tracks on delete cascade,
    sha256    text references blobs,        -- this and the next four: null where a person wants none
    bytes     bigint,
    width     smallint,
    height    smallint,
    small     bytea,                        -- the same as a little square: a list shows fifty at once
    by_hand   boolean not null,             -- decoding again leaves alone what a person chose

    constraint covers_are_whole_or_unwanted check (
        num_nulls(sha256, bytes, width, height, small) = 0
        or (num_nonnulls(sha256, bytes, width, height, small) = 0 and by_hand)),
    constraint covers_have_a_size  check (width > 0 and height > 0),
    constraint covers_small_is_so  check (octet_length(small) <= 65536)
);

create index covers_blob on covers (sha256);

create trigger hold_blob before insert or update of sha256 on covers for each row execute function hold_blob();

-- Pages show it beside the title.
create trigger touch_new after insert on covers referencing new table as changed
    for each statement execute function touch_tracks();
create trigger touch_changed after update on covers referencing new table as changed
    for each statement execute function touch_tracks();
create trigger touch_gone after delete on covers referencing old table as changed
    for each statement execute function touch_tracks();

create trigger journal after insert or update or delete on covers
    for each row execute function journal('track_id');

comment on table covers is 'cover';

-- What undo can bring back is not deleted from the disk.
create index journal_covers on journal ((before ->> 'sha256')) where table_name = 'covers';

-- What a person knows better than the readings. Apart from them, so that a new analysis changes nothing here;
-- values and no changes of values, so that they hold whatever it finds. No row: as it was read.
create table corrected_tempos (
    track_id  uuid primary key references tracks on delete cascade,
    bpm       double precision not null,
    steady    boolean not null,                     -- beats at even distances; else where they were heard
    constraint corrected_tempos_bpm_is_playable check (bpm between 20 and 400)
);

create table corrected_anchors (                    -- a beat is here, and the others move along
    track_id  uuid primary key references tracks on delete cascade,
    at_s      double precision not null,
    constraint corrected_anchors_lie_in_time check (at_s >= 0 and at_s < 'infinity')
);

create table corrected_downbeats (                  -- a bar begins here
    track_id  uuid primary key references tracks on delete cascade,
    at_s      double precision not null,
    constraint corrected_downbeats_lie_in_time check (at_s >= 0 and at_s < 'infinity')
);

create table corrected_metres (
    track_id       uuid primary key references tracks on delete cascade,
    beats_per_bar  smallint not null,
    constraint corrected_metres_can_be_counted check (beats_per_bar between 1 and 16)
);

create table corrected_keys (
    track_id  uuid primary key references tracks on delete cascade,
    tonic     text not null,                        -- as the key's signature spells it
    mode      text not null,
    camelot   text generated always as (
        case mode
            when 'major' then (7 * array_position(array['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'], tonic)
                               % 12 + 1) || 'B'
            when 'minor' then ((7 * array_position(array['C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'G#', 'A', 'Bb', 'B'], tonic)
                                + 21) % 12 + 1) || 'A'
        end) stored not null
);

-- All chords of a track at once, and all sections: one that was not touched is here as well.
create table corrected_chords (
    track_id  uuid not null references tracks on delete cascade,
    n         integer not null,
    start_s   double precision not null,
    end_s     double precision not null,
    label     text not null,                        -- N: no chord
    primary key (track_id, n),
    constraint corrected_chords_last check (start_s >= 0 and end_s > start_s and end_s < 'infinity')
);

create table corrected_sections (
    track_id  uuid not null references tracks on delete cascade,
    n         integer not null,
    start_s   double precision not null,
    end_s     double precision not null,
    label     text not null,
    primary key (track_id, n),
    constraint corrected_sections_last  check (start_s >= 0 and end_s > start_s and end_s < 'infinity'),
    constraint corrected_sections_named check (label <> '' and char_length(label) <= 60)
);

comment on table corrected_tempos is 'tempo';
comment on table corrected_anchors is 'place of the beats';
comment on table corrected_downbeats is 'first downbeat';
comment on table corrected_metres is 'metre';
comment on table corrected_keys is 'key';
comment on table corrected_chords is 'chord';
comment on table corrected_sections is 'section';

-- Rises with every change of a part, an undo included, so that a write can say what it was made upon.
create table correction_versions (
    track_id    uuid not null references tracks on delete cascade,
    part        text not null,
    version     bigint not null default 1,
    changed_at  timestamptz not null default now(),
    primary key (track_id, part),
    constraint correction_versions_part_is_known check (part in ('grid', 'key', 'chords', 'sections'))
);

-- A track that is being deleted takes its corrections along and is not there any more.
create function mind_corrections() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    insert into correction_versions (track_id, part)
    select distinct c.track_id, tg_argv[0] from changed c join tracks t on t.id = c.track_id
    on conflict (track_id, part) do update set version = correction_versions.version + 1, changed_at = now();
    update tracks set xid = pg_current_xact_id() where id in (select track_id from changed);
    return null;
end $$;

do $$
declare
    part record;
begin
    for part in
        select * from (values ('corrected_tempos', 'grid', array['track_id']),
                              ('corrected_anchors', 'grid', array['track_id']),
                              ('corrected_downbeats', 'grid', array['track_id']),
                              ('corrected_metres', 'grid', array['track_id']),
                              ('corrected_keys', 'key', array['track_id']),
                              ('corrected_chords', 'chords', array['track_id', 'n']),
                              ('corrected_sections', 'sections', array['track_id', 'n'])) as p (of_table, name, key)
    loop
        execute format('create trigger mind_new after insert on %I referencing new table as changed
                        for each statement execute function mind_corrections(%L)', part.of_table, part.name);
        execute format('create trigger mind_changed after update on %I referencing new table as changed
                        for each statement execute function mind_corrections(%L)', part.of_table, part.name);
        execute format('create trigger mind_gone after delete on %I referencing old table as changed
                        for each statement execute function mind_corrections(%L)', part.of_table, part.name);
        execute format('create trigger journal after insert or update or delete on %I
                        for each row execute function journal(%s)', part.of_table,
                       (select string_agg(quote_literal(k), ', ') from unnest(part.key) k));
    end loop;
end $$;

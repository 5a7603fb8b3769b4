-- What the plots of a track are drawn from beside its readings.

-- How alike each two moments are: a picture of bytes, deflated, for it is read as a whole and repeats itself.
alter table curves
    drop constraint curves_dtype_is_known,
    add constraint curves_dtype_is_known check (dtype in ('uint8', 'float16', 'float32', 'float64')),
    add column deflated boolean not null default false;

-- What the key was told from.
create table key_evidence (
    track_id  uuid primary key references tracks on delete cascade,
    strength  real[] not null,                      -- of each pitch class, C first; the strongest is 1
    fits      real[] not null,                      -- correlation with each key's profile: major from C up, then minor
    scores    real[] not null,                      -- the same with what the chords say
    constraint key_evidence_is_of_all_keys check (
        cardinality(strength) = 12 and cardinality(fits) = 24 and cardinality(scores) = 24)
);

-- Mean level of a stem in third-octave bands: 25 Hz, 31.5 Hz, ... 20 kHz.
create table stem_spectra (
    stem_id   uuid primary key references stems on delete cascade,
    level_db  real[] not null,
    constraint stem_spectra_have_thirty_bands check (cardinality(level_db) = 30)
);

-- How much of what sounds in a band is two stems at once and equally loud: 0 never, 1 always and nothing else.
create table stem_meetings (
    stem_id   uuid not null references stems on delete cascade,
    other_id  uuid not null references stems on delete cascade,
    share     real[] not null,
    primary key (stem_id, other_id),
    constraint stem_meetings_have_thirty_bands check (cardinality(share) = 30)
);

create index stem_meetings_other on stem_meetings (other_id);

-- What was read from the sound. One row here for every reading that was tried: how it was taken and how
-- sure it is, or why it could not be taken. The values stand in the tables below.
create table readings (
    track_id    uuid not null references tracks on delete cascade,
    name        text not null,
    method      text,
    confidence  real,
    absent      text,                               -- the reason, when there is no value
    run_id      bigint not null,
    primary key (track_id, name),

    constraint readings_taken_or_absent    check ((absent is null) = (method is not null)),
    constraint readings_confidence_a_share check (confidence between 0 and 1)
);

create table tempos (
    track_id    uuid not null references tracks on delete cascade,
    rank        smallint not null,                  -- 0 is the reading, the others are alternatives
    bpm         double precision not null,
    confidence  real not null,
    primary key (track_id, rank),
    constraint tempos_bpm_is_positive check (bpm > 0)
);

create table beats (
    track_id  uuid not null references tracks on delete cascade,
    n         integer not null,
    at_s      double precision not null,
    position  smallint not null,                    -- within the bar; 1 is the downbeat, 0 not known
    primary key (track_id, n)
);

create table metres (
    track_id       uuid primary key references tracks on delete cascade,
    beats_per_bar  smallint not null
);

create table keys (
    track_id    uuid not null references tracks on delete cascade,
    rank        smallint not null,                  -- 0 is the reading, the others are runners-up
    tonic       text not null,
    mode        text not null,
    camelot     text not null,
    confidence  real not null,
    tuning_hz   double precision,                   -- of the A above middle C; with rank 0
    primary key (track_id, rank),
    constraint keys_mode_is_known   check (mode in ('major', 'minor')),
    constraint keys_camelot_is_code check (camelot ~ '^(1[0-2]|[1-9])[AB]$')
);

create table chords (
    track_id    uuid not null references tracks on delete cascade,
    n           integer not null,
    start_s     double precision not null,
    end_s       double precision not null,
    label       text not null,                      -- N: no chord
    confidence  real not null,
    primary key (track_id, n),
    constraint chords_last check (end_s > start_s)
);

create table sections (
    track_id    uuid not null references tracks on delete cascade,
    n           integer not null,
    start_s     double precision not null,
    end_s       double precision not null,
    label       text not null,
    group_n     smallint not null,                  -- sections of one number repeat each other
    confidence  real not null,
    primary key (track_id, n),
    constraint sections_last check (end_s > start_s)
);

-- A level that is minus infinity is null: silence has no loudness.
create table loudness (
    track_id             uuid primary key references tracks on delete cascade,
    integrated_lufs      double precision,
    range_lu             double precision,
    max_momentary_lufs   double precision,
    max_short_term_lufs  double precision,
    true_peak_dbtp       double precision,
    sample_peak_dbfs     double precision
);

create table spectrum (
    track_id  uuid not null references tracks on delete cascade,
    feature   text not null,
    mean      double precision not null,
    std       double precision not null,
    unit      text not null,
    primary key (track_id, feature)
);

create table balance (
    track_id          uuid primary key references tracks on delete cascade,
    harmonic_share    real not null,
    percussive_share  real not null
);

create table onsets (
    track_id  uuid primary key references tracks on delete cascade,
    count     integer not null,
    per_s     double precision not null
);

-- Curves over time, as arrays of little-endian floats in row-major order. Stored unpacked, so that
-- substring() reads a slice without the rest.
create table curves (
    track_id  uuid not null references tracks on delete cascade,
    name      text not null,
    unit      text not null,
    hop_s     double precision,                     -- null: not evenly spaced
    start_s   double precision not null,
    dtype     text not null,
    shape     integer[] not null,
    data      bytea not null,
    primary key (track_id, name),
    constraint curves_dtype_is_known check (dtype in ('float16', 'float32', 'float64'))
);
alter table curves alter column data set storage external;

-- Waveforms: one byte per stretch of frames, the largest |sample| of it times 255.
create table peaks (
    track_id         uuid not null references tracks on delete cascade,
    level            smallint not null,
    frames_per_peak  integer not null,
    data             bytea not null,
    primary key (track_id, level)
);
alter table peaks alter column data set storage external;

create table stem_readings (
    stem_id               uuid primary key references stems on delete cascade,
    integrated_lufs       double precision,
    true_peak_dbtp        double precision,
    energy_share          real not null,            -- of all stems of the separation
    active_share          real not null,            -- of the time
    onsets_per_s          double precision,
    spectral_centroid_hz  double precision
);

create table stem_peaks (
    stem_id          uuid not null references stems on delete cascade,
    level            smallint not null,
    frames_per_peak  integer not null,
    data             bytea not null,
    primary key (stem_id, level)
);
alter table stem_peaks alter column data set storage external;

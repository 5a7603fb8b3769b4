-- A file on its way in, a part at a time: whoever is interrupted goes on where it stopped. The bytes lie in a
-- scratch folder that carries the id; the row says how many of them are safe there.
create table uploads (
    id          uuid primary key default gen_random_uuid(),
    account_id  uuid not null references accounts on delete cascade,
    file_name   text not null,                  -- what its owner called the file
    bytes       bigint not null,                -- of the whole
    received    bigint not null default 0,
    fingerprint text,                           -- by which a page knows the file when it is chosen again
    sha256      text,                           -- of the whole, as the page says; checked at the end
    track_id    uuid references tracks on delete cascade,  -- what became of it; null while it is open
    is_new      boolean,                        -- false: the library had these bytes already
    created_at  timestamptz not null default now(),
    touched_at  timestamptz not null default now(),        -- when the last part came

    constraint uploads_have_bytes         check (bytes > 0 and received between 0 and bytes),
    constraint uploads_end_whole          check (track_id is null or received = bytes),
    constraint uploads_end_says_all       check ((track_id is null) = (is_new is null)),
    constraint uploads_sha256_is_hex      check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint uploads_fingerprint_length check (char_length(fingerprint) between 1 and 200)
);

-- Chosen again, in whatever tab or browser: the same row, so that nothing is sent twice. One that has ended is
-- kept for a day, for a page that never heard of its end.
create unique index uploads_once on uploads (account_id, bytes, fingerprint) where track_id is null;
create index uploads_of_account on uploads (account_id, touched_at);
create index uploads_of_track on uploads (track_id) where track_id is not null;

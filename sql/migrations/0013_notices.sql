-- What a person may want to know when they come back: what was finished, and what went wrong.
create table notices (
    id          bigint generated always as identity primary key,
    account_id  uuid not null references accounts on delete cascade,
    track_id    uuid not null references tracks on delete cascade,
    kind        text not null,
    at          timestamptz not null default clock_timestamp(),
    seen_at     timestamptz,

    constraint notices_kind_is_known check (kind in ('done', 'failed'))
);

create index notices_newest on notices (account_id, id desc);
create index notices_unseen on notices (account_id) where seen_at is null;
create index notices_of_track on notices (track_id);

-- One for each time that all the work of a track has ended; what a person cancelled they know.
create function notice_end() returns trigger language plpgsql as $$
begin
    delete from notices where track_id = new.track_id and seen_at is null;      -- the last word counts
    insert into notices (account_id, track_id, kind) values (new.account_id, new.track_id, new.state);
    return null;
end $$;

create trigger notice_end after update of state on listings for each row
    when (old.state in ('queued', 'running') and new.state in ('done', 'failed') and new.deleted_at is null)
    execute function notice_end();

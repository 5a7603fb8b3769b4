-- Queries of the room sfa.uploads.

-- name: lock_account
-- Whoever counts the open uploads of an account does so alone.
select id as value from accounts where id = %(account_id)s for no key update;

-- name: count_open
select count(*) as value from uploads
 where account_id = %(account_id)s and track_id is null
   and touched_at > now() - %(patience)s::interval;

-- name: open_again
-- An upload of the same file that was interrupted.
update uploads
   set touched_at = now()
 where account_id = %(account_id)s and bytes = %(bytes)s and fingerprint = %(fingerprint)s and track_id is null
returning id, account_id, file_name, bytes, received, fingerprint, sha256, track_id, is_new,
          0::float8 as quiet_s;

-- name: open_upload
insert into uploads (account_id, file_name, bytes, fingerprint, sha256)
values (%(account_id)s, %(file_name)s, %(bytes)s, %(fingerprint)s, %(sha256)s)
returning id, account_id, file_name, bytes, received, fingerprint, sha256, track_id, is_new,
          0::float8 as quiet_s;

-- name: upload_by_id
select id, account_id, file_name, bytes, received, fingerprint, sha256, track_id, is_new,
       extract(epoch from now() - touched_at)::float8 as quiet_s
  from uploads
 where id = %(upload_id)s and account_id = %(account_id)s;

-- name: lock_upload
-- Two who send to one upload would write over each other: the second is turned away at once.
select id, account_id, file_name, bytes, received, fingerprint, sha256, track_id, is_new,
       extract(epoch from now() - touched_at)::float8 as quiet_s
  from uploads
 where id = %(upload_id)s and account_id = %(account_id)s
   for update nowait;

-- name: await_upload
-- Two who bring it to its end find the same track: the second waits.
select id, account_id, file_name, bytes, received, fingerprint, sha256, track_id, is_new,
       extract(epoch from now() - touched_at)::float8 as quiet_s
  from uploads
 where id = %(upload_id)s and account_id = %(account_id)s
   for update;

-- name: put_received
update uploads set received = %(received)s, touched_at = now() where id = %(upload_id)s;

-- name: put_track
update uploads set track_id = %(track_id)s, is_new = %(is_new)s, touched_at = now() where id = %(upload_id)s;

-- name: drop_upload
delete from uploads where id = %(upload_id)s and account_id = %(account_id)s;

-- name: open_uploads
select id, account_id, file_name, bytes, received, fingerprint, sha256, track_id, is_new,
       extract(epoch from now() - touched_at)::float8 as quiet_s
  from uploads
 where account_id = %(account_id)s and track_id is null
 order by touched_at desc, id
 limit %(limit)s;

-- name: bytes_to_come
-- What has been promised room on the disk, whoever it was promised to.
select coalesce(sum(bytes - received), 0)::bigint as value from uploads
 where track_id is null and touched_at > now() - %(patience)s::interval;

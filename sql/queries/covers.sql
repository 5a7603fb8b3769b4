-- Queries of the room sfa.covers.

-- name: lock_track
-- Its owner's; two who choose at once do so one after the other.
select title as value from tracks
 where id = %(track_id)s and account_id = %(account_id)s and deleted_at is null
   for no key update;

-- name: put_chosen
-- Nulls where a person wants none.
insert into covers (track_id, sha256, bytes, width, height, small, by_hand)
values (%(track_id)s, %(sha256)s, %(bytes)s, %(width)s, %(height)s, %(small)s, true)
on conflict (track_id) do update
   set sha256 = excluded.sha256, bytes = excluded.bytes, width = excluded.width, height = excluded.height,
       small = excluded.small, by_hand = true;

-- name: put_found
insert into covers (track_id, sha256, bytes, width, height, small, by_hand)
values (%(track_id)s, %(sha256)s, %(bytes)s, %(width)s, %(height)s, %(small)s, false)
on conflict (track_id) do update
   set sha256 = excluded.sha256, bytes = excluded.bytes, width = excluded.width, height = excluded.height,
       small = excluded.small
 where not covers.by_hand and covers.sha256 <> excluded.sha256;

-- name: drop_found
delete from covers where track_id = %(track_id)s and not by_hand;

-- name: covers_of_tracks
select c.track_id, c.sha256
  from covers c
  join tracks t on t.id = c.track_id
 where c.track_id = any (%(track_ids)s) and t.account_id = %(account_id)s and c.sha256 is not null;

-- name: cover_of_track
select c.track_id, c.sha256
  from covers c
  join tracks t on t.id = c.track_id
 where c.track_id = %(track_id)s and t.account_id = %(account_id)s and c.sha256 is not null;

-- name: small_of_track
select c.small as value
  from covers c
  join tracks t on t.id = c.track_id
 where c.track_id = %(track_id)s and t.account_id = %(account_id)s and c.sha256 is not null;

-- Queries of the room sfa.library.

-- name: add_track
-- Nothing comes back when this account has the same file already.
insert into tracks (id, account_id, title, file_name, bytes, sha256, priority, source)
values (%(id)s, %(account_id)s, %(title)s, %(file_name)s, %(bytes)s, %(sha256)s, %(priority)s, %(source)s)
on conflict (account_id, sha256) where sha256 is not null do nothing
returning id as value;

-- name: track_of_file
select id as value from tracks where account_id = %(account_id)s and sha256 = %(sha256)s;

-- name: tracks_of_files
select id, title, sha256, bytes
  from tracks
 where account_id = %(account_id)s and sha256 = any (%(sha256s)s) and deleted_at is null;

-- name: out_of_trash
update tracks set deleted_at = null where id = %(track_id)s and deleted_at is not null;

-- name: forge
select sfa.forge_track(%(track_id)s, %(model)s, %(stems)s, %(fallback)s) as value;

-- name: forge_tracks
select sfa.forge_tracks(array_agg(id), %(model)s, null, false) as value
  from tracks
 where id = any (%(track_ids)s) and account_id = %(account_id)s and deleted_at is null;

-- name: track_by_id
select id, title, artist, album, duration_s, sample_rate, channels, frames, format, lossy, file_name, sha256,
       bytes, created_at
  from tracks
 where id = %(track_id)s and account_id = %(account_id)s and deleted_at is null;

-- name: count_tracks
select count(*) as value from tracks where account_id = %(account_id)s and deleted_at is null;

-- name: source_of_track
-- For a worker, which acts for whoever owns the track.
select id, account_id, file_name, sha256, taken_from from tracks where id = %(track_id)s;

-- name: copied
update tracks set bytes = %(bytes)s, sha256 = %(sha256)s where id = %(track_id)s;

-- name: other_track_of_file
select title as value from tracks
 where account_id = %(account_id)s and sha256 = %(sha256)s and id <> %(track_id)s;

-- name: decoded
-- What a person wrote while it waited stays, and so does what they emptied.
update tracks
   set duration_s = %(duration_s)s, sample_rate = %(sample_rate)s, channels = %(channels)s, frames = %(frames)s,
       format = %(format)s, lossy = %(lossy)s,
       title = case when by_hand @> '{title}' then title else coalesce(%(title)s, title) end,
       artist = case when by_hand @> '{artist}' then artist else coalesce(artist, %(artist)s) end,
       album = case when by_hand @> '{album}' then album else coalesce(album, %(album)s) end,
       year = case when by_hand @> '{year}' then year else coalesce(year, %(year)s) end,
       genre = case when by_hand @> '{genre}' then genre else coalesce(genre, %(genre)s) end
 where id = %(track_id)s;

-- name: tracks_by_ids
select id, title, artist, album, duration_s, sample_rate, channels, frames, format, lossy, file_name, sha256,
       bytes, created_at
  from tracks
 where id = any (%(track_ids)s) and account_id = %(account_id)s and deleted_at is null
 order by created_at desc, id desc;

-- name: tracks_in_trash
select id, title, artist, album, duration_s, sample_rate, channels, frames, format, lossy, file_name, sha256,
       bytes, created_at
  from tracks
 where id = any (%(track_ids)s) and account_id = %(account_id)s and deleted_at is not null;

-- name: sound_of_track
-- Nothing comes back before the file has been copied into the media folder.
select title, file_name, sha256
  from tracks
 where id = %(track_id)s and account_id = %(account_id)s and sha256 is not null
   and deleted_at is null;

-- Queries of the room sfa.downloads: what a track's sound is fetched for, where it may be had, and who wants a pause.

-- name: wanted
-- For a worker, which acts for whoever owns the track.
select t.id, t.sha256 is not null as is_there, t.file_name, o.source, o.ref_id, o.url, o.title, o.artists, o.album,
       o.album_artist, o.disc, o.number, o.duration_ms, o.isrc, o.cover_url, o.released, o.explicit, o.sound_url
  from tracks t
  join origins o on o.track_id = t.id
 where t.id = %(track_id)s;

-- name: closed_until
select closed_until as value from far_sides where name = %(name)s and closed_until > now();

-- name: close_far_side
insert into far_sides (name, closed_until, code, why) values (%(name)s, %(until)s, %(code)s, %(why)s)
on conflict (name) do update
   set closed_until = greatest(far_sides.closed_until, excluded.closed_until), code = excluded.code, why = excluded.why;

-- name: forget_candidates
delete from candidates where track_id = %(track_id)s;

-- name: add_candidate
insert into candidates (track_id, url, provider, title, artists, duration_ms, score, doubt)
values (%(track_id)s, %(url)s, %(provider)s, %(title)s, %(artists)s, %(duration_ms)s, %(score)s, %(doubt)s)
on conflict (track_id, url) do nothing;

-- name: doubt_candidate
update candidates set doubt = %(doubt)s where track_id = %(track_id)s and url = %(url)s;

-- name: take_candidate
-- A place that a person named, and that no search had found, is one from now on.
insert into candidates (track_id, url, provider, title, duration_ms, score, taken)
values (%(track_id)s, %(url)s, %(provider)s, %(title)s, %(duration_ms)s, 1, true)
on conflict (track_id, url) do update set taken = true;

-- name: name_file
update tracks set file_name = %(file_name)s where id = %(track_id)s;

-- name: candidates_of_track
select c.url, c.provider, c.title, c.artists, c.duration_ms, c.score, c.doubt, c.taken
  from candidates c
  join tracks t on t.id = c.track_id
 where c.track_id = %(track_id)s and t.account_id = %(account_id)s
 order by c.taken desc, c.doubt is not null, c.score desc, c.url;

-- name: choose_sound
-- Null where its owner says that it is to be looked for again.
update origins set sound_url = %(url)s where track_id = %(track_id)s and account_id = %(account_id)s;

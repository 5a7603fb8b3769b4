-- Queries of the room sfa.playlists: tracks in an order of one's own, and filters with a name.

-- name: playlists_of_account
select p.id, p.name, p.created_at, count(t.id)::int as tracks, coalesce(sum(t.duration_s), 0)::float8 as length_s
  from playlists p
  left join playlist_items i on i.playlist_id = p.id
  left join tracks t on t.id = i.track_id and t.deleted_at is null
 where p.account_id = %(account_id)s
 group by p.id
 order by lower(p.name), p.id;

-- name: playlist_by_id
select p.id, p.name, p.created_at, count(t.id)::int as tracks, coalesce(sum(t.duration_s), 0)::float8 as length_s
  from playlists p
  left join playlist_items i on i.playlist_id = p.id
  left join tracks t on t.id = i.track_id and t.deleted_at is null
 where p.id = %(playlist_id)s and p.account_id = %(account_id)s
 group by p.id;

-- name: items_of_playlist
select i.id, i.track_id
  from playlist_items i
  join playlists p on p.id = i.playlist_id
  join tracks t on t.id = i.track_id and t.deleted_at is null
 where i.playlist_id = %(playlist_id)s and p.account_id = %(account_id)s
 order by i.place, i.id
 limit %(limit)s;

-- name: make_playlist
insert into playlists (account_id, name) values (%(account_id)s, %(name)s) returning id as value;

-- name: rename_playlist
update playlists set name = %(name)s where id = %(playlist_id)s and account_id = %(account_id)s;

-- name: drop_playlist
delete from playlists where id = %(playlist_id)s and account_id = %(account_id)s;

-- name: lock_playlist
-- Whoever puts something into it, one after the other.
select name as value from playlists where id = %(playlist_id)s and account_id = %(account_id)s for no key update;

-- name: append
insert into playlist_items (playlist_id, track_id, place)
select %(playlist_id)s, t.id,
       (select coalesce(max(place), 0) from playlist_items where playlist_id = %(playlist_id)s) + w.n
  from unnest(%(track_ids)s::uuid[]) with ordinality w (id, n)
  join tracks t on t.id = w.id and t.account_id = %(account_id)s and t.deleted_at is null
 order by w.n;

-- name: take_out
delete from playlist_items i using playlists p
 where p.id = i.playlist_id and p.account_id = %(account_id)s and p.id = %(playlist_id)s and i.id = any (%(item_ids)s);

-- name: move_before
-- Half way between the one that is to follow and the one before it; without one to follow, to the end.
update playlist_items m
   set place = case when %(before)s::bigint is null then (
                        select max(place) + 1 from playlist_items where playlist_id = m.playlist_id)
               else (select (n.place + coalesce(max(o.place), n.place - 2)) / 2
                       from playlist_items n
                       left join playlist_items o on o.playlist_id = n.playlist_id and o.id <> m.id
                                                 and (o.place, o.id) < (n.place, n.id)
                      where n.id = %(before)s and n.playlist_id = m.playlist_id
                      group by n.id) end
 where m.id = %(item_id)s and m.playlist_id = %(playlist_id)s;

-- name: is_tight
-- Two neighbours so close that nothing fits between them any more.
select exists (
    select from (select place - lag(place) over (order by place, id) as gap
                   from playlist_items where playlist_id = %(playlist_id)s) g
     where gap < 1e-6) as value;

-- name: spread
update playlist_items i set place = o.n
  from (select id, row_number() over (order by place, id) as n
          from playlist_items where playlist_id = %(playlist_id)s) o
 where i.id = o.id;

-- name: crates_of_account
select id, name, filter from crates where account_id = %(account_id)s order by lower(name), id;

-- name: make_crate
insert into crates (account_id, name, filter) values (%(account_id)s, %(name)s, %(filter)s);

-- name: change_crate
-- The address that a name stands for.
update crates set filter = %(filter)s where account_id = %(account_id)s and lower(name) = lower(%(name)s);

-- name: drop_crate
delete from crates where id = %(crate_id)s and account_id = %(account_id)s;

-- name: crate_by_id
select id, name, filter from crates where id = %(crate_id)s and account_id = %(account_id)s;

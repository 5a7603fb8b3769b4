-- Queries of the room sfa.catalogue: the library as it is searched, filtered, sorted and grouped.

-- name: find
-- A page of what a filter lets through. `rank` sorts first and always upwards, `letters` by the direction; both
-- together with the id are the place from which the next page goes on.
with asked as (
    select %(sort)s::text as sort, %(direction)s::integer as direction, sfa.fold(%(words)s::text) as q,
           array(select sfa.within(word) from regexp_split_to_table(sfa.fold(%(words)s::text), '\s+') word
                  where word <> '') as patterns
), hit as (
    select l.*, k.letters, coalesce(k.number * a.direction, 'infinity') as rank, a.direction
      from listings l
      cross join asked a
      cross join lateral (
          select case a.sort when 'title' then l.title when 'artist' then l.artist when 'album' then l.album
                             when 'state' then l.state end as letters,
                 case a.sort when 'added' then extract(epoch from l.added_at)
                             when 'bpm' then l.bpm
                             when 'key' then l.tonality
                             when 'length' then l.duration_s
                             when 'loudness' then l.lufs
                             when 'year' then l.year
                             when 'match' then a.direction * (
                                 - 2 * strict_word_similarity(a.q, l.title)
                                 - ts_rank(l.words, plainto_tsquery('simple', a.q)))
                             when 'title' then a.direction when 'state' then a.direction
                             when 'artist' then a.direction * (l.artist is null)::integer
                             when 'album' then a.direction * (l.album is null)::integer
                 end::double precision as number
          offset 0) k       -- computed once, not wherever it is named
     where l.account_id = %(account_id)s
       and (l.deleted_at is not null) = %(in_trash)s::boolean
       and (cardinality(a.patterns) = 0
            or l.haystack like all (a.patterns)
            or (%(loosely)s::boolean and word_similarity(a.q, l.haystack) > 0.45))
       and (%(bpm_low)s::float8 is null or l.bpm between %(bpm_low)s and %(bpm_high)s
            or (%(bpm_octaves)s::boolean and (l.bpm * 2 between %(bpm_low)s and %(bpm_high)s
                                              or l.bpm / 2 between %(bpm_low)s and %(bpm_high)s)))
       and (%(tonalities)s::smallint[] is null or l.tonality = any (%(tonalities)s))
       and (%(length_low)s::float8 is null or l.duration_s between %(length_low)s and %(length_high)s)
       and (%(lufs_low)s::float8 is null or l.lufs between %(lufs_low)s and %(lufs_high)s)
       and (%(year_low)s::float8 is null or l.year between %(year_low)s and %(year_high)s)
       and (%(states)s::text[] is null or l.state = any (%(states)s))
       and (%(sources)s::text[] is null or l.source = any (%(sources)s))
       and (%(engines)s::text[] is null or l.engine = any (%(engines)s))
       and (%(tags)s::bigint[] is null or l.tags @> %(tags)s::bigint[])
       and (%(added_after)s::timestamptz is null or l.added_at >= %(added_after)s)
       and (%(added_before)s::timestamptz is null or l.added_at < %(added_before)s)
)
select track_id, rank, letters,
       case when %(counted)s::boolean then count(*) over () end as found,
       case when %(counted)s::boolean then coalesce(sum(duration_s) over (), 0) end as length_s
  from hit
 where %(after_rank)s::float8 is null
    or rank > %(after_rank)s
    or (rank = %(after_rank)s
        and (direction * case when letters > %(after_letters)s::text then 1 when letters < %(after_letters)s then -1 else 0 end > 0
             or (letters is not distinct from %(after_letters)s and track_id > %(after_id)s::uuid)))
 order by rank, case when direction > 0 then letters end, case when direction < 0 then letters end desc, track_id
 limit %(limit)s;

-- name: counts_by_state
select coalesce(sum(n) filter (where not gone), 0)::int as all, coalesce(sum(n) filter (where gone), 0)::int as trash,
       coalesce(sum(n) filter (where state in ('running', 'queued') and not gone), 0)::int as moving,
       coalesce(sum(n) filter (where state = 'failed' and not gone), 0)::int as failed,
       coalesce(sum(s) filter (where not gone), 0)::float8 as length_s
  from (select state, deleted_at is not null as gone, count(*) as n, sum(duration_s) as s
          from listings where account_id = %(account_id)s group by 1, 2) c;

-- name: tags_of_account
select a.id, a.name, count(l.track_id)::int as tracks
  from tags a
  left join track_tags x on x.tag_id = a.id
  left join listings l on l.track_id = x.track_id and l.deleted_at is null
 where a.account_id = %(account_id)s
 group by a.id
having count(l.track_id) > 0
 order by lower(a.name);

-- name: tags_of_tracks
select x.track_id, a.id, a.name
  from track_tags x
  join tags a on a.id = x.tag_id
 where x.track_id = any (%(track_ids)s) and a.account_id = %(account_id)s
 order by lower(a.name);

-- name: make_tag
insert into tags (account_id, name) values (%(account_id)s, %(name)s)
on conflict (account_id, lower(name)) do update set name = tags.name
returning id as value;

-- name: tag_tracks
insert into track_tags (track_id, tag_id)
select t.id, %(tag_id)s
  from tracks t
 where t.id = any (%(track_ids)s) and t.account_id = %(account_id)s and t.deleted_at is null
    on conflict do nothing;

-- name: untag_tracks
delete from track_tags x using tags a, tracks t
 where a.id = x.tag_id and a.account_id = %(account_id)s and lower(a.name) = lower(%(name)s)
   and t.id = x.track_id and t.id = any (%(track_ids)s) and t.deleted_at is null;

-- name: trash_tracks
update tracks set deleted_at = now()
 where id = any (%(track_ids)s) and account_id = %(account_id)s and deleted_at is null;

-- name: restore_tracks
update tracks set deleted_at = null
 where id = any (%(track_ids)s) and account_id = %(account_id)s and deleted_at is not null;

-- name: purge_tracks
-- For good. Their files go with the next sweep, unless other tracks have the same content.
delete from tracks where id = any (%(track_ids)s) and account_id = %(account_id)s and deleted_at is not null;

-- name: purge_expired
delete from tracks where deleted_at < now() - make_interval(days => %(days)s);

-- name: drive_tracks
with present as (
    select array_agg(id) as ids from tracks
     where id = any (%(track_ids)s) and account_id = %(account_id)s and deleted_at is null
)
select case %(what)s::text
           when 'retry' then sfa.retry_tracks(ids) when 'cancel' then sfa.cancel_tracks(ids)
           when 'first' then sfa.prioritise_tracks(ids, 10) when 'later' then sfa.prioritise_tracks(ids, 0) end as value
  from present;

-- name: describe_track
update tracks
   set title = %(title)s, artist = %(artist)s, album = %(album)s, year = %(year)s, genre = %(genre)s,
       comment = %(comment)s, by_hand = array(select distinct unnest(by_hand || %(by_hand)s::text[]) order by 1)
 where id = %(track_id)s and account_id = %(account_id)s and deleted_at is null;

-- name: description_of_track
select title, artist, album, year, genre, comment
  from tracks where id = %(track_id)s and account_id = %(account_id)s and deleted_at is null;

-- name: lock_description
-- Two who write at once do so one after the other.
select title, artist, album, year, genre, comment
  from tracks where id = %(track_id)s and account_id = %(account_id)s and deleted_at is null
   for no key update;

-- What lists of tracks are found by.

-- Text as it is compared: no accents, no capitals.
create function sfa.fold(p_text text) returns text language sql stable set search_path = public, pg_temp as $$
    select lower(unaccent(btrim(p_text))) $$;

-- Text as it is sorted: folded, and its numbers by their value.
create function sfa.sortable(p_text text) returns text language sql stable set search_path = public, pg_temp as $$
    select regexp_replace(regexp_replace(sfa.fold(p_text), '(\d+)', '000000000\1', 'g'), '\d*(\d{10})', '\1', 'g') $$;

-- Where a key stands around the Camelot wheel, minor before major: 1A 2, 1B 3, … 12B 25.
create function sfa.tonality(p_camelot text) returns smallint language sql immutable as $$
    select (2 * rtrim(p_camelot, 'AB')::integer + case when p_camelot like '%B' then 1 else 0 end)::smallint $$;

-- A piece of text as a pattern for LIKE that matches it wherever it stands, and nothing else.
create function sfa.within(p_text text) returns text language sql immutable as $$
    select '%' || replace(replace(replace(p_text, '\', '\\'), '%', '\%'), '_', '\_') || '%' $$;

create function sfa.relist(p_tracks uuid[]) returns void
language sql set search_path = public, pg_temp as $$
    insert into listings as l (track_id, account_id, state, title, artist, album, haystack, words, tags, source, bpm,
                               tonality, duration_s, lufs, engine, year, added_at, deleted_at, ended_at)
    select t.id, t.account_id, sfa.standing(t.id), sfa.sortable(t.title), sfa.sortable(t.artist), sfa.sortable(t.album),
           w.haystack, to_tsvector('simple', w.haystack), g.ids, t.source, v.bpm, sfa.tonality(v.camelot),
           t.duration_s, v.integrated_lufs, s.engine, t.year, t.created_at, t.deleted_at,
           -- With a filter, or the planner goes through what ended of all tracks to find the last of this one.
           (select max(finished_at) filter (where state in ('done', 'failed', 'cancelled')) from runs where track_id = t.id)
      from tracks t
      cross join lateral (
          select coalesce(array_agg(a.id order by a.id), '{}') as ids, string_agg(a.name, ' ') as names
            from track_tags x join tags a on a.id = x.tag_id where x.track_id = t.id) g
      cross join lateral (
          select sfa.fold(concat_ws(' ', t.title, t.artist, t.album, t.genre, t.year, t.comment, t.file_name, g.names))
              as haystack) w
      join sfa.effective_headlines v on v.track_id = t.id
      left join separations s on s.track_id = t.id and s.chosen
     where t.id = any (p_tracks)
     order by t.id
    on conflict (track_id) do update
       set account_id = excluded.account_id, state = excluded.state, title = excluded.title, artist = excluded.artist,
           album = excluded.album, haystack = excluded.haystack, words = excluded.words, tags = excluded.tags,
           source = excluded.source, bpm = excluded.bpm, tonality = excluded.tonality, duration_s = excluded.duration_s,
           lufs = excluded.lufs, engine = excluded.engine, year = excluded.year, added_at = excluded.added_at,
           deleted_at = excluded.deleted_at, ended_at = excluded.ended_at
     where l is distinct from excluded $$;

-- Queries of the room sfa.imports: links, what they hold, and what of it is in the library.

-- name: ask_import
select sfa.ask_import(%(account_id)s, %(source)s, %(kind)s, %(ref_id)s, %(url)s) as value;

-- name: import_by_id
select id, source, kind, ref_id, url, state::text as state, note, wait_until, title, owner, total, complete,
       why_incomplete, via, sha256, error_code, error, fix, playlist_id, asked_at, resolved_at, taken_at
  from imports
 where id = %(import_id)s and account_id = %(account_id)s;

-- name: newest_imports
select id, source, kind, ref_id, url, state::text as state, note, wait_until, title, owner, total, complete,
       why_incomplete, via, sha256, error_code, error, fix, playlist_id, asked_at, resolved_at, taken_at
  from imports
 where account_id = %(account_id)s
 order by asked_at desc, id
 limit %(limit)s;

-- name: entries_of_import
-- `known`: the track that the same song is already, whichever import it came by.
select e.position, e.ref_id, e.title, e.artists, e.album, e.duration_ms, e.explicit, e.skip_code, e.skip_why, e.gone,
       t.id as known, t.deleted_at is not null as in_trash, l.state
  from import_entries e
  join imports i on i.id = e.import_id
  left join origins o on o.account_id = i.account_id and o.source = e.source and o.ref_id = e.ref_id
  left join tracks t on t.id = coalesce(o.track_id, e.track_id)
  left join listings l on l.track_id = t.id
 where e.import_id = %(import_id)s and i.account_id = %(account_id)s
 order by e.position;

-- name: cover_of_import
select small as value from imports where id = %(import_id)s and account_id = %(account_id)s and small is not null;

-- name: asked
-- For a worker: what it is to ask, if it still is.
select id, account_id, source, kind, ref_id, url, attempts
  from imports
 where id = %(import_id)s and state = 'resolving' and job_id = %(job_id)s;

-- name: note
update imports set note = %(note)s, attempts = attempts + %(attempts)s where id = %(import_id)s and state = 'resolving';

-- name: resolve_again
select sfa.resolve_import(%(import_id)s, %(at)s) as value;

-- name: failed
update imports
   set state = 'failed', error_code = %(code)s, error = %(error)s, fix = nullif(%(fix)s, ''), note = null,
       wait_until = null, resolved_at = clock_timestamp()
 where id = %(import_id)s and state = 'resolving' and job_id = %(job_id)s;

-- name: resolved
update imports
   set state = 'ready', note = null, wait_until = null, kind = %(kind)s, url = %(url)s, title = %(title)s, owner = %(owner)s, total = %(total)s,
       complete = %(complete)s, why_incomplete = %(why_incomplete)s, via = %(via)s, resolved_at = clock_timestamp()
 where id = %(import_id)s and state = 'resolving' and job_id = %(job_id)s;

-- name: pictured
update imports
   set sha256 = %(sha256)s, bytes = %(bytes)s, width = %(width)s, height = %(height)s, small = %(small)s
 where id = %(import_id)s;

-- name: old_entries_go
-- What became a track is remembered behind the others, until the new ones are there.
delete from import_entries where import_id = %(import_id)s and (track_id is null or gone);

-- name: old_entries_wait
update import_entries set gone = true, position = position + 1000000 where import_id = %(import_id)s;

-- name: put_entries
insert into import_entries (import_id, position, source, ref_id, url, title, artists, album, album_artist, disc, number,
                            duration_ms, isrc, cover_url, released, explicit, skip_code, skip_why, track_id)
select %(import_id)s, e.position, e.source, e.ref_id, e.url, e.title, e.artists, e.album, e.album_artist, e.disc, e.number,
       e.duration_ms, e.isrc, e.cover_url, e.released, e.explicit, e.skip_code, e.skip_why,
       (select track_id from import_entries o
         where o.import_id = %(import_id)s and o.source = e.source and o.ref_id = e.ref_id limit 1)
  from jsonb_to_recordset(%(entries)s::jsonb) e (
       position integer, source text, ref_id text, url text, title text, artists text[], album text, album_artist text,
       disc integer, number integer, duration_ms integer, isrc text, cover_url text, released text, explicit boolean,
       skip_code text, skip_why text);

-- name: still_there
-- Of what was there before, only what the link does not hold any more is gone.
delete from import_entries g
 where g.import_id = %(import_id)s and g.gone
   and exists (select from import_entries o
                where o.import_id = g.import_id and not o.gone and o.source = g.source and o.ref_id = g.ref_id);

-- name: take
select sfa.take_import(%(account_id)s, %(import_id)s, %(positions)s, %(step)s) as value;

-- name: forget
delete from imports where id = %(import_id)s and account_id = %(account_id)s;

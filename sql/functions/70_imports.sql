-- Links that people gave: asked, taken in, and brought in step.

-- Ask what a link holds, at once or later. The row is there, or what there was of it is asked anew.
create function sfa.ask_import(p_account uuid, p_source text, p_kind text, p_ref text, p_url text) returns uuid
language plpgsql set search_path = public, pg_temp as $$
declare
    asked uuid;
begin
    insert into imports (account_id, source, kind, ref_id, url, state, job_id)
    values (p_account, p_source, p_kind, p_ref, p_url, 'resolving', 0)
    on conflict (account_id, source, kind, ref_id) do update set asked_at = now()
    returning id into asked;
    perform sfa.resolve_import(asked);
    return asked;
end $$;

-- Hand it to the workers. One that is being asked already stays with its job.
create function sfa.resolve_import(p_import uuid, p_at timestamptz default null) returns boolean
language plpgsql set search_path = public, pg_temp as $$
begin
    perform from imports where id = p_import for update;
    if exists (select from imports i join procrastinate_jobs j on j.id = i.job_id
                where i.id = p_import and i.state = 'resolving' and j.status in ('todo', 'doing') and p_at is null) then
        return false;
    end if;
    update imports
       set state = 'resolving', error_code = null, error = null, fix = null,
           attempts = case when state = 'resolving' then attempts else 0 end,
           note = case when state = 'resolving' then note end, wait_until = p_at,
           job_id = (procrastinate_defer_jobs_v1(array[row(
               'download', 'imports.resolve', 10, 'import:' || p_import, null,
               jsonb_build_object('import_id', p_import),
               (select case when paused_at is not null then sfa.never() else p_at end from queues where queue = 'download')
               )::procrastinate_job_to_defer_v1]))[1]
     where id = p_import;
    return true;
end $$;

-- Imports whose job was lost with its worker are asked again; called by `sfa.reap`.
create function sfa.rejoin_imports() returns table (run_id bigint, what text)
language plpgsql set search_path = public, pg_temp as $$
declare
    stray uuid;
begin
    for stray in
        select i.id from imports i
         where i.state = 'resolving'
           and not exists (select from procrastinate_jobs j where j.id = i.job_id and j.status in ('todo', 'doing'))
           for update skip locked
    loop
        perform sfa.resolve_import(stray);
        what := 'asked again: the job of its import was gone';
        return next;
    end loop;
end $$;

-- Some entries of an import become tracks: those that are there already are found, and come out of the trash.
-- An album or a playlist becomes a playlist, in its order; what a person put into it stays behind that.
create function sfa.take_import(p_account uuid, p_import uuid, p_positions integer[], p_step boolean) returns integer
language plpgsql set search_path = public, pg_temp as $$
declare
    asked imports;
    entry import_entries;
    track uuid;
    tracks_taken uuid[] := '{}';
    fresh integer := 0;
begin
    select * into asked from imports where id = p_import and account_id = p_account for update;
    for entry in
        select * from import_entries
         where import_id = p_import and position = any (p_positions) and skip_code is null and not gone
         order by position
    loop
        select o.track_id into track from origins o
         where o.account_id = p_account and o.source = entry.source and o.ref_id = entry.ref_id;
        if track is null then
            insert into tracks (account_id, title, artist, album, year, file_name, link, source)
            values (p_account, left(entry.title, 500), nullif(left(array_to_string(entry.artists, ', '), 500), ''),
                    left(entry.album, 500), (select y from substring(entry.released from '^\d{4}') x(t),
                    cast(t as integer) y where y between 1000 and 2999),
                    left(concat_ws(' - ', nullif(entry.artists[1], ''), entry.title), 255), entry.url, entry.source)
            returning id into track;
            insert into origins (track_id, account_id, source, ref_id, url, title, artists, album, album_artist, disc,
                                 number, duration_ms, isrc, cover_url, released, explicit)
            values (track, p_account, entry.source, entry.ref_id, entry.url, entry.title, entry.artists, entry.album,
                    entry.album_artist, entry.disc, entry.number, entry.duration_ms, entry.isrc, entry.cover_url,
                    entry.released, entry.explicit);
            if asked.sha256 is not null and asked.kind in ('track', 'album', 'video', 'file', 'page') then
                insert into covers (track_id, sha256, bytes, width, height, small, by_hand)
                values (track, asked.sha256, asked.bytes, asked.width, asked.height, asked.small, false);
            end if;
            fresh := fresh + 1;
        end if;
        update tracks set deleted_at = null where id = track and deleted_at is not null;
        update import_entries set track_id = track where import_id = p_import and position = entry.position;
        tracks_taken := tracks_taken || track;
    end loop;
    perform sfa.forge_tracks(tracks_taken, 'htdemucs', null, true);
    if asked.kind in ('album', 'playlist', 'table') then
        perform sfa.step_playlist(asked, p_step);
    end if;
    update imports set state = 'taken', taken_at = clock_timestamp() where id = p_import;
    return fresh;
end $$;

create function sfa.step_playlist(p_import imports, p_step boolean) returns void
language plpgsql set search_path = public, pg_temp as $$
declare
    list uuid := p_import.playlist_id;
begin
    if list is null then
        insert into playlists (account_id, name)
        values (p_import.account_id, btrim(left(coalesce(nullif(btrim(p_import.title), ''), 'Imported'), 120)))
        returning id into list;
        update imports set playlist_id = list where id = p_import.id;
    end if;
    perform from playlists where id = list for no key update;
    if p_step then
        delete from playlist_items i using import_entries e
         where i.playlist_id = list and e.import_id = p_import.id and e.track_id = i.track_id
           and (not e.gone or not exists (select from import_entries o where o.import_id = e.import_id
                                                                       and o.track_id = e.track_id and not o.gone));
        -- What a person put in comes behind what the link says.
        update playlist_items set place = place + 1e6 where playlist_id = list;
        insert into playlist_items (playlist_id, track_id, place)
        select list, track_id, row_number() over (order by position) from import_entries
         where import_id = p_import.id and track_id is not null and not gone;
        update playlist_items i set place = o.n
          from (select id, row_number() over (order by place, id) as n from playlist_items where playlist_id = list) o
         where i.id = o.id;
    else
        insert into playlist_items (playlist_id, track_id, place)
        select list, e.track_id, (select coalesce(max(place), 0) from playlist_items where playlist_id = list)
                                 + row_number() over (order by e.position)
          from import_entries e
         where e.import_id = p_import.id and not e.gone
           and exists (select from tracks where id = e.track_id)
           and not exists (select from playlist_items where playlist_id = list and track_id = e.track_id);
    end if;
end $$;

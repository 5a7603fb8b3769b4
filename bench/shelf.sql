-- A library as years of use leave it, as many tracks as the setting bench.tracks says. Every figure follows from the
-- number of its track, so that two libraries of one size are the same. Every hundredth track has a curve of beats,
-- chords and fine peaks, which lists never read, and only those have a pack.

-- Without triggers until the end: a studio has years for what they do.
set session_replication_role = replica;

insert into tracks (id, account_id, title, artist, album, year, genre, duration_s, sample_rate, channels, frames,
                    format, lossy, file_name, bytes, sha256, created_at)
select md5('track ' || n)::uuid, a.id,
       concat_ws(' ',
           (array['Glass', 'Night', 'Harbour', 'Copper', 'Río', 'Paper', 'Slow', 'Northern', 'Blue'])[1 + n * 7 % 9],
           (array['Bus', 'Lights', 'de Oro', 'Engine', 'Weather', 'Train', 'Garden', 'Signal'])[1 + n * 5 % 8], n),
       (array['Mira Voss', 'The Halyards', 'Orquesta Sur', 'Ødegård', 'Anna & the Fog', null])[1 + n % 6],
       'Volume ' || n / 12, 1962 + n % 63, (array['house', 'jazz', 'folk', 'techno', 'soul'])[1 + n % 5],
       150 + n * 37 % 240, 44100, 2, (150 + n * 37 % 240) * 44100, 'flac', false,
       'song ' || n || '.flac', 25000000 + n, encode(sha256(('song ' || n)::bytea), 'hex'),
       now() - n * interval '3 hours'
  from generate_series(1, current_setting('bench.tracks')::int) n, accounts a;

insert into runs (track_id, stage, variant, state, attempts, worker, job_id, fence, asked_at, queued_at, started_at,
                  finished_at, error_code, error, fix)
select t.id, s.stage, case s.stage when 'separation' then 'htdemucs' else '' end,
       x.state::run_state, 1, 'bench', 0, 1, t.created_at, t.created_at, t.created_at + s.ord * interval '20 s',
       t.created_at + s.ord * interval '30 s',
       case x.state when 'failed' then 'out_of_memory' end,
       case x.state when 'failed' then 'There was not enough memory for “' || t.title || '”.' end,
       case x.state when 'failed' then 'Close other programs, then try again.' end
  from (select *, row_number() over (order by created_at desc) as n from tracks) t
  cross join stages s
  cross join lateral (select case when n % 100 <> 7 or s.stage in ('decode', 'analysis') then 'done'
                                  when s.stage = 'separation' then 'failed' else 'cancelled' end as state) x
 where s.stage in ('decode', 'analysis', 'separation', 'stem_analysis');

update runs r set needs = array[d.id]
  from runs d
 where d.track_id = r.track_id
   and (r.stage, d.stage) in (('separation', 'decode'), ('analysis', 'decode'), ('stem_analysis', 'separation'));

insert into separations (run_id, track_id, model, fallback, engine, ran, device, why, chosen)
select id, track_id, 'htdemucs', true, case when id % 9 = 0 then 'quick' else 'demucs' end,
       case when id % 9 = 0 then 'quick' else 'htdemucs' end, 'cpu',
       case when id % 9 = 0 then 'No weights are here.' end, true
  from runs where stage = 'separation' and state = 'done';

insert into stems (id, run_id, track_id, name, frames, sample_rate, channels, bytes, sha256, peak)
select md5(s.run_id || ' ' || name)::uuid, s.run_id, t.id, name, t.frames, 44100, 2, t.bytes / 3,
       encode(sha256((s.run_id || ' ' || name)::bytea), 'hex'), 0.8
  from separations s join tracks t on t.id = s.track_id, unnest(array['vocals', 'drums', 'bass', 'other']) name;

create temporary table whole as
select id, duration_s, frames, title
  from (select *, row_number() over (order by created_at desc) as n from tracks) t
 where n % 100 = 50;

insert into packs (run_id, track_id, stems, frames, segment_frames, gain, offsets, bytes, sha256)
select s.run_id, t.id, array['vocals', 'drums', 'bass', 'other'], t.frames, 16384, 0.8,
       array(select 60000::bigint * n from generate_series(0, (t.frames + 16383) / 16384) n),
       60000 * ((t.frames + 16383) / 16384), encode(sha256(('pack ' || s.run_id)::bytea), 'hex')
  from separations s join whole t on t.id = s.track_id;

insert into stem_readings (stem_id, integrated_lufs, true_peak_dbtp, energy_share, active_share, onsets_per_s,
                           spectral_centroid_hz)
select id, -18, -3, 0.25, 0.9, 2, 900 from stems;

insert into readings (track_id, name, method, confidence, run_id)
select r.track_id, name, 'bench', 0.9, r.id
  from runs r, unnest(array['tempo', 'beats', 'metre', 'key', 'chords', 'sections', 'loudness', 'balance']) name
 where r.stage = 'analysis' and r.state = 'done';

insert into tempos (track_id, rank, bpm, confidence)
select t.id, rank, b.bpm * (array[1, 2, 0.5])[1 + rank], 0.9 - rank * 0.3
  from tracks t, generate_series(0, 2) rank, lateral (select 70 + abs(hashtext(t.title)) % 1100 / 10.0 as bpm) b;

insert into metres select id, 4 from tracks;

insert into keys (track_id, rank, tonic, mode, camelot, confidence, tuning_hz)
select t.id, rank, (array['C', 'G', 'D', 'A', 'E', 'B'])[1 + c.number % 6],
       case when c.letter = 'A' then 'minor' else 'major' end, c.number || c.letter, 0.9 - rank * 0.2,
       case rank when 0 then 440 end
  from tracks t, generate_series(0, 2) rank,
       lateral (select 1 + abs(hashtext(t.title || rank)) % 12 as number,
                       (array['A', 'B'])[1 + abs(hashtext(rank || t.title)) % 2] as letter) c;

insert into loudness select id, -6 - abs(hashtext(title)) % 120 / 10.0, 6, -5, -7, -0.8, -1 from tracks;

insert into balance select id, 0.6, 0.4 from tracks;

insert into sections (track_id, n, start_s, end_s, label, group_n, confidence)
select id, n, duration_s * n / 9, duration_s * (n + 1) / 9, chr(65 + n % 3), n % 3, 0.7
  from tracks, generate_series(0, 8) n;

insert into peaks (track_id, level, frames_per_peak, data)
select id, level, per_peak, decode(repeat(md5(title), (frames / per_peak / 16)::int), 'hex')
  from tracks, generate_series(1, 2) level, lateral (select (256 * 8 ^ level)::int as per_peak) p;

insert into peaks (track_id, level, frames_per_peak, data)
select id, 0, 256, decode(repeat(md5(title), (frames / 256 / 16)::int), 'hex') from whole;

insert into beats (track_id, n, at_s, position)
select id, n, n * 0.5, 1 + n % 4 from whole, lateral generate_series(0, (duration_s * 2)::int - 1) n;

insert into chords (track_id, n, start_s, end_s, label, confidence)
select id, n, n * 2, n * 2 + 2, (array['Am', 'F', 'C', 'G'])[1 + n % 4], 0.8
  from whole, lateral generate_series(0, (duration_s / 2)::int - 1) n;

insert into tags (account_id, name) select id, tag from accounts, unnest(array['live', 'vinyl', 'to learn']) tag;

insert into track_tags (track_id, tag_id)
select t.id, a.id from tracks t, tags a where abs(hashtext(t.title || a.name)) % 10 = 0;

with made as (insert into playlists (account_id, name) select id, 'Friday' from accounts returning id)
insert into playlist_items (playlist_id, track_id, place)
select made.id, t.id, row_number() over (order by t.created_at)
  from made, (select * from tracks order by created_at limit 40) t;

select sfa.relist(array(select id from tracks));

set session_replication_role = origin;

-- Two that run, four that wait: as the studio itself would queue them.
with new as (
    insert into tracks (account_id, title, duration_s, sample_rate, channels, frames, file_name, taken_from,
                        created_at)
    select a.id, 'Under way ' || n, 200, 44100, 2, 200 * 44100, 'way ' || n || '.flac', '/bench',
           now() + n * interval '1 s'
      from generate_series(1, 6) n, accounts a
    returning id)
select sfa.forge_track(id) from new;

update runs r set state = 'running', worker = 'bench', attempts = 1, fence = 1, started_at = now() - interval '20 s'
  from tracks t
 where t.id = r.track_id and r.stage = 'decode' and t.title in ('Under way 1', 'Under way 2');

insert into progress (run_id, fence, done, note)
select id, fence, 0.4, 'half way there' from runs where state = 'running';

insert into paces (stage, variant, per_s, runs) select stage, '', 0.4, 100 from stages;

-- Queries of the room sfa.corrections: what a person corrected, apart from what was read.

-- name: lock_track
-- One writer of a track's corrections at a time.
select id as value from tracks where id = %(track_id)s and account_id = %(account_id)s for no key update;

-- name: corrections_of_track
select t.title, t.duration_s, c.bpm, c.steady, a.at_s as anchor_s, d.at_s as downbeat_s, m.beats_per_bar, k.tonic,
       k.mode, k.camelot
  from tracks t
  left join corrected_tempos c on c.track_id = t.id
  left join corrected_anchors a on a.track_id = t.id
  left join corrected_downbeats d on d.track_id = t.id
  left join corrected_metres m on m.track_id = t.id
  left join corrected_keys k on k.track_id = t.id
 where t.id = %(track_id)s and t.account_id = %(account_id)s;

-- name: versions_of_track
select part, version, extract(epoch from now() - changed_at)::double precision as age_s
  from correction_versions
 where track_id = %(track_id)s;

-- name: corrected_chords_of_track
select start_s, end_s, label from corrected_chords where track_id = %(track_id)s order by n;

-- name: corrected_sections_of_track
select start_s, end_s, label from corrected_sections where track_id = %(track_id)s order by n;

-- name: put_tempo
insert into corrected_tempos (track_id, bpm, steady) values (%(track_id)s, %(bpm)s, %(steady)s)
on conflict (track_id) do update set bpm = excluded.bpm, steady = excluded.steady;

-- name: drop_tempo
delete from corrected_tempos where track_id = %(track_id)s;

-- name: put_anchor
insert into corrected_anchors (track_id, at_s) values (%(track_id)s, %(at_s)s)
on conflict (track_id) do update set at_s = excluded.at_s;

-- name: drop_anchor
delete from corrected_anchors where track_id = %(track_id)s;

-- name: put_downbeat
insert into corrected_downbeats (track_id, at_s) values (%(track_id)s, %(at_s)s)
on conflict (track_id) do update set at_s = excluded.at_s;

-- name: drop_downbeat
delete from corrected_downbeats where track_id = %(track_id)s;

-- name: put_metre
insert into corrected_metres (track_id, beats_per_bar) values (%(track_id)s, %(beats_per_bar)s)
on conflict (track_id) do update set beats_per_bar = excluded.beats_per_bar;

-- name: drop_metre
delete from corrected_metres where track_id = %(track_id)s;

-- name: put_key
insert into corrected_keys (track_id, tonic, mode) values (%(track_id)s, %(tonic)s, %(mode)s)
on conflict (track_id) do update set tonic = excluded.tonic, mode = excluded.mode;

-- name: drop_key
delete from corrected_keys where track_id = %(track_id)s;

-- name: put_chords
insert into corrected_chords (track_id, n, start_s, end_s, label)
select %(track_id)s, n - 1, start_s, end_s, label
  from unnest(%(start_s)s::float8[], %(end_s)s::float8[], %(label)s::text[])
       with ordinality as u (start_s, end_s, label, n);

-- name: drop_chords
delete from corrected_chords where track_id = %(track_id)s;

-- name: put_sections
insert into corrected_sections (track_id, n, start_s, end_s, label)
select %(track_id)s, n - 1, start_s, end_s, label
  from unnest(%(start_s)s::float8[], %(end_s)s::float8[], %(label)s::text[])
       with ordinality as u (start_s, end_s, label, n);

-- name: drop_sections
delete from corrected_sections where track_id = %(track_id)s;

-- Queries of the room sfa.analysis. Readings replace: a second analysis leaves nothing of the first.

-- name: drop_readings
with r as (delete from readings where track_id = %(track_id)s),
     t as (delete from tempos where track_id = %(track_id)s),
     b as (delete from beats where track_id = %(track_id)s),
     m as (delete from metres where track_id = %(track_id)s),
     k as (delete from keys where track_id = %(track_id)s),
     c as (delete from chords where track_id = %(track_id)s),
     s as (delete from sections where track_id = %(track_id)s),
     l as (delete from loudness where track_id = %(track_id)s),
     p as (delete from spectrum where track_id = %(track_id)s),
     a as (delete from balance where track_id = %(track_id)s),
     o as (delete from onsets where track_id = %(track_id)s),
     u as (delete from curves where track_id = %(track_id)s),
     e as (delete from key_evidence where track_id = %(track_id)s)
delete from peaks where track_id = %(track_id)s;

-- name: put_reading
insert into readings (track_id, name, method, confidence, absent, run_id)
values (%(track_id)s, %(name)s, %(method)s, %(confidence)s, %(absent)s, %(run_id)s);

-- name: put_tempos
insert into tempos (track_id, rank, bpm, confidence)
select %(track_id)s, n - 1, bpm, confidence
  from unnest(%(bpm)s::float8[], %(confidence)s::float4[]) with ordinality as u (bpm, confidence, n);

-- name: put_beats
insert into beats (track_id, n, at_s, position)
select %(track_id)s, n - 1, at_s, position
  from unnest(%(at_s)s::float8[], %(position)s::int2[]) with ordinality as u (at_s, position, n);

-- name: put_metre
insert into metres (track_id, beats_per_bar) values (%(track_id)s, %(beats_per_bar)s);

-- name: put_keys
insert into keys (track_id, rank, tonic, mode, camelot, confidence, tuning_hz)
select %(track_id)s, n - 1, tonic, mode, camelot, confidence, case when n = 1 then %(tuning_hz)s::float8 end
  from unnest(%(tonic)s::text[], %(mode)s::text[], %(camelot)s::text[], %(confidence)s::float4[])
       with ordinality as u (tonic, mode, camelot, confidence, n);

-- name: put_key_evidence
insert into key_evidence (track_id, strength, fits, scores)
values (%(track_id)s, %(strength)s, %(fits)s, %(scores)s);

-- name: put_chords
insert into chords (track_id, n, start_s, end_s, label, confidence)
select %(track_id)s, n - 1, start_s, end_s, label, confidence
  from unnest(%(start_s)s::float8[], %(end_s)s::float8[], %(label)s::text[], %(confidence)s::float4[])
       with ordinality as u (start_s, end_s, label, confidence, n);

-- name: put_sections
insert into sections (track_id, n, start_s, end_s, label, group_n, confidence)
select %(track_id)s, n - 1, start_s, end_s, label, group_n, confidence
  from unnest(%(start_s)s::float8[], %(end_s)s::float8[], %(label)s::text[], %(group)s::int2[], %(confidence)s::float4[])
       with ordinality as u (start_s, end_s, label, group_n, confidence, n);

-- name: put_loudness
insert into loudness (track_id, integrated_lufs, range_lu, max_momentary_lufs, max_short_term_lufs, true_peak_dbtp,
                      sample_peak_dbfs)
values (%(track_id)s, %(integrated_lufs)s, %(range_lu)s, %(max_momentary_lufs)s, %(max_short_term_lufs)s,
        %(true_peak_dbtp)s, %(sample_peak_dbfs)s);

-- name: put_spectrum
insert into spectrum (track_id, feature, mean, std, unit)
select %(track_id)s, feature, mean, std, unit
  from unnest(%(feature)s::text[], %(mean)s::float8[], %(std)s::float8[], %(unit)s::text[])
       as u (feature, mean, std, unit);

-- name: put_balance
insert into balance (track_id, harmonic_share, percussive_share)
values (%(track_id)s, %(harmonic_share)s, %(percussive_share)s);

-- name: put_onsets
insert into onsets (track_id, count, per_s) values (%(track_id)s, %(count)s, %(per_s)s);

-- name: put_curve
insert into curves (track_id, name, unit, hop_s, start_s, dtype, shape, data, deflated)
values (%(track_id)s, %(name)s, %(unit)s, %(hop_s)s, %(start_s)s, %(dtype)s, %(shape)s, %(data)s, %(deflated)s);

-- name: put_peaks
insert into peaks (track_id, level, frames_per_peak, data)
values (%(track_id)s, %(level)s, %(frames_per_peak)s, %(data)s);

-- name: put_stem_reading
insert into stem_readings (stem_id, integrated_lufs, true_peak_dbtp, energy_share, active_share, onsets_per_s,
                           spectral_centroid_hz)
values (%(stem_id)s, %(integrated_lufs)s, %(true_peak_dbtp)s, %(energy_share)s, %(active_share)s, %(onsets_per_s)s,
        %(spectral_centroid_hz)s)
on conflict (stem_id) do update
   set integrated_lufs = excluded.integrated_lufs, true_peak_dbtp = excluded.true_peak_dbtp,
       energy_share = excluded.energy_share, active_share = excluded.active_share,
       onsets_per_s = excluded.onsets_per_s, spectral_centroid_hz = excluded.spectral_centroid_hz;

-- name: put_stem_peaks
insert into stem_peaks (stem_id, level, frames_per_peak, data)
values (%(stem_id)s, %(level)s, %(frames_per_peak)s, %(data)s)
on conflict (stem_id, level) do update set frames_per_peak = excluded.frames_per_peak, data = excluded.data;

-- name: put_stem_spectrum
insert into stem_spectra (stem_id, level_db) values (%(stem_id)s, %(level_db)s)
on conflict (stem_id) do update set level_db = excluded.level_db;

-- name: drop_stem_meetings
delete from stem_meetings where stem_id = any (%(stem_ids)s);

-- name: put_stem_meeting
insert into stem_meetings (stem_id, other_id, share) values (%(stem_id)s, %(other_id)s, %(share)s);

-- name: readings_of_track
select r.name, r.method, r.confidence, r.absent, false as corrected
  from readings r join tracks t on t.id = r.track_id
 where r.track_id = %(track_id)s and t.account_id = %(account_id)s
 order by r.name;

-- name: tempos_of_track
select bpm, confidence from tempos where track_id = %(track_id)s order by rank;

-- name: beats_of_track
select at_s, position from beats where track_id = %(track_id)s order by n;

-- name: metre_of_track
select beats_per_bar as value from metres where track_id = %(track_id)s;

-- name: keys_of_track
select tonic, mode, camelot, confidence, tuning_hz from keys where track_id = %(track_id)s order by rank;

-- name: key_evidence_of_track
select e.strength, e.fits, e.scores
  from key_evidence e join tracks t on t.id = e.track_id
 where e.track_id = %(track_id)s and t.account_id = %(account_id)s;

-- name: chords_of_track
select start_s, end_s, label, confidence from chords where track_id = %(track_id)s order by n;

-- name: sections_of_track
select start_s, end_s, label, group_n, confidence from sections where track_id = %(track_id)s order by n;

-- name: loudness_of_track
select integrated_lufs, range_lu, max_momentary_lufs, max_short_term_lufs, true_peak_dbtp, sample_peak_dbfs
  from loudness where track_id = %(track_id)s;

-- name: spectrum_of_track
select feature, mean, std, unit from spectrum where track_id = %(track_id)s order by feature;

-- name: balance_of_track
select harmonic_share, percussive_share from balance where track_id = %(track_id)s;

-- name: onsets_of_track
select count, per_s from onsets where track_id = %(track_id)s;

-- name: curve_of_track
select c.name, c.unit, c.hop_s, c.start_s, c.dtype, c.shape, c.data, c.deflated
  from curves c join tracks t on t.id = c.track_id
 where c.track_id = %(track_id)s and t.account_id = %(account_id)s and c.name = %(name)s;

-- name: peaks_of_track
-- The finest level that has no more than so many peaks, or else the coarsest there is.
select p.frames_per_peak, p.data
  from peaks p join tracks t on t.id = p.track_id
 where p.track_id = %(track_id)s and t.account_id = %(account_id)s
 order by octet_length(p.data) > %(at_most)s, case when octet_length(p.data) > %(at_most)s then -p.level else p.level end
 limit 1;

-- name: peaks_of_stem
select p.frames_per_peak, p.data
  from stem_peaks p join stems s on s.id = p.stem_id join tracks t on t.id = s.track_id
 where p.stem_id = %(stem_id)s and t.account_id = %(account_id)s
 order by octet_length(p.data) > %(at_most)s, case when octet_length(p.data) > %(at_most)s then -p.level else p.level end
 limit 1;

-- name: headlines_of_tracks
-- What a list of tracks shows of their readings, as it was corrected.
select h.track_id, h.bpm, h.tonic, h.mode, h.camelot, h.integrated_lufs
  from sfa.effective_headlines h
  join tracks t on t.id = h.track_id
 where t.id = any (%(track_ids)s) and t.account_id = %(account_id)s;

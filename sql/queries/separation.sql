-- Queries of the room sfa.separation.

-- name: request_of_run
select run_id, track_id, model, wanted, fallback from separations where run_id = %(run_id)s;

-- name: lock_track
-- Two separations of it may end at once, and one of them is chosen.
select id as value from tracks where id = %(track_id)s for no key update;

-- name: drop_stems
with pack as (delete from packs where run_id = %(run_id)s)
delete from stems where run_id = %(run_id)s;

-- name: put_outcome
-- The first result becomes "the stems" of its track; so does one that ran as asked where another had stood in.
with former as (
    update separations set chosen = false
     where track_id = %(track_id)s and chosen and run_id <> %(run_id)s
       and ran <> model and %(ran)s = (select model from separations where run_id = %(run_id)s)
    returning run_id
)
update separations
   set engine = %(engine)s, ran = %(ran)s, device = %(device)s, why = %(why)s, fix = %(fix)s,
       chosen = chosen or exists (select from former) or not exists (
           select from separations where track_id = %(track_id)s and chosen)
 where run_id = %(run_id)s;

-- name: put_stem
insert into stems (run_id, track_id, name, frames, sample_rate, channels, bytes, sha256, peak)
values (%(run_id)s, %(track_id)s, %(name)s, %(frames)s, %(sample_rate)s, %(channels)s, %(bytes)s,
        %(sha256)s, %(peak)s);

-- name: put_pack
insert into packs (run_id, track_id, stems, frames, segment_frames, gain, offsets, bytes, sha256)
values (%(run_id)s, %(track_id)s, %(stems)s, %(frames)s, %(segment_frames)s, %(gain)s, %(offsets)s, %(bytes)s,
        %(sha256)s);

-- name: track_of_separation
-- Its owner's, and only one that came to something. Locked: one of them is "the stems".
select t.id as value
  from tracks t
  join separations s on s.track_id = t.id
 where s.run_id = %(run_id)s and t.account_id = %(account_id)s and t.deleted_at is null and s.engine is not null
   for no key update of t;

-- name: put_back
update separations set chosen = false where track_id = %(track_id)s and chosen and run_id <> %(run_id)s;

-- name: choose
update separations set chosen = true where run_id = %(run_id)s and not chosen;

-- name: separations_of_track
select s.run_id, s.model, s.wanted, s.engine, s.ran, s.device, s.why, s.fix, s.chosen
  from separations s
  join tracks t on t.id = s.track_id
 where s.track_id = %(track_id)s and t.account_id = %(account_id)s and s.engine is not null
 order by s.run_id;

-- name: stems_of_track
select m.id, m.run_id, m.name, m.frames, m.sample_rate, m.channels, m.bytes, m.sha256, m.peak,
       r.integrated_lufs, r.true_peak_dbtp, r.energy_share, r.active_share
  from stems m
  join tracks t on t.id = m.track_id
  left join stem_readings r on r.stem_id = m.id
 where m.track_id = %(track_id)s and t.account_id = %(account_id)s
 order by m.run_id, array_position(array['vocals', 'drums', 'bass', 'guitar', 'piano', 'other'], m.name), m.name;

-- name: stems_of_run
-- For a worker: the stems that a reading of stems is about.
select m.id, m.name, m.sha256
  from stems m
  join runs r on m.run_id = any (r.needs)
 where r.id = %(run_id)s
 order by m.name;

-- name: sound_of_stem
-- For a page that plays it.
select t.title, m.name, m.sha256
  from stems m
  join tracks t on t.id = m.track_id
 where m.id = %(stem_id)s and t.account_id = %(account_id)s;

-- name: pack_of_run
-- For a page that plays these stems.
select p.run_id, p.stems, p.frames, p.segment_frames, p.gain, p.sha256
  from packs p
  join tracks t on t.id = p.track_id
 where p.run_id = %(run_id)s and t.account_id = %(account_id)s;

-- name: part_of_pack
-- Where so many segments lie, fewer at the end of the song; no place if it ends before.
select t.title, p.sha256, p.bytes, cardinality(p.offsets) - 1 as segments,
       case when %(first)s < cardinality(p.offsets) - 1 then p.offsets[%(first)s + 1] end as start,
       p.offsets[least(%(stop)s + 1, cardinality(p.offsets))] as stop
  from packs p
  join tracks t on t.id = p.track_id
 where p.run_id = %(run_id)s and t.account_id = %(account_id)s;

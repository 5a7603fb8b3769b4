-- Queries of the room sfa.plots.

-- name: revision_of_track
-- Changes whenever the track is read again: by another run, or by the same one started once more.
select t.duration_s, coalesce(max(r.run_id), 0) as run_id, coalesce(max(u.fence), 0) as fence
  from tracks t
  left join readings r on r.track_id = t.id
  left join runs u on u.id = r.run_id
 where t.id = %(track_id)s and t.account_id = %(account_id)s
 group by t.id;

-- name: spectra_of_track
-- Of "the stems": those of the separation that was chosen.
select m.name, b.level_db
  from stem_spectra b
  join stems m on m.id = b.stem_id
  join separations s on s.run_id = m.run_id
  join tracks t on t.id = m.track_id
 where m.track_id = %(track_id)s and t.account_id = %(account_id)s and s.chosen
 order by array_position(array['vocals', 'drums', 'bass', 'guitar', 'piano', 'other'], m.name), m.name;

-- name: meetings_of_track
select a.name as stem, b.name as other, w.share
  from stem_meetings w
  join stems a on a.id = w.stem_id
  join stems b on b.id = w.other_id
  join separations s on s.run_id = a.run_id
  join tracks t on t.id = a.track_id
 where a.track_id = %(track_id)s and t.account_id = %(account_id)s and s.chosen
 order by a.name, b.name;

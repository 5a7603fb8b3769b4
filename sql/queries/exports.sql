-- Queries of the room sfa.exports.

-- name: place_of_stem
-- The track and the separation that a stem belongs to.
select m.track_id, m.run_id
  from stems m
  join tracks t on t.id = m.track_id
 where m.id = %(stem_id)s and t.account_id = %(account_id)s;

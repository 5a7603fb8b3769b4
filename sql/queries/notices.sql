-- Queries of the room sfa.notices: what a person may want to know when they come back.

-- name: newest_notices
select n.id, n.track_id, n.kind, n.at, n.seen_at is null as is_new, t.title,
       (select r.error from runs r where r.track_id = n.track_id and r.state = 'failed' order by r.id desc limit 1) as error
  from notices n
  join tracks t on t.id = n.track_id and t.deleted_at is null
 where n.account_id = %(account_id)s
 order by n.id desc
 limit %(limit)s;

-- name: count_unseen
select count(*) as value
  from notices n
  join tracks t on t.id = n.track_id and t.deleted_at is null
 where n.account_id = %(account_id)s and n.seen_at is null;

-- name: see_notices
update notices set seen_at = now() where account_id = %(account_id)s and seen_at is null and id <= %(up_to)s;

-- name: see_notices_of_track
-- Whoever opens a track knows what became of it.
update notices set seen_at = now() where account_id = %(account_id)s and seen_at is null and track_id = %(track_id)s;

-- name: forget_notices
delete from notices where at < now() - interval '30 days';

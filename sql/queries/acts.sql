-- Queries of the room sfa.acts: what was done, and back again.

-- name: begin_act
select sfa.begin_act(%(account_id)s, %(said)s) as value;

-- name: say
update acts set said = %(said)s where id = %(act_id)s;

-- name: undo_act
select sfa.undo_act(%(account_id)s, %(act_id)s) as value;

-- name: newest_acts
select a.id, a.said, a.at, extract(epoch from now() - a.at)::double precision as age_s, a.undoes, u.id as undone_by,
       a.takes_back
  from acts a
  left join acts u on u.undoes = a.id
 where a.account_id = %(account_id)s
 order by a.id desc
 limit %(limit)s;

-- name: act_by_id
select a.id, a.said, a.at, extract(epoch from now() - a.at)::double precision as age_s, a.undoes, u.id as undone_by,
       a.takes_back
  from acts a
  left join acts u on u.undoes = a.id
 where a.id = %(act_id)s and a.account_id = %(account_id)s;

-- name: forget_acts
-- With their journals. What a person can no longer remember they will not want back.
delete from acts where at < now() - make_interval(days => %(days)s);

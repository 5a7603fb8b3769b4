-- One row per track: where it stands as a whole, and the newest run of each stage and variant.
create view look.tracks as
select t.title,
       t.artist,
       sfa.sum_up(array_agg(r.counts::run_state)) as state,
       coalesce(avg(r.progress) filter (where r.counts is not null), 0)::real as progress,
       -- What waits for another stage comes on top; one forecast that is missing would make the sum a guess.
       case when bool_or(r.counts in ('running', 'queued', 'blocked'))
                 and not bool_or(r.counts in ('running', 'queued') and r.eta_s is null)
                 and not bool_or(r.counts = 'blocked' and r.left_s is null)
            then coalesce(max(r.eta_s), 0)
                 + coalesce(sum(r.left_s) filter (where r.counts = 'blocked' and r.stage <> 'analysis'), 0) end as eta_s,
       (array_agg(r.error order by r.ord, r.run_id) filter (where r.counts = 'failed'))[1] as error,
       (array_agg(r.fix order by r.ord, r.run_id) filter (where r.counts = 'failed'))[1] as fix,
       coalesce(bool_or(r.stuck), false) as stuck,
       jsonb_object_agg(
           r.stage || case when r.variant = '' then '' else ':' || r.variant end,
           jsonb_strip_nulls(jsonb_build_object(
               'state', r.state, 'progress', round(r.progress::numeric, 3), 'eta_s', round(r.eta_s::numeric),
               'attempts', r.attempts, 'note', r.note, 'error', r.error, 'worker', r.worker))
       ) filter (where r.run_id is not null) as stages,
       t.duration_s, t.file_name, t.priority, t.created_at, max(r.finished_at) as finished_at,
       t.id as track_id, t.account_id
  from tracks t
  left join (select *, case when not outdone then state end as counts from sfa.newest_runs) r on r.track_id = t.id
 where t.deleted_at is null
 group by t.id;

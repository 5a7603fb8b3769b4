-- One row per track: where it stands as a whole, and each stage's newest run of each variant.
create view look.tracks as
select t.title,
       t.artist,
       case when bool_or(r.state = 'failed') then 'failed'
            when bool_or(r.state = 'running') then 'running'
            when bool_or(r.state in ('queued', 'blocked')) then 'queued'
            when bool_or(r.state = 'cancelled') then 'cancelled'
            else 'done' end as state,
       coalesce(avg(r.progress), 0)::real as progress,
       -- What waits for another stage comes on top; one forecast that is missing makes the sum a guess.
       case when bool_or(r.state in ('running', 'queued', 'blocked'))
                 and not bool_or(r.state in ('running', 'queued', 'blocked') and r.left_s is null)
            then coalesce(max(r.eta_s), 0)
                 + coalesce(sum(r.left_s) filter (where r.state = 'blocked' and r.stage <> 'analysis'), 0) end as eta_s,
       (array_agg(r.error order by r.ord, r.run_id) filter (where r.error is not null))[1] as error,
       (array_agg(r.fix order by r.ord, r.run_id) filter (where r.error is not null))[1] as fix,
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
  left join (
      select l.*, row_number() over (partition by l.track_id, l.stage, l.variant order by l.run_id desc) as age
        from look.runs l) r on r.track_id = t.id and r.age = 1
 group by t.id;

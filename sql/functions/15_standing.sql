-- Where a track stands. The newest run of each stage and variant tells, unless it is `outdone`: it came to nothing
-- while another separation is there, asked for later or in use.
create view sfa.standings as
select r.id as run_id, r.track_id, r.stage, r.variant, r.state,
       (r.state in ('failed', 'cancelled')
        or r.state = 'blocked' and exists (             -- it waits in vain
            select from runs n where n.id = any (r.needs) and n.state in ('failed', 'cancelled')))
       and exists (
            select from runs o
              left join separations s on s.run_id = case when o.stage = 'separation' then o.id else o.needs[1] end
             where o.track_id = r.track_id and o.stage = r.stage and o.state = 'done'
               and (o.id > r.id or s.chosen)) as outdone
  from runs r
 where not exists (select from runs l                   -- no later one
                    where l.track_id = r.track_id and l.stage = r.stage and l.variant = r.variant and l.id > r.id);

-- In one word, from the states of the runs that count.
create function sfa.sum_up(p_states run_state[]) returns text language sql immutable as $$
    select case when 'failed' = any (p_states) then 'failed'
                when 'running' = any (p_states) then 'running'
                when 'queued' = any (p_states) then 'queued'
                when 'cancelled' = any (p_states) then 'cancelled'
                when 'blocked' = any (p_states) then 'queued'
                else 'done' end $$;

create function sfa.standing(p_track uuid) returns text language sql stable set search_path = public, pg_temp as $$
    select sfa.sum_up(array_agg(state)) from sfa.standings where track_id = p_track and not outdone $$;

-- Undo: what the journal wrote down, the other way round.

-- From here to the end of the transaction, what happens to journalled tables belongs to this act.
create function sfa.begin_act(p_account uuid, p_said text, p_undoes bigint default null,
                              p_takes_back boolean default false) returns bigint
language plpgsql set search_path = public, pg_temp as $$
declare
    act bigint;
begin
    insert into acts (account_id, said, undoes, takes_back)
    values (p_account, p_said, p_undoes, p_takes_back)
    returning id into act;
    perform set_config('sfa.act', act::text, true);
    return act;
end $$;

-- select sfa.undo_act(account, act) from …;       the act that took it back: undo that to have it again
--
-- All or nothing. SF002 with the particulars as JSON in its detail: something is no longer as the act left
-- it; SF003: it is undone already; SF004: this account has no such act.
create function sfa.undo_act(p_account uuid, p_act bigint) returns bigint
language plpgsql set search_path = public, pg_temp as $$
declare
    what acts;
    undoing bigint;
    meanwhile text := current_setting('sfa.act', true);
    hindered_in text;
begin
    select * into what from acts where id = p_act and account_id = p_account for update;
    if not found then
        raise exception 'there is no such act' using errcode = 'SF004';
    end if;
    if exists (select from acts where undoes = p_act) then
        raise exception 'the act is undone already' using errcode = 'SF003';
    end if;
    -- First the tracks, then what hangs on them: everywhere, lest two wait for each other.
    perform from tracks
     where id in (select coalesce(j.key ->> 'track_id', s.track_id::text, case j.table_name when 'tracks' then j.key ->> 'id' end)::uuid
                    from journal j
                    left join separations s on j.table_name = 'separations' and s.run_id = (j.key ->> 'run_id')::bigint
                   where j.act_id = p_act)
     order by id for no key update;
    undoing := sfa.begin_act(p_account, what.said, p_act, not what.takes_back);
    begin
        set constraints all deferred;       -- between two steps two rows may hold the same place
        hindered_in := sfa.undo_all_steps(p_act);
        set constraints all immediate;
    exception when integrity_constraint_violation then
        get stacked diagnostics hindered_in = table_name;
    end;
    -- What was made since may hang on what the act made, and would go down with it.
    select coalesce(hindered_in, (
        select min(table_name) from (select table_name, key from journal where act_id = undoing
                                     except select table_name, key from journal where act_id = p_act) more))
      into hindered_in;
    if hindered_in is not null then
        perform sfa.refuse_undo('hindered', hindered_in, null, null);
    end if;
    perform set_config('sfa.act', coalesce(meanwhile, ''), true);
    return undoing;
end $$;

-- From the last step to the first, as many at once as are alike. The journal has a row before what hung on
-- it and went down with it (on delete cascade, set null), because the triggers of the journal come after
-- those of the foreign key: so what misses something else waits for it, and with it all of its table.
-- Null, or the table in which something stands in the way.
create function sfa.undo_all_steps(p_act bigint) returns text
language plpgsql set search_path = public, pg_temp as $$
declare
    todo int8multirange[];
    span int8multirange;
    waiting int8multirange[] := '{}';
    again int8multirange[];
    waiting_tables text[] := '{}';
    place text;
    hindered_in text;
begin
    select coalesce(array_agg(int8multirange(int8range(first_n, last_n, '[]')) order by last_n desc), '{}') into todo
      from (select min(n) as first_n, max(n) as last_n
              from (select n, sum(is_other) over (order by n desc) as part
                      from (select n, (kind is distinct from lag(kind) over (order by n desc))::integer as is_other
                              from (select n, (table_name, operation,
                                               array(select jsonb_object_keys(coalesce(before, after)) order by 1),
                                               -- one row twice is two steps
                                               row_number() over (partition by table_name, key order by n desc)
                                              )::text as kind
                                      from journal where act_id = p_act) k) o) p
             group by part) s;
    foreach span in array todo loop
        again := array[span];
        loop
            foreach span in array again loop
                select table_name into place from journal where act_id = p_act and n = lower(span);
                if place <> all (waiting_tables) then
                    hindered_in := sfa.try_undo_steps(p_act, lower(span), upper(span) - 1);
                    continue when hindered_in is null;
                end if;
                waiting := waiting || span;
                waiting_tables := waiting_tables || place;
            end loop;
            exit when waiting = '{}' or waiting @> again;
            again := waiting;       -- something was done: what waits may have waited for that
            waiting := '{}';
            waiting_tables := '{}';
        end loop;
    end loop;
    return case when waiting <> '{}' then coalesce(hindered_in, waiting_tables[1]) end;
end $$;

-- Some like steps all at once or, where that breaks a rule on the way, one after the other. Null, or the
-- table in which something stands in the way; then nothing was done.
create function sfa.try_undo_steps(p_act bigint, p_first bigint, p_last bigint) returns text
language plpgsql set search_path = public, pg_temp as $$
declare
    hindered_in text;
begin
    begin
        perform sfa.undo_steps(p_act, p_first, p_last);
        return null;
    exception when integrity_constraint_violation then
        get stacked diagnostics hindered_in = table_name;
    end;
    if p_first < p_last then
        begin
            perform sfa.undo_steps(p_act, n, n)
               from (select n from journal where act_id = p_act and n between p_first and p_last order by n desc) s;
            return null;
        exception when integrity_constraint_violation then
            get stacked diagnostics hindered_in = table_name;
        end;
    end if;
    return hindered_in;
end $$;

-- Rows of one table back to what they were, if they are as the act left them. All steps are of one kind.
create function sfa.undo_steps(p_act bigint, p_first bigint, p_last bigint) returns void
language plpgsql set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
    like_all journal;
    place text;
    steps text;         -- the steps, each with the key of its row as `k`
    found_by text;
    columns text[];
    odd record;
begin
    select * into like_all from journal where act_id = p_act and n = p_first;
    place := format('public.%I', like_all.table_name);
    steps := format('(select j.* from journal j where j.act_id = $1 and j.n between $2 and $3) j
                     cross join lateral jsonb_populate_record(null::%s, j.key) k', place);
    select string_agg(format('t.%1$I = k.%1$I', key), ' and ') into found_by from jsonb_object_keys(like_all.key) key;
    execute format('select from %s t join %s on %s order by j.n for update of t', place, steps, found_by)
      using p_act, p_first, p_last;
    execute format(
        'select s.is_now, s.key || coalesce(s.after, s.before) as was, s.others
           from (select j.key, j.before, j.after, j.n, to_jsonb(t) as is_now,
                        array(select a.key from jsonb_each(j.after) a
                               where a.value is distinct from to_jsonb(t) -> a.key) as others
                   from %s left join %s t on %s) s
          where (s.is_now is null) <> $4 or s.others <> %L
          order by s.n desc limit 1', steps, place, found_by, '{}')
      into odd using p_act, p_first, p_last, like_all.operation = 'DELETE';
    if odd.was is not null then
        perform sfa.refuse_undo(
            case when odd.is_now is null then 'gone' when like_all.operation = 'DELETE' then 'back' else 'changed' end,
            like_all.table_name, coalesce(odd.is_now, odd.was), odd.others);
    end if;
    -- Columns that a newer version dropped stay forgotten.
    columns := array(select attname::text from pg_attribute
                      where attrelid = place::regclass and attnum > 0 and not attisdropped
                        and like_all.before ? attname order by attnum);
    if like_all.operation = 'INSERT' then
        execute format('delete from %s t using %s where %s', place, steps, found_by) using p_act, p_first, p_last;
    elsif like_all.operation = 'DELETE' then
        execute format('insert into %s (%s) overriding system value
                        select %s from %s cross join lateral jsonb_populate_record(null::%1$s, j.before) b order by j.n desc',
                       place, (select string_agg(quote_ident(c), ', ') from unnest(columns) c),
                       (select string_agg(format('b.%I', c), ', ') from unnest(columns) c), steps)
          using p_act, p_first, p_last;
    elsif columns <> '{}' then
        execute format('update %s t set %s from %s cross join lateral jsonb_populate_record(null::%1$s, j.before) b where %4$s',
                       place, (select string_agg(format('%1$I = b.%1$I', c), ', ') from unnest(columns) c), steps, found_by)
          using p_act, p_first, p_last;
    end if;
end $$;

-- Says what stands in the way: what kind of thing it is, what a person calls this one of them, and in which
-- of its particulars it differs.
create function sfa.refuse_undo(p_why text, p_table text, p_row jsonb, p_columns text[]) returns void
language plpgsql set search_path = public, pg_temp as $$
begin
    raise exception 'something is no longer as the act left it' using errcode = 'SF002',
        detail = jsonb_build_object(
            'why', p_why, 'columns', p_columns,
            'noun', coalesce(obj_description(to_regclass(format('public.%I', p_table))), replace(p_table, '_', ' ')),
            'name', coalesce(p_row ->> 'title', p_row ->> 'name', p_row ->> 'label'))::text;
end $$;

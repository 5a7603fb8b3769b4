-- One undo for everything a person does: acts, and what each of them changed.
create table acts (
    id          bigint generated always as identity primary key,
    account_id  uuid not null references accounts on delete cascade,
    said        text not null,                      -- what was done: "Deleted 3 tracks"
    at          timestamptz not null default now(),
    undoes      bigint references acts on delete set null,
    takes_back  boolean not null default false,     -- an undo; the undo of an undo does the thing again

    -- Two undos at once: the second finds the first one's row.
    constraint acts_undone_once  unique (undoes),
    constraint acts_say_something check (said <> '' and char_length(said) <= 500)
);

create index acts_newest on acts (account_id, id desc);
create index acts_oldest on acts (at);

create table journal (
    act_id      bigint not null references acts on delete cascade,
    n           bigint generated always as identity,
    table_name  text not null,
    operation   text not null,
    key         jsonb not null,                     -- by which the row is found as the act left it
    before      jsonb,                              -- of an update only the columns that it changed
    after       jsonb,
    primary key (act_id, n),

    constraint journal_operation_is_known check (operation in ('INSERT', 'UPDATE', 'DELETE')),
    constraint journal_has_what_it_needs  check ((before is null) = (operation = 'INSERT')
                                                 and (after is null) = (operation = 'DELETE'))
);

-- Writes down what happens to a row while an act is under way (see sfa.begin_act). A table opts in with
--     create trigger journal after insert or update or delete on <table>
--         for each row execute function journal('<key column>', …);
-- Keys are of columns that never change, or a row would not be found again.
-- What the database itself makes of the other columns is left out, because it would look like a change of
-- somebody else's: generated columns, `xid`, and columns that are named with a minus ('-search').
-- Moments are written in one time zone, whatever the session has: they are compared as text.
create function journal() returns trigger language plpgsql set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
    act bigint := nullif(current_setting('sfa.act', true), '')::bigint;
    derived text[];
    was jsonb;
    became jsonb;
    row_key jsonb;
begin
    if act is null then
        return null;
    end if;
    derived := array(select attname::text from pg_attribute where attrelid = tg_relid and attgenerated <> '')
               || array(select substr(arg, 2) from unnest(tg_argv) as arg where arg like '-%')
               || array['xid'];
    was := case when tg_op <> 'INSERT' then to_jsonb(old) - derived end;
    became := case when tg_op <> 'DELETE' then to_jsonb(new) - derived end;
    select jsonb_object_agg(arg, coalesce(became, was) -> arg) into strict row_key
      from unnest(tg_argv) as arg where arg not like '-%';
    if tg_op = 'UPDATE' then
        select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, became -> o.key) into was, became
          from jsonb_each(was) as o where o.value is distinct from became -> o.key;
    end if;
    if was is not null or became is not null then
        insert into journal (act_id, table_name, operation, key, before, after)
        values (act, tg_table_name, tg_op, row_key, was, became);
    end if;
    return null;
end $$;

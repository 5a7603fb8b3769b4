-- Who owns what. One account on a studio of one person; every row of music hangs on an account from
-- the first day, so that sharing a studio later changes no query.
create table accounts (
    id          uuid primary key default gen_random_uuid(),
    name        text not null unique,
    created_at  timestamptz not null default now(),

    constraint accounts_name_is_a_name check (name <> '' and char_length(name) <= 200)
);

insert into accounts (name) values ('owner');

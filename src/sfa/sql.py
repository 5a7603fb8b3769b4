"""Queries, written in `sql/queries/<room>.sql` and used from `<room>/store.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, LiteralString, TypeVar, cast

from psycopg import AsyncConnection
from psycopg.rows import class_row

Row = TypeVar("Row")
Conn = AsyncConnection[Any]

# In the wheel the folder travels inside the package; in a checkout it stands at the root.
_PACKED = Path(__file__).parent / "_sql"
ROOT = _PACKED if _PACKED.is_dir() else Path(__file__).parents[2] / "sql"

EVERY: list[Query[Any]] = []  # walked by tests/test_sql.py, which prepares each one

_BLOCK = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query(Generic[Row]):
    """One named statement and the class its rows come back as."""

    name: str
    text: LiteralString
    row: type[Row]

    async def all(self, conn: Conn, **params: object) -> list[Row]:
        async with conn.cursor(row_factory=class_row(self.row)) as cur:
            await cur.execute(self.text, params)
            return await cur.fetchall()

    async def first(self, conn: Conn, **params: object) -> Row | None:
        async with conn.cursor(row_factory=class_row(self.row)) as cur:
            await cur.execute(self.text, params)
            return await cur.fetchone()

    async def run(self, conn: Conn, **params: object) -> int:
        """Carry the statement out; how many rows it touched."""
        return (await conn.execute(self.text, params)).rowcount


@dataclass(frozen=True, slots=True)
class One:
    """The row class of a statement that answers with one value, named `value`."""

    value: Any


class Nothing:
    """The row class of a statement that returns no rows."""


class QueryFile:
    """The statements of one room. A name asked for but not written fails at import."""

    def __init__(self, room: str) -> None:
        parts = _BLOCK.split((ROOT / "queries" / f"{room}.sql").read_text())
        self._texts = dict(zip(parts[1::2], parts[2::2], strict=True))
        self.room = room

    def query(self, name: str, row: type[Row]) -> Query[Row]:
        # The files ship with the program: they are as trusted as its source.
        query = Query(f"{self.room}.{name}", cast(LiteralString, self._texts.pop(name)), row)
        EVERY.append(query)
        return query

    def statement(self, name: str) -> Query[Nothing]:
        return self.query(name, Nothing)

    def value(self, name: str) -> Query[One]:
        return self.query(name, One)

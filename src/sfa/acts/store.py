"""Rows of `acts` and `journal`: a trigger writes what was done down, `sfa.undo_act` takes it back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import psycopg

from sfa.errors import NotFound, Refused
from sfa.names import shown
from sfa.sql import Conn, QueryFile

KEPT_DAYS = 30
_LONGEST = 500
# Raised by sfa.undo_act.
_NOT_AS_LEFT, _UNDONE, _NO_ACT = "SF002", "SF003", "SF004"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person did, in one transaction."""

    id: int
    said: str  # of an undo: what was undone
    at: datetime
    age_s: float
    undoes: int | None
    undone_by: int | None
    takes_back: bool  # an undo; the undo of an undo does the thing again

    @property
    def words(self) -> str:
        if self.takes_back:
            return f"Undone: {self.said}"
        return f"Done again: {self.said}" if self.undoes else self.said


_sql = QueryFile("acts")
_begin = _sql.value("begin_act")
_say = _sql.statement("say")
_undo = _sql.value("undo_act")
_newest = _sql.query("newest_acts", Act)
_by_id = _sql.query("act_by_id", Act)
_forget = _sql.statement("forget_acts")


async def begin(conn: Conn, *, account_id: UUID, said: str) -> int:
    """From here to the end of the transaction, changes of journalled tables are recorded under a new act.

    `said` is what was done, without a full stop: "Deleted 3 tracks".
    """
    row = await _begin.first(conn, account_id=account_id, said=_clipped(said))
    assert row is not None
    act: int = row.value
    return act


async def say(conn: Conn, *, act_id: int, said: str) -> None:
    """What an act has come to, where that is known only once it is done."""
    await _say.run(conn, act_id=act_id, said=_clipped(said))


async def undo(conn: Conn, *, account_id: UUID, act_id: int) -> Act:
    """Take an act back, all of it or nothing; the act that did so. Undoing that one does the thing again.

    Raises
    ------
    NotFound
        When this account has no such act.
    Refused
        When it is undone already, or something is no longer as the act left it.
    """
    if not _is_number(act_id):
        raise _no_act()
    try:
        async with conn.transaction():
            row = await _undo.first(conn, account_id=account_id, act_id=act_id)
    except psycopg.DatabaseError as error:
        raise _in_words(error) from error
    assert row is not None
    return await act_by_id(conn, account_id=account_id, act_id=row.value)


async def act_by_id(conn: Conn, *, account_id: UUID, act_id: int) -> Act:
    act = await _by_id.first(conn, account_id=account_id, act_id=act_id) if _is_number(act_id) else None
    if act is None:
        raise _no_act()
    return act


async def newest(conn: Conn, *, account_id: UUID, limit: int) -> list[Act]:
    """The newest first, undos among them."""
    return await _newest.all(conn, account_id=account_id, limit=limit)


async def forget_old(conn: Conn, *, days: int = KEPT_DAYS) -> int:
    """For the nightly sweep: what was done longer ago can no longer be undone. How many were forgotten."""
    return await _forget.run(conn, days=days)


def _in_words(error: psycopg.DatabaseError) -> Exception:
    if error.sqlstate == _NO_ACT:
        return _no_act()
    if error.sqlstate == _UNDONE:
        return Refused("This is undone already.", fix="Redo it first, if you want to undo it again.")
    if error.sqlstate != _NOT_AS_LEFT:
        return error
    facts = json.loads(error.diag.message_detail or "{}")
    what = f"The {facts['noun']} {shown(facts['name'])}" if facts["name"] else f"The {facts['noun']}"
    columns = " and ".join(column.replace("_", " ") for column in facts["columns"] or [])
    sentence, fix = {
        "gone": (f"{what} was deleted since", "Bring it back first, then try again."),
        "back": (f"{what} is there again", "Delete it first, then try again."),
        "changed": (f"{what} was changed since ({columns})", "Undo the later change first."),
        "hindered": (
            f"What was done since stands in the way: {facts['noun']}",
            "Undo the later change first.",
        ),
    }[facts["why"]]
    return Refused(f"{sentence}, so nothing was changed.", fix=fix, why=facts["why"], noun=facts["noun"])


def _no_act() -> NotFound:
    fix = f"What was done can be undone for {KEPT_DAYS} days."
    return NotFound("There is nothing like that to undo.", fix=fix)


def _is_number(act_id: int) -> bool:
    """Whether any act can have this number: an address may hold larger ones."""
    return 0 < act_id < 1 << 63


def _clipped(said: str) -> str:
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"

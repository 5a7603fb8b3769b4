"""Rows of `accounts`."""

from __future__ import annotations

from uuid import UUID

from sfa.errors import NotFound
from sfa.sql import Conn, QueryFile

_sql = QueryFile("accounts")
_owner = _sql.value("owner")


async def owner_id(conn: Conn) -> UUID:
    """The account that everything belongs to on a studio of one person."""
    row = await _owner.first(conn)
    if row is None:
        raise NotFound("This studio has no account.", fix="Run ./sfa migrate.")
    owner: UUID = row.value
    return owner

"""Who is asking. On a studio of one person it is always its owner; handlers ask by name all the same."""

from __future__ import annotations

from uuid import UUID

from litestar.di import NamedDependency

from sfa import accounts
from sfa.sql import Conn


async def provide_account_id(conn: NamedDependency[Conn]) -> UUID:
    return await accounts.owner_id(conn)

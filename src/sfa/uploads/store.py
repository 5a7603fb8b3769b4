"""Rows of `uploads`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg

from sfa.errors import NotFound, Refused
from sfa.sql import Conn, QueryFile


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in."""

    id: UUID
    account_id: UUID
    file_name: str
    bytes: int
    received: int
    fingerprint: str | None
    sha256: str | None  # of the whole, as its page said
    track_id: UUID | None  # what became of it
    is_new: bool | None
    quiet_s: float  # since the last part came


class InUse(Refused):
    """Somebody else is writing to the same upload at this moment."""


_sql = QueryFile("uploads")
_lock_account = _sql.value("lock_account")
_count = _sql.value("count_open")
_again = _sql.query("open_again", Upload)
_open = _sql.query("open_upload", Upload)
_by_id = _sql.query("upload_by_id", Upload)
_lock = _sql.query("lock_upload", Upload)
_await = _sql.query("await_upload", Upload)
_received = _sql.statement("put_received")
_track = _sql.statement("put_track")
_drop = _sql.statement("drop_upload")
_unfinished = _sql.query("open_uploads", Upload)
_to_come = _sql.value("bytes_to_come")


async def lock_account(conn: Conn, account_id: UUID) -> None:
    """Until the end of the transaction nobody else opens an upload for this account."""
    await _lock_account.first(conn, account_id=account_id)


async def count_open(conn: Conn, *, account_id: UUID, patience: timedelta) -> int:
    row = await _count.first(conn, account_id=account_id, patience=patience)
    assert row is not None
    return int(row.value)


async def open_again(conn: Conn, *, account_id: UUID, bytes: int, fingerprint: str) -> Upload | None:
    """The interrupted upload of this very file, if there is one."""
    return await _again.first(conn, account_id=account_id, bytes=bytes, fingerprint=fingerprint)


async def open_upload(
    conn: Conn, *, account_id: UUID, file_name: str, bytes: int, fingerprint: str | None, sha256: str | None
) -> Upload:
    upload = await _open.first(
        conn,
        account_id=account_id,
        file_name=file_name,
        bytes=bytes,
        fingerprint=fingerprint,
        sha256=sha256,
    )
    assert upload is not None
    return upload


async def upload_by_id(conn: Conn, *, account_id: UUID, upload_id: UUID) -> Upload:
    return _there(await _by_id.first(conn, account_id=account_id, upload_id=upload_id))


async def lock_upload(conn: Conn, *, account_id: UUID, upload_id: UUID) -> Upload:
    """The upload, for nobody else until the end of the transaction.

    Raises
    ------
    InUse
        When somebody else has it; nothing is waited for.
    """
    try:
        return _there(await _lock.first(conn, account_id=account_id, upload_id=upload_id))
    except psycopg.errors.LockNotAvailable as error:
        raise InUse(
            "Another page is sending a part of the same file at this moment.",
            fix="Close one of the two, or wait: the other goes on by itself.",
        ) from error


async def await_upload(conn: Conn, *, account_id: UUID, upload_id: UUID) -> Upload:
    """As `lock_upload`, but after whoever has it."""
    return _there(await _await.first(conn, account_id=account_id, upload_id=upload_id))


async def put_received(conn: Conn, upload_id: UUID, received: int) -> None:
    await _received.run(conn, upload_id=upload_id, received=received)


async def put_track(conn: Conn, upload_id: UUID, *, track_id: UUID, is_new: bool) -> None:
    """The upload has ended; it stays for a page that did not hear of it."""
    await _track.run(conn, upload_id=upload_id, track_id=track_id, is_new=is_new)


async def drop_upload(conn: Conn, *, account_id: UUID, upload_id: UUID) -> None:
    if not await _drop.run(conn, account_id=account_id, upload_id=upload_id):
        _there(None)


async def open_uploads(conn: Conn, *, account_id: UUID, limit: int) -> list[Upload]:
    """Those that wait for a part, the latest first."""
    return await _unfinished.all(conn, account_id=account_id, limit=limit)


async def bytes_to_come(conn: Conn, *, patience: timedelta) -> int:
    row = await _to_come.first(conn, patience=patience)
    assert row is not None
    return int(row.value)


def _there(upload: Upload | None) -> Upload:
    if upload is None:
        raise NotFound(
            "There is no such upload any more.",
            fix="It was cancelled, or nothing came for a day. Send the file again.",
        )
    return upload

"""What becomes of the parts of a file: appended one by one, and a track when the last one is there.

No transaction is open while bytes are on their way. Each part is put down in
a short one that holds the row: what the row counts is safe on the disk.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

from sfa import db, library, media
from sfa.errors import Refused
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.uploads import store
from sfa.uploads.store import Upload
from sfa.web.words import size

MOST_OPEN = 64
_PART = 4 << 20  # of a request, held in memory until it is put down
_MOST_CHECKED = 16 << 20  # of a part whose digest was announced: it is held until it is whole
_RESERVE = 64 << 20  # of the disk, for everybody else


class OutOfStep(Refused):
    """A part was sent for another place than the one where the next one goes."""

    def __init__(self, received: int) -> None:
        super().__init__(
            "The studio has another part of this file than the page believes.",
            fix="The page finds out by itself and goes on.",
            received=received,
        )
        self.received = received


class Garbled(Refused):
    """A part did not arrive as it was sent."""


async def begin(
    conn: Conn,
    settings: Settings,
    *,
    account_id: UUID,
    file_name: str,
    bytes: int,
    fingerprint: str | None = None,
    sha256: str | None = None,
) -> Upload:
    """An upload of this file: the one that was interrupted, or a new one.

    Raises
    ------
    Refused
        `empty_file`, `too_large`, `disk_full`; `busy` when too many are open.
    """
    name = library.shown_file_name(file_name)
    if bytes == 0:
        raise Refused(f"{name} is empty: it has no bytes.", code="empty_file", fix="Copy or export it again.")
    if bytes > settings.max_upload_bytes:
        raise Refused(
            f"{name} has {size(bytes)}, and {size(settings.max_upload_bytes)} is the most this studio takes.",
            code="too_large",
            fix="Cut it, or raise SFA_MAX_UPLOAD_MB.",
        )
    await store.lock_account(conn, account_id)
    if fingerprint is not None:
        known = await store.open_again(conn, account_id=account_id, bytes=bytes, fingerprint=fingerprint)
        if known is not None:
            return known
    if await store.count_open(conn, account_id=account_id, patience=media.UPLOAD_PATIENCE) >= MOST_OPEN:
        raise Refused(
            f"{MOST_OPEN} uploads are unfinished, the most this studio keeps open.",
            code="busy",
            fix="Go on with those that were interrupted, or discard them.",
        )
    free = (
        media.free_bytes(settings)
        - _RESERVE
        - await store.bytes_to_come(conn, patience=media.UPLOAD_PATIENCE)
    )
    if bytes > free:
        raise Refused(
            f"{name} has {size(bytes)}, and there is room for {size(max(0, free))} on the studio's disk.",
            code="disk_full",
            fix="Free some room in the data folder, then try again.",
        )
    return await store.open_upload(
        conn, account_id=account_id, file_name=name, bytes=bytes, fingerprint=fingerprint, sha256=sha256
    )


def received_of(settings: Settings, upload: Upload) -> int:
    """How much of it is there: never more than lies on the disk, whatever became of that meanwhile."""
    if upload.track_id is not None:
        return upload.bytes
    return min(upload.received, media.size_of(media.begun(settings, upload.id)))


async def append(
    pool: db.Pool,
    settings: Settings,
    upload: Upload,
    chunks: AsyncIterator[bytes],
    *,
    at: int,
    sha256: bytes | None = None,
) -> int:
    """Put down what comes, from `at` on, as it comes; how far the file is now.

    What had come before a stream broke off is kept, unless a digest was
    announced: then it is all or nothing.

    Raises
    ------
    OutOfStep
        When the next part goes elsewhere.
    Garbled
        When the digest is another one.
    Refused
        When more comes than was announced, the disk is full, or the stream breaks off.
    """
    held = bytearray()
    try:
        async for chunk in chunks:
            held += chunk
            if sha256 is not None and len(held) > _MOST_CHECKED:
                raise Refused(
                    f"A part with a digest may have {size(_MOST_CHECKED)}.", fix="Send smaller parts."
                )
            if sha256 is None and len(held) >= _PART:
                at = await _put(pool, settings, upload, bytes(held), at=at)
                held.clear()
    except Refused as error:
        if error.code == "truncated" and held and sha256 is None:
            await _put(pool, settings, upload, bytes(held), at=at)
        raise
    if sha256 is not None and hashlib.sha256(held).digest() != sha256:
        raise Garbled(
            f"A part of {upload.file_name} did not arrive as it was sent.", fix="The page sends it again."
        )
    return await _put(pool, settings, upload, bytes(held), at=at) if held else at


async def _put(pool: db.Pool, settings: Settings, upload: Upload, part: bytes, *, at: int) -> int:
    end = at + len(part)
    if end > upload.bytes:
        raise Refused(
            f"More bytes came than the {upload.bytes:,} that were announced for {upload.file_name}.",
            fix="The file may have grown meanwhile. Choose it again.",
        )
    async with db.transaction(pool) as conn:
        now = await store.lock_upload(conn, account_id=upload.account_id, upload_id=upload.id)
        if (received := received_of(settings, now)) != at:
            raise OutOfStep(received)
        path = media.begun(settings, upload.id)
        await asyncio.to_thread(media.add_part, path, part, at=at, name=upload.file_name)
        await store.put_received(conn, upload.id, end)
    return end


async def finish(pool: db.Pool, settings: Settings, upload: Upload) -> Upload:
    """Make a track of a file that is whole. Whoever asks again finds the same one.

    Raises
    ------
    Refused
        When the file is not the one that was announced; nothing of it is kept then.
    """
    path = media.begun(settings, upload.id)
    try:
        sha256 = await asyncio.to_thread(media.digest_of, path)
    except FileNotFoundError:  # somebody else has brought it to its end
        return await _again(pool, upload)
    if upload.sha256 not in (None, sha256):
        async with db.transaction(pool) as conn:
            await cancel(conn, settings, account_id=upload.account_id, upload_id=upload.id)
        raise Refused(
            f"{upload.file_name} changed while it was sent, so nothing of it was kept.",
            fix="Choose it again, once nothing writes to it.",
        )
    async with db.transaction(pool) as conn:
        now = await store.await_upload(conn, account_id=upload.account_id, upload_id=upload.id)
        if now.track_id is None:
            track = await library.take_in(
                conn,
                settings,
                account_id=upload.account_id,
                file=media.Incoming(media.second_name(path), upload.bytes, sha256),
                file_name=upload.file_name,
            )
            await store.put_track(conn, upload.id, track_id=track.track_id, is_new=track.is_new)
    await asyncio.to_thread(media.forget, path)
    return await _again(pool, upload)


async def _again(pool: db.Pool, upload: Upload) -> Upload:
    async with db.snapshot(pool) as conn:
        return await store.upload_by_id(conn, account_id=upload.account_id, upload_id=upload.id)


async def cancel(conn: Conn, settings: Settings, *, account_id: UUID, upload_id: UUID) -> None:
    """Forget an upload and its bytes at once. A track that it has become stays.

    Raises
    ------
    NotFound
        When there is none.
    """
    await store.drop_upload(conn, account_id=account_id, upload_id=upload_id)
    # Before the commit, while the row keeps others off: without its bytes it could only begin anew anyway.
    await asyncio.to_thread(media.forget, media.begun(settings, upload_id))

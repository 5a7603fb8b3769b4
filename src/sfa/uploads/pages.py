"""Files that come in parts, as tus 1.0 has it (tus.io/protocols/resumable-upload): creation, PATCH, HEAD,
checksum, termination. What tus leaves open, the track that a file has become, is told by X-Track and X-Known.
"""

from __future__ import annotations

import base64
import re
from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, head, patch, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath

from sfa import accounts, db, library, media
from sfa.errors import Refused, SfaError
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.uploads import receive, store
from sfa.uploads.store import Upload
from sfa.web import mishaps
from sfa.web.arriving import body_of

VERSION = "1.0.0"
_TUS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_KIND = "application/offset+octet-stream"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FINGERPRINT = re.compile(r"[\w.:-]{1,200}", re.ASCII)
_MOST_KNOWN = 1000
_SHOWN = 50
_AS_TUS_DOES = "Use the page, or a program that speaks tus 1.0."


class Misspoken(Refused):
    """A header that is not as the protocol has it; `status` is the protocol's answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, fix=_AS_TUS_DOES, status=status)
        self.status = status


def _show(request: Request[Any, Any, Any], error: SfaError) -> Response[Any]:
    statuses: dict[type[SfaError], int] = {receive.OutOfStep: 409, store.InUse: 423, receive.Garbled: 460}
    status = error.status if isinstance(error, Misspoken) else statuses[type(error)]
    answer = mishaps.answer(request, status, str(error), error.fix)
    answer.headers.update(_TUS)
    if isinstance(error, receive.OutOfStep):
        answer.headers["Upload-Offset"] = str(error.received)
    if isinstance(error, Misspoken) and error.status == 412:
        answer.headers["Tus-Version"] = VERSION
    return answer


_MISHAPS: Any = dict.fromkeys((receive.OutOfStep, store.InUse, receive.Garbled, Misspoken), _show)


@route(["/uploads", "/uploads/{upload_id:uuid}"], http_method=[HttpMethod.OPTIONS], status_code=204)
async def abilities(settings: NamedDependency[Settings]) -> Response[None]:
    """What a program that speaks tus wants to know first."""
    return Response(
        None,
        status_code=204,
        headers=_TUS
        | {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,termination,checksum",
            "Tus-Max-Size": str(settings.max_upload_bytes),
            "Tus-Checksum-Algorithm": "sha256",
        },
    )


@post("/uploads", status_code=201, exception_handlers=_MISHAPS)
async def begin(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
) -> Response[None]:
    """Announce a file. Its fingerprint, if the page gives one, finds an upload that was interrupted."""
    _check_version(request)
    told = _metadata(request.headers.get("upload-metadata", ""))
    sha256 = told.get("sha256")
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise Misspoken("The digest of the file is no SHA-256.", 400)
    fingerprint = told.get("fingerprint")
    if fingerprint is not None and not _FINGERPRINT.fullmatch(fingerprint):
        raise Misspoken("The fingerprint of the file is not one that a page makes.", 400)
    upload = await receive.begin(
        conn,
        settings,
        account_id=account_id,
        file_name=told.get("filename", ""),
        bytes=_number(request, "upload-length"),
        fingerprint=fingerprint,
        sha256=sha256,
    )
    return _answer(settings, upload, 201, Location=f"/uploads/{upload.id}")


@get("/uploads")
async def unfinished(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], settings: NamedDependency[Settings]
) -> Response[list[dict[str, Any]]]:
    """What a page can offer to go on with."""
    found = await store.open_uploads(conn, account_id=account_id, limit=_SHOWN)
    shown = [
        {
            "id": str(upload.id),
            "name": upload.file_name,
            "bytes": upload.bytes,
            "received": receive.received_of(settings, upload),
            "quiet_s": round(upload.quiet_s),
        }
        for upload in found
    ]
    return Response(shown, headers={"Cache-Control": "no-store"})


@post("/uploads/known", status_code=200, request_max_body_size=1 << 18)
async def known(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
) -> Response[dict[str, dict[str, str]]]:
    """Which of these files, by their SHA-256, need not be sent: one digest per line.

    A file that the library has lost since is to be sent again: that is how it comes back.
    """
    asked = (await request.body()).decode("ascii", "replace").split()
    if len(asked) > _MOST_KNOWN or not all(_SHA256.fullmatch(one) for one in asked):
        raise Refused(
            f"That is no list of SHA-256 digests, {_MOST_KNOWN:,} at most, one per line.", fix="Ask again."
        )
    found = await library.tracks_of_files(conn, account_id=account_id, sha256s=asked)
    there = {
        file.sha256: {"id": str(file.id), "title": file.title}
        for file in found
        if media.size_of(media.blob(settings, file.sha256)) == file.bytes
    }
    return Response(there, headers={"Cache-Control": "no-store"})


@head("/uploads/{upload_id:uuid}", exception_handlers=_MISHAPS)
async def where(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    upload_id: FromPath[UUID],
) -> Response[None]:
    _check_version(request)
    upload = await store.upload_by_id(conn, account_id=account_id, upload_id=upload_id)
    return _answer(settings, upload, 200)


@patch("/uploads/{upload_id:uuid}", request_max_body_size=None, status_code=204, exception_handlers=_MISHAPS)
async def take(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    settings: NamedDependency[Settings],
    upload_id: FromPath[UUID],
) -> Response[None]:
    """The next part; the last one makes a track of the file.

    Takes the pool: a part may be minutes on its way. Said again after a lost
    answer, the last part finds the track; without a body it asks only for that.
    """
    _check_version(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != _KIND:
        raise Misspoken(f"A part of a file is sent as {_KIND}.", 415)
    at = _number(request, "upload-offset")
    sha256 = _checksum(request)
    async with db.snapshot(pool) as conn:
        account_id = await accounts.owner_id(conn)
        upload = await store.upload_by_id(conn, account_id=account_id, upload_id=upload_id)
    received = receive.received_of(settings, upload)
    if upload.track_id is None:
        if at != received:
            raise receive.OutOfStep(received)
        received = await receive.append(pool, settings, upload, body_of(request), at=at, sha256=sha256)
        if received == upload.bytes:
            upload = await receive.finish(pool, settings, upload)
    return _answer(settings, upload, 204, received=received)


@delete("/uploads/{upload_id:uuid}", status_code=204)
async def cancel(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    upload_id: FromPath[UUID],
) -> Response[None]:
    await receive.cancel(conn, settings, account_id=account_id, upload_id=upload_id)
    return Response(None, status_code=204, headers=_TUS)


def _answer(
    settings: Settings, upload: Upload, status: int, *, received: int | None = None, **headers: str
) -> Response[None]:
    at = receive.received_of(settings, upload) if received is None else received
    headers |= _TUS | {"Upload-Offset": str(at), "Upload-Length": str(upload.bytes)}
    if upload.track_id is not None:
        headers |= {"X-Track": str(upload.track_id), "X-Known": str(int(not upload.is_new))}
    return Response(None, status_code=status, headers=headers)


def _check_version(request: Request[Any, Any, Any]) -> None:
    """Whoever names a version means it; whoever names none, as curl, is taken to mean ours."""
    if request.headers.get("tus-resumable", VERSION) != VERSION:
        raise Misspoken(f"This studio speaks tus {VERSION}.", 412)


def _number(request: Request[Any, Any, Any], header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Misspoken(f"The header {header.title()} does not say how many bytes.", 400)
    return int(text)


def _checksum(request: Request[Any, Any, Any]) -> bytes | None:
    said = request.headers.get("upload-checksum")
    if said is None:
        return None
    name, _, value = said.partition(" ")
    digest = _decoded(value)
    if name != "sha256" or digest is None or len(digest) != 32:
        raise Misspoken("The digest of a part is written as sha256, a blank, and the digest in base64.", 400)
    return digest


def _metadata(header: str) -> dict[str, str]:
    """What is told about a file: words and their values in base64, as the protocol has them."""
    told: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        word, _, value = pair.partition(" ")
        decoded = _decoded(value)
        if decoded is None:
            raise Misspoken(f"The value of {word[:40]} in Upload-Metadata is not in base64.", 400)
        told[word] = decoded.decode(errors="replace")
    return told


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


routes = [abilities, begin, unfinished, known, where, take, cancel]

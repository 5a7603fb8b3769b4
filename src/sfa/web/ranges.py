"""Sound over HTTP: whole or in part, from disk to socket in small pieces.

Players seek by asking for bytes; Litestar's own file responses answer such a
request with the whole file.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

from sfa.errors import NotFound

_PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class Sound:
    """A file of the media folder, as it may be sent."""

    path: Path
    sha256: str
    media_type: str
    name: str  # what it is called when it is saved


class Unsatisfiable(Exception):
    """The asked range begins behind the end."""


def span_of(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte that a Range header asks for; None for the whole file.

    A header that cannot be understood, or that asks for several ranges, is
    ignored, as HTTP allows.

    Raises
    ------
    Unsatisfiable
        When nothing of the file lies in the range.
    """
    match = _RANGE.fullmatch((header or "").replace(" ", ""))
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < first:
            return None
    if first > last:
        raise Unsatisfiable
    return first, last


def answer(request: Request[Any, Any, Any], sound: Sound, *, download: bool = False) -> Response[Any]:
    """The file, the part of it that was asked for, or the word that the browser has it already."""
    try:
        stat = sound.path.stat()
    except OSError as error:
        raise NotFound(
            f"The file of {sound.name} is not in the media folder any more.",
            fix="Put it back from a backup, or add the song again.",
        ) from error
    tag = f'"{sound.sha256[:32]}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Last-Modified": formatdate(stat.st_mtime, usegmt=True),
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": disposition("attachment" if download else "inline", sound.name),
    }
    if tag in (request.headers.get("if-none-match") or ""):
        return Response(None, status_code=304, headers=headers)
    # A range of another version of the file would be a mixture of both.
    wanted = request.headers.get("range") if request.headers.get("if-range", tag) == tag else None
    try:
        span = span_of(wanted, stat.st_size)
    except Unsatisfiable:
        ahead = headers | {"Content-Range": f"bytes */{stat.st_size}"}
        return Response(b"", status_code=416, media_type="text/plain", headers=ahead)
    first, last = span or (0, stat.st_size - 1)
    headers["Content-Length"] = str(last - first + 1)
    if span:
        headers["Content-Range"] = f"bytes {first}-{last}/{stat.st_size}"
    return Stream(
        pieces(sound.path, first, last - first + 1),
        status_code=206 if span else 200,
        media_type=sound.media_type,
        headers=headers,
    )


def disposition(kind: str, name: str) -> str:
    """Content-Disposition with a name in any script (RFC 6266, RFC 5987), and one for old programs."""
    plain = "".join(letter if 32 <= ord(letter) < 127 and letter not in '"\\/%' else "_" for letter in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def pieces(path: Path, first: int, length: int) -> AsyncIterator[bytes]:
    """So many bytes of a file from `first` on, a little at a time."""
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (piece := await asyncio.to_thread(file.read, min(_PIECE, length))):
            length -= len(piece)
            yield piece

"""Our own files for browsers: text is compressed once, at the start, and is a quarter of it on the way."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

# Not left to the machine: its list may be empty, and a browser runs no module of another type.
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_KEPT = "public, max-age=31536000, immutable"
_WORTH = 0.9  # of its size: what does not shrink below goes as it is


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    plain: bytes
    pressed: bytes | None


def make_route(url: str, folder: Path) -> HTTPRouteHandler:
    """All files of a folder below an address that changes whenever one of them does. They are read now."""
    files = {str(file.relative_to(folder)): _read(file) for file in folder.rglob("*") if file.is_file()}

    @get(f"{url}/{{path:path}}")
    async def static(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
        file = files.get(path.lstrip("/"))
        if file is None:
            raise NotFoundException
        headers = {"Cache-Control": _KEPT, "Vary": "Accept-Encoding"}
        body = file.plain
        if file.pressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = file.pressed
        return Response(body, media_type=file.media_type, headers=headers)

    return static


def _read(file: Path) -> _File:
    plain = file.read_bytes()
    pressed = gzip.compress(plain, mtime=0)
    guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    media_type = _TYPES.get(file.suffix, guessed)
    return _File(media_type, plain, pressed if len(pressed) < _WORTH * len(plain) else None)

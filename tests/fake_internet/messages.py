"""What is asked and what is answered: HTTP/1.1 messages, as far as the clients of an import use them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

_LINE = 65_536


class Malformed(Exception):
    """What came is no HTTP."""


class Unmodelled(Exception):
    """Nobody has said how the real host answers this."""


class Headers:
    """Names without regard to case, in the order in which they came."""

    def __init__(self, pairs: list[tuple[str, str]] | None = None) -> None:
        self.pairs = pairs or []

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.pairs if key.lower() == name.lower()), default)

    def __contains__(self, name: str) -> bool:
        return any(key.lower() == name.lower() for key, _ in self.pairs)


@dataclass
class Request:
    method: str
    scheme: str
    host: str
    port: int
    target: str  # path and query as they were sent
    headers: Headers
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path) or "/"

    @property
    def query(self) -> dict[str, str]:
        """Of a name that comes twice, the first."""
        return {key: values[0] for key, values in parse_qs(urlsplit(self.target).query, True).items()}

    @property
    def url(self) -> str:
        default = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{self.host}{'' if self.port == default else f':{self.port}'}{self.target}"

    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode(), True).items()}

    def json(self) -> Any:
        # ytmusicapi says that its bodies are gzipped, and sends them plain; its servers do not mind.
        return json.loads(self.body)

    @property
    def from_browser(self) -> bool:
        return self.headers.get("User-Agent").startswith("Mozilla/")


@dataclass
class Response:
    status: int = 200
    body: bytes | Iterator[bytes] = b""  # an iterator is sent in chunks, for as long as the client stays
    headers: list[tuple[str, str]] = field(default_factory=list)
    length: int | None = None  # what is promised, where it is not what is sent

    @property
    def reason(self) -> str:
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Not In The Double"


def as_json(what: Any, status: int = 200, **headers: str) -> Response:
    body = json.dumps(what, ensure_ascii=False, separators=(",", ":")).encode()
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Response(status, body, [("Content-Type", "application/json; charset=utf-8"), *named])


def as_html(text: str, status: int = 200) -> Response:
    return Response(status, text.encode(), [("Content-Type", "text/html; charset=utf-8")])


def as_text(text: str, status: int = 200) -> Response:
    return Response(status, text.encode(), [("Content-Type", "text/plain; charset=utf-8")])


def redirect(to: str, status: int = 302) -> Response:
    return Response(status, b"", [("Location", to)])


def as_file(request: Request, data: bytes, content_type: str) -> Response:
    """A file that can be asked for in parts; what lies beyond its end is refused with its length."""
    headers = [("Content-Type", content_type), ("Accept-Ranges", "bytes")]
    wanted = request.headers.get("Range")
    if not wanted.startswith("bytes=") or "," in wanted:
        return Response(200, data, headers)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    if first:
        start, end = int(first), min(int(last), len(data) - 1) if last else len(data) - 1
    else:
        start, end = max(0, len(data) - int(last)), len(data) - 1
    if start > end:
        return Response(416, b"", [*headers, ("Content-Range", f"bytes */{len(data)}")])
    return Response(
        206, data[start : end + 1], [*headers, ("Content-Range", f"bytes {start}-{end}/{len(data)}")]
    )


def read_head(stream: BinaryIO) -> tuple[str, str, Headers] | None:
    """Method, target and headers of the next request; None when the client is through."""
    line = stream.readline(_LINE)
    while line in (b"\r\n", b"\n"):
        line = stream.readline(_LINE)
    if not line:
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed(f"{line[:80]!r} is no request")
    return words[0].upper(), words[1], Headers(list(_header_lines(stream)))


def _header_lines(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    while True:
        line = stream.readline(_LINE)
        if line in (b"\r\n", b"\n"):
            return
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise Malformed(f"{line[:80]!r} is no header")
        yield name.strip(), value.strip()


def read_body(stream: BinaryIO, headers: Headers) -> bytes:
    if headers.get("Transfer-Encoding").lower() == "chunked":
        return b"".join(_chunks(stream))
    wanted = headers.get("Content-Length", "0")
    if not wanted.isdecimal():
        raise Malformed(f"{wanted!r} is no length")
    body = stream.read(int(wanted))
    if len(body) < int(wanted):
        raise Malformed(f"{len(body)} bytes came of {wanted}")
    return body


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while True:
        given = stream.readline(_LINE).split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9A-Fa-f]+", given):
            raise Malformed(f"{given!r} is no length of a chunk")
        if (size := int(given, 16)) == 0:
            break
        yield stream.read(size)
        stream.readline(_LINE)
    while stream.readline(_LINE) not in (b"\r\n", b"\n", b""):
        pass

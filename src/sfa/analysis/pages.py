"""Waveforms and curves, as the arrays they are: a page draws them itself."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from sfa import analysis
from sfa.errors import NotFound
from sfa.sql import Conn

_FINEST = 1 << 16  # peaks: six minutes of the finest level, for whoever looks closely


@get("/tracks/{track_id:uuid}/peaks")
async def peaks(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
) -> Response[bytes]:
    found = await analysis.peaks_of_track(conn, account_id=account_id, track_id=track_id, at_most=_FINEST)
    return _peaks(request, found)


@get("/stems/{stem_id:uuid}/peaks")
async def stem_peaks(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    stem_id: FromPath[UUID],
) -> Response[bytes]:
    found = await analysis.peaks_of_stem(conn, account_id=account_id, stem_id=stem_id, at_most=_FINEST)
    return _peaks(request, found)


@get("/tracks/{track_id:uuid}/curves/{name:str}")
async def curve(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    name: FromPath[str],
) -> Response[bytes]:
    """Little-endian floats in row-major order; what they mean stands in the headers."""
    found = await analysis.curve_of_track(conn, account_id=account_id, track_id=track_id, name=name)
    if found is None:
        raise NotFound("This track has no such curve.", fix="It appears once the track has been analysed.")
    facts = {
        "X-Type": found.dtype,
        "X-Shape": ",".join(map(str, found.shape)),
        "X-Start-S": str(found.start_s),
        "X-Hop-S": "" if found.hop_s is None else str(found.hop_s),
    }
    return _bytes(request, found.data, facts)


def _peaks(request: Request[Any, Any, Any], found: analysis.Peaks | None) -> Response[bytes]:
    if found is None:
        raise NotFound("There is no waveform yet.", fix="It appears once the sound has been read.")
    return _bytes(request, found.data, {"X-Frames-Per-Peak": str(found.frames_per_peak)})


def _bytes(request: Request[Any, Any, Any], data: bytes, facts: dict[str, str]) -> Response[bytes]:
    tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    headers = {**facts, "ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    return Response(data, media_type="application/octet-stream", headers=headers)


routes = [peaks, stem_peaks, curve]

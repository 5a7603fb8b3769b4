"""Plots over HTTP: each as a part of the page, its pictures, its numbers."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from sfa import analysis
from sfa.errors import NotFound
from sfa.plots import chroma, likeness, png, sheet, store, timbre
from sfa.plots.drawing import Absent, Table
from sfa.plots.series import Series, series_of
from sfa.sql import Conn

_FRESH = {"Cache-Control": "no-store"}
_DRAWN = 1  # raise it when a picture is drawn in another way, lest browsers keep the old one
_A_DAY_S = 86400

Draw = Callable[[Series, float, int, str], bytes]
# A picture is one curve and a way to draw it, from its length in seconds, its lowest note, and its ground.
_PICTURES: dict[str, tuple[str, Draw]] = {
    "chroma": ("chroma", chroma.picture),
    "likeness": ("likeness", lambda found, _length_s, _lowest, ground: likeness.picture(found, ground)),
    "mel": ("mfcc", lambda found, length_s, _lowest, ground: timbre.mel_picture(found, length_s, ground)),
    "mfcc": ("mfcc", lambda found, length_s, _lowest, ground: timbre.mfcc_picture(found, length_s, ground)),
}


@get("/tracks/{track_id:uuid}/plots/{name:str}")
async def show(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    name: FromPath[str],
) -> Template:
    """One plot, for the place that waits for it."""
    drawn = await sheet.drawn(conn, account_id=account_id, track_id=track_id, name=name)
    revision = await store.revision_of_track(conn, account_id=account_id, track_id=track_id)
    return Template(
        "plots/_absent.html" if isinstance(drawn.plot, Absent) else "plots/_plot.html",
        context={"plot": drawn.plot, "extra": drawn.extra, "rev": _rev(revision)},
        headers=_FRESH,
    )


@get("/tracks/{track_id:uuid}/plots/{name:str}/picture")
async def picture(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    name: FromPath[str],
    ground: FromQuery[str] = "dark",
    lowest: FromQuery[int] = 0,
) -> Response[bytes]:
    """A heat map as PNG, for dark or light ground; notes with the pitch class `lowest` at the bottom."""
    revision = await store.revision_of_track(conn, account_id=account_id, track_id=track_id)
    if name not in _PICTURES or ground not in png.RAMPS or not 0 <= lowest < 12:
        raise NotFound("There is no such picture.", fix="Open the page of the track.")
    headers = {
        "ETag": f'"{name}-{ground}-{lowest}-{_rev(revision)}"',
        "Cache-Control": f"private, max-age={_A_DAY_S}",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    curve, draw = _PICTURES[name]
    found = await analysis.curve_of_track(conn, account_id=account_id, track_id=track_id, name=curve)
    if found is None or not found.data or revision.duration_s is None:
        raise NotFound("There is no such picture yet.", fix="It appears once the track has been analysed.")
    # Tenths of a second of plain Python: other pages need not wait for it.
    data = await asyncio.to_thread(_picture, draw, found, revision.duration_s, lowest, ground)
    return Response(data, media_type="image/png", headers=headers)


@get("/tracks/{track_id:uuid}/plots/{name:str}/table")
async def table(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    name: FromPath[str],
) -> Response[str]:
    """The numbers behind a plot as CSV (RFC 4180)."""
    drawn = await sheet.drawn(conn, account_id=account_id, track_id=track_id, name=name)
    if isinstance(drawn.plot, Absent):
        raise NotFound("There are no numbers behind this plot.", fix=drawn.plot.reason)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', **_FRESH}
    text = await asyncio.to_thread(lambda: _csv(drawn.table()))
    return Response(text, media_type="text/csv", headers=headers)


def _picture(draw: Draw, found: analysis.Curve, length_s: float, lowest: int, ground: str) -> bytes:
    return draw(series_of(found), length_s, lowest, ground)


def _rev(revision: store.Revision) -> str:
    return f"{_DRAWN}-{revision.run_id}-{revision.fence}"


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.header)
    writer.writerows(table.rows)
    return out.getvalue()


routes = [show, picture, table]

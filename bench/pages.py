"""How long the server takes for a page of a small library and of a large one, side by side."""

from __future__ import annotations

import http.client
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import psycopg

from bench.ground import Ground, free_port, running, settle, wait_for
from bench.plan import Plan, say
from bench.report import Part, Table, quantile
from sfa.settings import ROOT

METHOD = """
Milliseconds from the first byte of the request until the last of the answer, over one kept connection to a
studio's own web process on the same machine. Two libraries on one server, each with its own web process, and
the pages of both asked for in turn. Rows are seeded by SQL: finished tracks with runs, stems and readings,
one in a hundred failed; two are running and four queued. The streams are another thing: a new connection, and
until the first event is whole, of a page that was just read or of one whose server has been restarted.
""".strip()
_SHELF = Path(__file__).with_name("shelf.sql")
_PATIENCE_S = 60.0
_CURSOR = re.compile(rb"/events\?after=(\d+-\d+)")
_WHOLE = (
    "select track_id from beats join tracks on id = track_id where n = 0 order by created_at desc limit 1"
)


@dataclass(frozen=True, slots=True)
class _Site:
    """A web process on a library of its own."""

    port: int
    link: http.client.HTTPConnection
    track: UUID  # one that has everything

    def get(self, path: str) -> bytes:
        self.link.request("GET", path)
        answer = self.link.getresponse()
        body = answer.read()
        assert answer.status == 200, f"{path} answered {answer.status}"
        return body


@dataclass(frozen=True, slots=True)
class _Ask:
    """Something that a browser asks for."""

    title: str
    took: Callable[[_Site], float]  # seconds


def measure(ground: Ground, plan: Plan) -> Part:
    with ExitStack() as held:
        sites = [held.enter_context(_site(ground, tracks)) for tracks in plan.page_tracks]
        asks = _asks(sites[0].track)
        took: dict[str, list[list[float]]] = {ask.title: [[] for _ in sites] for ask in asks}
        say(f"pages: {len(asks)} things, each asked for {plan.page_asks} times")
        for number in range(plan.page_asks + 1):
            for ask in asks:
                for site, times in zip(sites, took[ask.title], strict=True):
                    ms = 1000 * ask.took(site)
                    if number:  # the first of all has templates to compile and statements to plan
                        times.append(ms)
    return _part(took, plan)


def fill(conninfo: str, tracks: int) -> UUID:
    """A library of so many finished tracks, in a migrated database; one of them that has everything."""
    with psycopg.connect(conninfo, autocommit=True) as conn:
        conn.execute("select set_config('bench.tracks', %s, false)", [str(tracks)])
        conn.execute(_SHELF.read_bytes())
        conn.execute("vacuum analyze")
        row = conn.execute(_WHOLE).fetchone()
        assert row is not None
        whole: UUID = row[0]
        return whole


def cursor_in(page: bytes) -> str:
    """Where the stream of a page begins."""
    found = _CURSOR.search(page)
    assert found is not None
    return found[1].decode()


@contextmanager
def _site(ground: Ground, tracks: int) -> Iterator[_Site]:
    say(f"pages: a library of {tracks} tracks")
    conninfo = ground.database(f"pages_{tracks}")
    track = fill(conninfo, tracks)
    data, port = ground.folder / f"pages-{tracks}", free_port()
    env = ground.env(conninfo, data, {"SFA_PORT": str(port)})
    with running([sys.executable, str(ROOT / "web.py")], env, ground.folder / f"pages-{tracks}.log") as web:
        wait_for(f"http://127.0.0.1:{port}")
        settle(web)
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)) as link:
            yield _Site(port, link, track)


def _asks(track: UUID) -> list[_Ask]:
    pages = {
        "desk": "/",
        "library": "/library",
        "search": "/library?" + urlencode({"q": "harbour oro"}),
        "search, misspelt": "/library?" + urlencode({"q": "habrour"}),
        "filter and sort": "/library?" + urlencode({"bpm": "118-128", "key": "8A~", "sort": "-loudness"}),
        "grid by title": "/library?" + urlencode({"view": "grid", "sort": "title"}),
        "track": f"/tracks/{track}",
    }
    return [
        *(_Ask(title, partial(_page, path)) for title, path in pages.items()),
        _Ask("stream, first event", partial(_stream, None)),
        _Ask("stream, its place lost", partial(_stream, "1-1")),
    ]


def _page(path: str, site: _Site) -> float:
    began = time.perf_counter()
    site.get(path)
    return time.perf_counter() - began


def _stream(after: str | None, site: _Site) -> float:
    """Until the first event that tells something, after a place or after the page that was just read."""
    after = after or cursor_in(site.get("/library"))
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=_PATIENCE_S)) as link:
        began = time.perf_counter()
        link.request("GET", f"/events?page=library&after={after}")
        lines = link.getresponse()
        while not lines.readline().startswith(b"id:"):
            pass
        return time.perf_counter() - began


def _part(took: dict[str, list[list[float]]], plan: Plan) -> Part:
    few, many = plan.page_tracks
    part = Part("pages", f"Pages of {few:,} and of {many:,} tracks, {plan.page_asks} times each", METHOD)
    table = Table(["ms", f"p50 of {few:,}", "p95", f"p50 of {many:,}", "p95", "p50 ratio", "p95 ratio"])
    for title, (small, large) in took.items():
        low, high = ([quantile(times, share) for share in (0.5, 0.95)] for times in (small, large))
        ratios = [b / a for a, b in zip(low, high, strict=True)]
        table.rows.append([title, *low, *high, *ratios])
        part.figures[title] = {f"{few}_ms": low, f"{many}_ms": high, "ratios": ratios}
    part.tables = [table]
    return part

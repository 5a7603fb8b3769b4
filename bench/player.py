"""How soon the player sounds, how it seeks and loops, and what a tab of it holds: in a real Chromium."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import statistics
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import psutil

from bench import songs
from bench.forging import connected, take_in
from bench.ground import Ground, free_port, running, wait_for
from bench.plan import Plan, say
from bench.report import Part, Table, Target, quantile
from sfa import media
from sfa.library import store as library_store
from sfa.separation import store as separation_store
from sfa.separators.pack import write_pack
from sfa.settings import ROOT, Settings
from sfa.sound import StemFile, StemWriter

FIRST_MS, SEEK_MS = 300.0, 100.0
METHOD = """
A song in four stems, in a studio's own web process, and a headless Chromium without a sound card on the
same machine; every first sound is that of a fresh browser with an empty cache. *First sound*: from the click
on Play until a sample that is not zero goes to the sound card. *Prefetched*: the page had been open for a
second; *cold*: clicked as soon as there is something to click. *All of it decoded*: the plain way, four whole
files through `decodeAudioData`. *Seek*: to places never heard before, until the audio thread says that it
sounds. Memory is what no other process shares, of all tabs of the browser.
""".strip()
_SCRIPT = Path(__file__).with_suffix(".js")
_ARGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
_CALM_S = 1.0
_LOOP_S = (1.003, 2.507)
_ROUNDS_OF_LOOP = 4


@dataclass(frozen=True, slots=True)
class _Set:
    """What is played, and where."""

    address: str
    track: UUID
    stems: list[str]  # addresses of the whole files
    pack: dict[str, Any]  # as a page tells the player
    length_s: float


class _Held:
    """The most that the tabs of a browser hold, while the block lasts: memory that is theirs alone."""

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def mb(self) -> float:
        return self.most / 2**20

    def __enter__(self) -> _Held:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            held = 0
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    if "--type=renderer" in process.cmdline():
                        held += process.memory_full_info().uss
            self.most = max(self.most, held)
            if self._over.wait(0.25):
                return


def measure(ground: Ground, plan: Plan) -> Part:
    return asyncio.run(_measure(ground, plan))


async def _measure(ground: Ground, plan: Plan) -> Part:
    data = ground.folder / "player"
    port = free_port()
    settings = ground.settings(ground.database("player"), data, {"SFA_PORT": str(port)})
    async with connected(settings) as conn:
        stage = await _song(conn, settings, ground.folder, plan.player_s)
    env = ground.env(str(settings.database_url), data, {"SFA_PORT": str(port)})
    with running([sys.executable, str(ROOT / "web.py")], env, ground.folder / "player-web.log"):
        await asyncio.to_thread(wait_for, stage.address)
        firsts: dict[str, list[float]] = {"prefetched": [], "cold": [], "whole": []}
        held: dict[str, list[float]] = {"player": [], "whole": []}
        for number in range(plan.rounds):
            await _round(stage, plan, firsts, held)
            last = {name: f"{values[-1]:.0f} ms" for name, values in firsts.items()}
            say(f"player, round {number + 1}: first sound {last}")
        async with _tab() as page:
            await page.goto(f"{stage.address}/healthz")
            seeks = await _do(page, "seeks", stage, places=_places(stage, plan), listenS=plan.player_listen_s)
        async with _tab() as page:
            await page.goto(f"{stage.address}/healthz")
            a, b = _LOOP_S
            loop = await _do(page, "loop", stage, a=a, b=b, rounds=_ROUNDS_OF_LOOP)
    return _part(stage, firsts, held, seeks, loop, plan)


async def _round(
    stage: _Set, plan: Plan, firsts: dict[str, list[float]], held: dict[str, list[float]]
) -> None:
    page_url = f"{stage.address}/tracks/{stage.track}"
    async with _tab() as page:
        await page.goto(f"{page_url}#early")
        firsts["cold"].append(await page.evaluate("window.bench.early"))
    with _Held() as ours:
        async with _tab() as page:
            await page.goto(page_url)
            await asyncio.sleep(_CALM_S)
            firsts["prefetched"].append(await page.evaluate("window.bench.click()"))
            await asyncio.sleep(plan.player_listen_s)
    with _Held() as theirs:
        async with _tab() as page:
            await page.goto(f"{stage.address}/healthz")
            firsts["whole"].append(await page.evaluate("urls => window.bench.whole(urls)", stage.stems))
    held["player"].append(ours.mb)
    held["whole"].append(theirs.mb)


@asynccontextmanager
async def _tab() -> AsyncIterator[Any]:
    """A tab of a browser of its own, nothing in its cache."""
    from playwright.async_api import async_playwright

    program = os.environ.get("SFA_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_ARGS)
        try:
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await page.add_init_script(path=str(_SCRIPT))
            yield page
        finally:
            await browser.close()


async def _do(page: Any, name: str, stage: _Set, **told: Any) -> dict[str, Any]:
    from sfa.web.templates import STATIC_URL

    what = {"base": f"{STATIC_URL}/js/engine", "pack": stage.pack, **told}
    found: dict[str, Any] = await page.evaluate(f"what => window.bench.{name}(what)", what)
    return found


def _places(stage: _Set, plan: Plan) -> list[float]:
    rng = random.Random(0)
    step = stage.length_s / (plan.player_seeks + 2)
    places = [step * (n + 1) + rng.uniform(0, step / 2) for n in range(plan.player_seeks)]
    rng.shuffle(places)
    return places


async def _song(conn: Any, settings: Settings, folder: Path, seconds: float) -> _Set:
    """A track as the workers would leave it: the demo band's four stems, end to end."""
    made = folder / "player-stems"
    made.mkdir()
    files = [(name, _stem(made, name, seconds), 1.0) for name in ("vocals", "drums", "bass", "other")]
    pack = write_pack(made / "stems.pack", files)
    track = await take_in(conn, settings, songs.write(folder / "player.flac", seconds), "htdemucs")
    facts = {"duration_s": seconds, "sample_rate": songs.RATE, "channels": 2, "frames": pack.frames}
    facts |= {"format": "flac", "lossy": False, "title": None, "artist": None, "album": None}
    stems = [asdict(file) | {"name": name, "file": file.path.name} for name, file, _ in files]
    result = {"engine": "demucs", "model": "htdemucs", "device": "cpu", "why": None, "fix": None}
    result |= {"stems": stems, "pack": asdict(pack) | {"file": pack.path.name}}
    async with conn.transaction():
        await library_store.decoded(conn, track, facts)
        row = await (
            await conn.execute("select run_id from separations where track_id = %s", [track])
        ).fetchone()
        await separation_store.put_result(conn, await separation_store.request_of_run(conn, row[0]), result)
        for one in [*stems, result["pack"]]:
            media.keep(settings, made / one["file"], sha256=one["sha256"], bytes=one["bytes"])
    ids = await (await conn.execute("select id from stems where track_id = %s", [track])).fetchall()
    told = {
        "url": f"/separations/{row[0]}/pack/{pack.sha256[:16]}",
        "stems": pack.stems,
        "frames": pack.frames,
    }
    told |= {"segmentFrames": pack.segment_frames, "gain": pack.gain}
    address = f"http://127.0.0.1:{settings.port}"
    return _Set(address, track, [f"/stems/{one}/audio" for (one,) in ids], told, seconds)


def _stem(folder: Path, name: str, seconds: float) -> StemFile:
    """Begins where the band does: a first sound is not to wait for the song's own silence."""
    once = songs.stems()[name]
    frames = round(seconds * songs.RATE)
    with_room = StemWriter(folder / f"{name}.flac", sample_rate=songs.RATE, channels=2, frames=frames)
    left = frames
    while left > 0:
        with_room.write(once[:left])
        left -= len(once[:left])
    return with_room.close()


def _part(
    stage: _Set,
    firsts: dict[str, list[float]],
    held: dict[str, list[float]],
    seeks: dict[str, Any],
    loop: dict[str, Any],
    plan: Plan,
) -> Part:
    part = Part("player", f"The player, {stage.length_s / 60:g} minutes in four stems", METHOD)
    whole = min(firsts["whole"])
    first = Table(["first sound", "least (ms)", "median", "/ all of it decoded"])
    for name, title in [("prefetched", "prefetched"), ("cold", "cold"), ("whole", "all of it decoded")]:
        least = min(firsts[name])
        first.rows.append([title, least, statistics.median(firsts[name]), least / whole])
    tab = Table(["most that the tab held", "least (MB)", "median"])
    tab.rows = [
        [title, min(held[name]), statistics.median(held[name])]
        for name, title in [
            ("player", f"player, {plan.player_listen_s:g} s heard"),
            ("whole", "all of it decoded"),
        ]
    ]
    took = seeks["took"]
    seek = Table(["seeks", "least (ms)", "median", "most"])
    seek.rows = [[len(took), min(took), statistics.median(took), max(took)]]
    part.tables = [first, seek, tab]
    part.targets = [
        Target("first sound, prefetched (ms)", FIRST_MS, statistics.median(firsts["prefetched"])),
        Target("first sound, cold (ms)", FIRST_MS, statistics.median(firsts["cold"])),
        Target("seek to a place never heard, p95 (ms)", SEEK_MS, quantile(took, 0.95)),
        Target("samples of a loop that differ from round to round", 0.0, float(loop["off"])),
    ]
    part.notes = [
        f"{_ROUNDS_OF_LOOP} rounds of a loop: {loop['off']} of {loop['of']} samples differ from the first.",
        f"{plan.player_listen_s:g} s of listening after the last seek: it waited {seeks['waits']} times, and "
        f"was {1000 * abs(seeks['driftS']):.0f} ms off the wall clock at the end.",
    ]
    part.figures = {
        "first_ms": firsts,
        "held_mb": held,
        "seek_ms": took,
        "loop": loop,
        "waits": seeks["waits"],
    }
    return part

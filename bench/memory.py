"""How much memory a child takes at its worst, by the length of the sound."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from bench import model, songs
from bench.analysis import PROGRAM as ANALYSE
from bench.ground import Ground, tree
from bench.plan import Plan, say
from bench.report import Part, Table
from sfa.children.supervise import Child, Limits

SEPARATE, CACHED = "sfa.children.separate", "bench.cached_separate"
METHOD = """
Peak resident memory of the child, started and asked as a worker does, fresh for each length: what the
kernel noted for its process, or what its tree was seen to hold together, looked at fifty times a second,
whichever is more. *Own* is the part that no file stands behind, as it was seen; the rest are mapped files,
which the kernel takes back when it needs to.
""".strip()
_EVERY_S = 0.02
_SPOOLED = 44_100 * 2 * 4  # bytes a second of one float32 stem


@dataclass(frozen=True, slots=True)
class Peak:
    """Of one request to one child."""

    resident_mb: float
    own_mb: float
    took_s: float


class Watch:
    """Looks at a tree of processes from a thread of its own until the block ends."""

    def __init__(self, pid: int) -> None:
        self.resident = self.own = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self.resident = max(self.resident, _noted(self._pid))

    def _look(self) -> None:
        while not self._over.wait(_EVERY_S):
            resident = own = 0
            for process in tree(self._pid):
                with contextlib.suppress(psutil.Error):
                    held = process.memory_info()
                    resident += held.rss
                    own += held.rss - getattr(held, "shared", 0)
            self.resident, self.own = max(self.resident, resident), max(self.own, own)


def _noted(pid: int) -> int:
    """The kernel's own high-water mark of a process, where it keeps one."""
    with contextlib.suppress(OSError):
        if found := re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()):
            return int(found[1]) << 10
    return 0


def measure(ground: Ground, plan: Plan) -> Part:
    return asyncio.run(_measure(ground, plan))


async def _measure(ground: Ground, plan: Plan) -> Part:
    models = ground.folder / "models"
    model.make(models, model.REAL if plan.real else model.TINY)
    shortest = min(plan.memory_min)
    peaks: dict[tuple[float, str], Peak | str] = {}
    for minutes in plan.memory_min:
        song = songs.write(ground.folder / "memory.flac", 60 * minutes)
        for program in (*([SEPARATE] if minutes == shortest else []), CACHED, ANALYSE):
            peak = await _tried(ground, program, song, models, minutes)
            peaks[minutes, program] = peak
            shown = peak if isinstance(peak, str) else f"{peak.resident_mb:.0f} MB, {peak.took_s:.0f} s"
            say(f"memory, {program}, {minutes:g} min: {shown}")
    return _part(peaks, plan)


async def _tried(ground: Ground, program: str, song: Path, models: Path, minutes: float) -> Peak | str:
    """The peak, or why there is none: one length that does not go must not hide the others."""
    needed = 7 * 60 * minutes * _SPOOLED
    free = shutil.disk_usage(ground.folder).free
    if needed > free:
        return f"not tried: {needed / 1e9:.0f} GB of disk needed, {free / 1e9:.0f} GB free"
    try:
        return await _peak(ground, program, song, models)
    except Exception as error:  # noqa: BLE001 - it is the result
        return f"failed: {error}"


async def _peak(ground: Ground, program: str, song: Path, models: Path) -> Peak:
    # Rather a failed row than a machine that swaps.
    limits = Limits(timeout_s=1800, memory_mb=int(0.85 * psutil.virtual_memory().available / 2**20))
    with tempfile.TemporaryDirectory(dir=ground.folder, prefix="memory-") as name:
        work, out = Path(name) / "work", Path(name) / "out"
        work.mkdir()
        out.mkdir()
        child = await Child.start(program, ground.plain_env())
        try:
            began = time.perf_counter()
            with Watch(child.pid) as watch:
                await child.ask(_request(program, song, work, out, models), _unheard, limits)
            return Peak(watch.resident / 2**20, watch.own / 2**20, time.perf_counter() - began)
        finally:
            await child.end()


def _request(program: str, song: Path, work: Path, out: Path, models: Path) -> dict[str, Any]:
    request: dict[str, Any] = {"source": str(song), "name": song.name, "work": str(work)}
    if program == ANALYSE:
        return request | {"what": "mix"}
    asked = {"out": str(out), "model": model.NAME, "fallback": False, "stems": None}
    return request | asked | {"models_dir": str(models), "device": "cpu"}


async def _unheard(done: float, note: str) -> None:
    """Progress is of no interest here."""


def _part(peaks: dict[tuple[float, str], Peak | str], plan: Plan) -> Part:
    part = Part("memory", "Memory of the children", METHOD)
    names = {
        SEPARATE: "separation, every segment real",
        CACHED: "separation, three real segments",
        ANALYSE: "analysis",
    }
    table = Table(["child", "minutes of sound", "peak resident (MB)", "of it own", "took (s)"])
    for program, name in names.items():
        for minutes in plan.memory_min:
            peak = peaks.get((minutes, program))
            if isinstance(peak, Peak):
                table.rows.append([name, f"{minutes:g}", peak.resident_mb, peak.own_mb, peak.took_s])
            elif peak is not None:
                table.rows.append([name, f"{minutes:g}", peak, None, None])
    part.tables = [table]
    part.notes = [
        "An hour of separation takes half an hour and more on two cores. So that it ends today the network "
        "runs for three segments and its last estimate is given again; decoding, spools, overlap, stems and "
        "hashes are real.",
    ]
    if not plan.real:
        part.notes.append("The model is a tiny one: the figures of separation mean nothing.")
    part.figures = {
        names[program]: {
            f"{minutes:g}": peak.resident_mb
            for minutes in plan.memory_min
            if isinstance(peak := peaks.get((minutes, program)), Peak)
        }
        for program in names
    }
    return part

"""The analysis child against a plain script of librosa calls, each as a fresh process and warm."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import songs
from bench.commands import CommandFailed
from bench.ground import Ground
from bench.plan import Plan, say
from bench.report import Part, Table, Target, least_and_median
from sfa.children.supervise import Child, Limits
from sfa.settings import ROOT

LIMIT = 0.30
PROGRAM = "sfa.children.analyse"
METHOD = """
*Ours*: the child `sfa.children.analyse`, started and asked as a worker does, decoding included. *Script*:
`bench/plain.py`, the same readings by one librosa call per feature with librosa's defaults. *Cold*: from
the start of the process to its answer, the compiled kernels of numba being there. *Warm*: the second song
in the same process.
""".strip()


@dataclass(slots=True)
class _Times:
    plain_cold: list[float] = field(default_factory=list)
    plain_warm: list[float] = field(default_factory=list)
    ours_cold: list[float] = field(default_factory=list)
    ours_warm: list[float] = field(default_factory=list)


def measure(ground: Ground, plan: Plan) -> Part:
    return asyncio.run(compare(ground.folder, ground.plain_env(), plan))


async def compare(folder: Path, env: dict[str, str], plan: Plan) -> Part:
    """Needs no database."""
    song = songs.write(folder / "analysed.flac", plan.analysis_s)
    clip = songs.write(folder / "warm-up.flac", plan.warm_up_s)
    say(f"analysis: {plan.analysis_s:.0f} s of music, {plan.rounds} rounds")
    if plan.real:  # numba's kernels are compiled before anything counts
        plain(clip, env, passes=1)
    warm = await Child.start(PROGRAM, env)
    times = _Times()
    try:
        await asked(warm, clip, folder)
        for number in range(plan.rounds):
            cold_s, warm_s = plain(song, env, passes=2)
            times.plain_cold.append(cold_s)
            times.plain_warm.append(warm_s)
            times.ours_warm.append(await _timed(warm, song, folder))
            times.ours_cold.append(await _cold(song, env, folder))
            say(
                f"analysis, round {number + 1}: script {cold_s:.1f} s cold, {warm_s:.1f} warm; "
                f"ours {times.ours_cold[-1]:.1f} cold, {times.ours_warm[-1]:.1f} warm"
            )
        answer = await asked(warm, clip, folder)
    finally:
        await warm.end()
    return _part(times, plan, answer)


def plain(song: Path, env: dict[str, str], *, passes: int) -> list[float]:
    """Seconds of the script: of the first pass from the start of its process, of the others by themselves."""
    argv = [sys.executable, "-m", "bench.plain", str(song), "--passes", str(passes)]
    began = time.perf_counter()
    with subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as script:
        assert script.stdout
        first = script.stdout.readline()
        took = [time.perf_counter() - began]
        rest, said = script.communicate()
    if script.returncode or not first:
        raise CommandFailed(f"bench/plain.py: {said.decode(errors='replace')[-2000:]}")
    return took + [float(line) for line in rest.split()]


async def asked(child: Child, song: Path, folder: Path) -> dict[str, Any]:
    """One song read by the child, as a task asks for it."""
    work = folder / "analyse"
    work.mkdir()
    request = {"what": "mix", "source": str(song), "name": song.name, "work": str(work)}
    try:
        return await child.ask(request, _unheard, Limits())
    finally:
        shutil.rmtree(work)


async def _timed(child: Child, song: Path, folder: Path) -> float:
    began = time.perf_counter()
    await asked(child, song, folder)
    return time.perf_counter() - began


async def _cold(song: Path, env: dict[str, str], folder: Path) -> float:
    began = time.perf_counter()
    child = await Child.start(PROGRAM, env)
    try:
        await asked(child, song, folder)
        return time.perf_counter() - began
    finally:
        await child.end()


async def _unheard(done: float, note: str) -> None:
    """Progress is of no interest here."""


def _part(times: _Times, plan: Plan, answer: dict[str, Any]) -> Part:
    part = Part("analysis", f"Analysis of {plan.analysis_s:.0f} s of music", METHOD)
    cold, warm = min(times.plain_cold), min(times.plain_warm)
    table = Table(
        ["what", "wall, least (s)", "median", "/ script, cold", "/ script, warm", "times real time"]
    )
    rows: Iterable[tuple[str, list[float]]] = (
        ("script, cold", times.plain_cold),
        ("script, warm", times.plain_warm),
        ("ours, cold", times.ours_cold),
        ("ours, warm", times.ours_warm),
    )
    for what, walls in rows:
        least, median = least_and_median(walls)
        table.rows.append([what, least, median, least / cold, least / warm, plan.analysis_s / least])
    part.tables = [table]
    part.targets = [
        Target("analysis, warm / script, warm", LIMIT, min(times.ours_warm) / warm),
        Target("analysis, cold / script, cold", LIMIT, min(times.ours_cold) / cold),
    ]
    names = sorted(reading["name"] for reading in answer["readings"])
    part.notes = [
        f"Ours gives {len(names)} readings ({', '.join(names)}) and {len(answer['curves'])} curves.",
        "The script's frames lie 512 samples apart, librosa's default; those of our spectral readings 1024.",
    ]
    part.figures = {
        "script_cold_s": times.plain_cold,
        "script_warm_s": times.plain_warm,
        "ours_cold_s": times.ours_cold,
        "ours_warm_s": times.ours_warm,
        "warm_over_warm": min(times.ours_warm) / warm,
        "cold_over_cold": min(times.ours_cold) / cold,
        "warm_over_cold": min(times.ours_warm) / cold,
    }
    return part

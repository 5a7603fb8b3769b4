"""The whole job against what one would run instead: demucs itself, then a script of librosa calls."""

from __future__ import annotations

import asyncio
import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import commands, model, songs
from bench.commands import Ran
from bench.forging import Forged, forge, forge_by_command
from bench.ground import Ground, cpu_s, running, settle, studio_argv
from bench.plan import Plan, Rounds, say
from bench.report import Part, Table, Target, least_and_median
from sfa.settings import Settings

LIMIT = 0.70
METHOD = """
*Ours, warm*: `./sfa forge SONG` from its start to its end, through the real queue and workers of a studio
that runs and has forged one short clip: decode, separation, analysis, analysis of the stems. *Cold*: the
database is started, nothing else; `./sfa up` and the song at once, until its last row is committed.
*Theirs*: `python -m demucs -n htdemucs --repo …` with its own defaults on the same file and model, then
`bench/plain.py`, one librosa call per feature with librosa's defaults, on the song and on those stems; the
compiled kernels of numba lie ready for both sides.
""".strip()
RANDOM = (
    "The weights are random numbers (seed 0) in the shape of htdemucs (42 M parameters, segments of 7.8 s), "
    "as the real ones cannot be fetched everywhere. Time and memory of the network are the same; the stems "
    "are not music."
)


@dataclass(slots=True)
class _Times:
    """Of every round."""

    demucs: list[Ran] = field(default_factory=list)
    plain: list[Ran] = field(default_factory=list)
    warm: list[Forged] = field(default_factory=list)
    warm_cpu_s: list[float] = field(default_factory=list)
    cold: list[Forged] = field(default_factory=list)

    @property
    def theirs_s(self) -> list[float]:
        return [a.wall_s + b.wall_s for a, b in zip(self.demucs, self.plain, strict=True)]

    @property
    def warm_s(self) -> list[float]:
        return [forged.wall_s for forged in self.warm]

    @property
    def cold_s(self) -> list[float]:
        return [forged.wall_s for forged in self.cold]


def measure(ground: Ground, plan: Plan) -> Part:
    return asyncio.run(_measure(ground, plan))


async def _measure(ground: Ground, plan: Plan) -> Part:
    models = ground.folder / "models"
    millions = model.make(models, model.REAL if plan.real else model.TINY)
    say(f"whole: a model of {millions:.1f} M parameters, a song of {plan.whole_s:.0f} s")
    settings = _settings(ground, "warm", models)
    times = _Times()
    with running(studio_argv(), _env(ground, settings), ground.folder / "warm.log") as studio:
        await forge(settings, songs.write(ground.folder / "clip.flac", plan.warm_up_s), model.NAME)
        _warm_up_theirs(ground, plan)
        for number in Rounds(plan.rounds, plan.whole_budget_s):
            song = songs.write(ground.folder / f"song-{number}.flac", plan.whole_s, mark=number + 1)
            _theirs(ground, models, song, times)
            settle(studio)
            await _warm(ground, settings, song, studio.pid, times)
            await _cold(ground, models, song, number, times)
            say(
                f"whole, round {number + 1}: theirs {times.theirs_s[-1]:.1f} s, "
                f"warm {times.warm_s[-1]:.1f} s, cold {times.cold_s[-1]:.1f} s"
            )
    return _part(times, plan)


def _settings(ground: Ground, name: str, models: Path) -> Settings:
    data = ground.folder / name
    return ground.settings(ground.database(name.replace("-", "_")), data, {"SFA_MODELS": str(models)})


def _env(ground: Ground, settings: Settings) -> dict[str, str]:
    assert settings.database_url is not None
    return ground.env(settings.database_url, settings.data, {"SFA_MODELS": str(settings.models_dir)})


def _warm_up_theirs(ground: Ground, plan: Plan) -> None:
    """Have numba's kernels compiled and torch's files in memory before anything counts."""
    clip = ground.folder / "clip.flac"
    commands.plain(clip, ground.plain_env())


def _theirs(ground: Ground, models: Path, song: Path, times: _Times) -> None:
    out = ground.folder / "theirs"
    env = ground.plain_env()
    times.demucs.append(commands.demucs(song, models, out, env))
    stems = commands.stems_of(out, song)
    times.plain.append(commands.plain(song, env, stems=stems, out=ground.folder / "plain.json"))
    shutil.rmtree(out)


async def _warm(ground: Ground, settings: Settings, song: Path, studio: int, times: _Times) -> None:
    before = cpu_s(studio)
    times.warm.append(await forge_by_command(settings, _env(ground, settings), song, model.NAME))
    times.warm_cpu_s.append(cpu_s(studio) - before)
    assert times.warm[-1].engine == "demucs", "another engine stood in"


async def _cold(ground: Ground, models: Path, song: Path, number: int, times: _Times) -> None:
    settings = _settings(ground, f"cold-{number}", models)
    with running(studio_argv(), _env(ground, settings), ground.folder / f"cold-{number}.log"):
        times.cold.append(await forge(settings, song, model.NAME))


def _part(times: _Times, plan: Plan) -> Part:
    part = Part("whole", f"Whole job, {plan.whole_s:.0f} s of music", METHOD)
    theirs = min(ran.wall_s for ran in times.demucs) + min(ran.wall_s for ran in times.plain)
    table = Table(
        ["what", "wall, least (s)", "median", "CPU (s)", "peak memory (MB)", "/ demucs + script", "/ demucs"]
    )
    alone = min(ran.wall_s for ran in times.demucs)

    def row(what: str, walls: Sequence[float], cpu: float | None, peak: float | None) -> None:
        least, median = least_and_median(walls)
        table.rows.append([what, least, median, cpu, peak, least / theirs, least / alone])

    for what, rans in (("demucs command line", times.demucs), ("plain librosa script", times.plain)):
        peak = max(ran.peak_mb for ran in rans)
        row(what, [ran.wall_s for ran in rans], min(ran.cpu_s for ran in rans), peak)
    row("both, one after the other", times.theirs_s, None, None)
    row("ours, warm studio", times.warm_s, min(times.warm_cpu_s), None)
    row("ours, cold studio", times.cold_s, None, None)
    part.tables = [table, *(_way(times.warm, "warm")), *(_way(times.cold, "cold"))]
    part.targets = [Target("whole job, warm studio / (demucs + script)", LIMIT, min(times.warm_s) / theirs)]
    ratios = [ours / other for ours, other in zip(times.warm_s, times.theirs_s, strict=True)]
    their_cpu_s = min(ran.cpu_s for ran in times.demucs) + min(ran.cpu_s for ran in times.plain)
    part.notes = [
        RANDOM if plan.real else "The model is a tiny one: these figures mean nothing.",
        f"Warm / theirs in each of {len(ratios)} rounds: {', '.join(f'{ratio:.2f}' for ratio in ratios)}.",
        "CPU seconds, which other work on the machine changes less: "
        f"{min(times.warm_cpu_s) / their_cpu_s:.2f} of theirs (the workers and their children).",
    ]
    part.figures = {
        "theirs_s": times.theirs_s,
        "demucs_s": [ran.wall_s for ran in times.demucs],
        "plain_s": [ran.wall_s for ran in times.plain],
        "warm_s": times.warm_s,
        "cold_s": times.cold_s,
        "warm_over_theirs": min(times.warm_s) / theirs,
        "cold_over_theirs": min(times.cold_s) / theirs,
        "warm_over_theirs_median": statistics.median(ratios),
        "warm_cpu_s": times.warm_cpu_s,
        "their_cpu_s": their_cpu_s,
    }
    return part


def _way(forged: Sequence[Forged], which: str) -> list[Table]:
    """Where the time of the fastest round went."""
    best = min(forged, key=lambda one: one.wall_s)
    table = Table(
        ["stage", "queued at (s)", "started", "done", "took", "of which"],
        caption=f"Where the fastest {which} round spent its {best.wall_s:.1f} s:",
    )
    for step in best.steps:
        told = ", ".join(
            f"{name} {seconds:.2f}" for name, seconds in step.seconds.items() if seconds >= 0.005
        )
        took = step.finished_s - step.started_s
        table.rows.append([step.stage, step.queued_s, step.started_s, step.finished_s, took, told])
    return [table]

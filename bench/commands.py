"""What other people would run, timed from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import model
from sfa.settings import ROOT

PATIENCE_S = 1200.0  # what takes longer is stuck


@dataclass(frozen=True, slots=True)
class Ran:
    """One process from its start to its end."""

    wall_s: float
    cpu_s: float
    peak_mb: float  # resident


class CommandFailed(Exception):
    """What was to be timed did not end well."""


def run(argv: list[str], env: Mapping[str, str]) -> Ran:
    """Raises CommandFailed, with the end of what it said."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        late = threading.Timer(PATIENCE_S, process.kill)
        late.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            late.cancel()
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(max(0, said.tell() - 2000))
            raise CommandFailed(f"{' '.join(argv[:6])} …: {said.read().decode(errors='replace').strip()}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Ran(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def demucs(song: Path, models: Path, out: Path, env: Mapping[str, str]) -> Ran:
    """`demucs` itself, with its own defaults; the stems are in `stems_of(out, song)` afterwards."""
    argv = [
        sys.executable,
        "-m",
        "demucs",
        "-n",
        model.NAME,
        "--repo",
        str(models),
        "-o",
        str(out),
        str(song),
    ]
    return run(argv, env)


def stems_of(out: Path, song: Path) -> Path:
    return out / model.NAME / song.stem


def plain(song: Path, env: Mapping[str, str], *, stems: Path | None = None, out: Path | None = None) -> Ran:
    """The script of `bench/plain.py` as a process, over a song and, if given, its stems."""
    argv = [sys.executable, "-m", "bench.plain", str(song)]
    argv += ["--stems", str(stems)] if stems else []
    argv += ["--out", str(out)] if out else []
    return run(argv, env)

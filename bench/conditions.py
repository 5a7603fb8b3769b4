"""The machine, the software and the moment, as they have to stand beside any figure."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
import psycopg

from sfa.settings import ROOT

_PACKAGES = (
    "torch",
    "demucs",
    "librosa",
    "numpy",
    "scipy",
    "numba",
    "soundfile",
    "soxr",
    "procrastinate",
    "psycopg",
)


def conditions(server: str | None) -> dict[str, str]:
    """Told before the first measurement; `server` is a connection string, for the version."""
    memory = psutil.virtual_memory()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": _commit(),
        "CPU": f"{_cpu()}, {os.cpu_count()} logical cores",
        "memory": f"{memory.total / 2**30:.0f} GiB, {memory.available / 2**30:.0f} GiB available",
        "system": f"{platform.system()} {platform.release().split('-')[0]}, {' '.join(platform.libc_ver())}",
        "GPU": _gpu(),
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        "PostgreSQL": _postgres(server),
        "load at the start": f"{load()}, {psutil.cpu_percent(2.0):.0f} % of all cores busy with other work",
    }


def load() -> str:
    """The load averages of one and five minutes, where the system keeps them."""
    try:
        one, five, _ = os.getloadavg()
    except OSError:
        return "unknown"
    return f"{one:.1f} / {five:.1f}"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _gpu() -> str:
    try:
        import torch
    except ImportError:
        return "torch is not installed"
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return "MPS" if torch.backends.mps.is_available() else "none"


def _commit() -> str:
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + (" with changes" if _git("status", "--porcelain", "src", "sql") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _postgres(server: str | None) -> str:
    if server is None:
        return "not started"
    with psycopg.connect(server) as conn:
        row = conn.execute("show server_version").fetchone()
        return f"{row[0] if row else 'unknown'}, embedded, with the studio's own settings (fsync on)"

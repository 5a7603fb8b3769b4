"""The machine and what is installed on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from sfa.cli.doctor.finding import Finding
from sfa.settings import Settings

ALL = "./sfa setup --all"

_LOW_GB, _NONE_GB = 5.0, 0.5
_LISTS_PORTS = """
import json, rtmidi
print(json.dumps([rtmidi.MidiIn().get_ports(), rtmidi.MidiOut().get_ports()]))
"""


def python(settings: Settings) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if not (3, 11) <= sys.version_info < (3, 13):
        fix = "rm -rf .venv, then SFA_PYTHON=/path/to/python3.12 ./sfa setup"
        yield Finding("Python", "missing", f"{version}, and 3.11 or 3.12 is needed", fix, essential=True)
        return
    yield Finding("Python", "ok", f"{version} in {sys.prefix}")


def engine(settings: Settings) -> Iterator[Finding]:
    """Demucs with PyTorch; without them the quick engine does what it can."""
    found = {name: _version(name) for name in ("demucs", "torch")}
    if None in found.values():
        absent = " and ".join(name for name, version in found.items() if version is None)
        said = f"{absent} not installed; songs are separated by the quick, rough engine"
        yield Finding("Demucs", "missing", said, ALL)
    else:
        yield Finding("Demucs", "ok", f"demucs {found['demucs']} with torch {found['torch']}")


def ffmpeg(settings: Settings) -> Iterator[Finding]:
    from sfa.sound.errors import BadSound
    from sfa.sound.programs import ffmpeg as find_ffmpeg

    try:
        path = find_ffmpeg()
        said = _output([path, "-version"])
    except (BadSound, OSError, subprocess.SubprocessError) as error:
        yield Finding("ffmpeg", "missing", f"{error}", "rm -rf .venv, then ./sfa setup", essential=True)
        return
    words = said.split()
    version = words[2] if len(words) > 2 else "of unknown version"
    yield Finding("ffmpeg", "ok", f"{version}, {path}")


def disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    said = f"{free_gb:.1f} GB free for {settings.data}"
    if not os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        said = f"{folder} cannot be written to"
        yield Finding("disk", "missing", said, "SFA_DATA=/a/folder/of/yours ./sfa up", essential=True)
    elif free_gb < _NONE_GB:
        fix = "Make room, or move the data: SFA_DATA=/a/larger/disk ./sfa up"
        yield Finding("disk", "missing", said, fix, essential=True)
    elif free_gb < _LOW_GB:
        said += "; a song with four stems takes about 0.15 GB"
        yield Finding("disk", "warn", said, "Make room, or move the data: SFA_DATA=/a/larger/disk ./sfa up")
    else:
        yield Finding("disk", "ok", said)
    if settings.lost.is_dir() and (lost := sum(1 for _ in settings.lost.iterdir())):
        said = (
            f"{lost} files of sound in {settings.lost} that no row knows, as after restoring an older backup"
        )
        yield Finding("lost", "warn", said, f"Restore the newer backup, or delete {settings.lost}")


def downloader(settings: Settings) -> Iterator[Finding]:
    program = settings.downloader.with_name("spotdl")
    if not program.exists():
        yield Finding("spotdl", "missing", "songs cannot be fetched by address; files can be forged", ALL)
        return
    try:
        said = _output([str(program), "--version"])
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding("spotdl", "warn", f"{program} does not run: {error}", ALL)
        return
    yield Finding("spotdl", "ok", f"{said.split()[-1] if said.split() else '?'} in {program.parents[1]}")


def midi(settings: Settings) -> Iterator[Finding]:
    """In a process of its own: the library talks to drivers, and may take its process along."""
    try:
        tried = subprocess.run(
            [sys.executable, "-c", _LISTS_PORTS], capture_output=True, text=True, timeout=20, check=False
        )
    except subprocess.TimeoutExpired:
        yield Finding("MIDI", "warn", "the MIDI system of this machine does not answer")
        return
    said = (tried.stderr.strip().splitlines() or [""])[-1]
    if tried.returncode == 0:
        import json

        heard, played = json.loads(tried.stdout.strip().splitlines()[-1])
        ports = ", ".join(dict.fromkeys([*heard, *played])) or "no device is connected"
        yield Finding("MIDI", "ok", ports)
    elif "ImportError" in said or "ModuleNotFoundError" in said:
        yield Finding("MIDI", "missing", f"its library does not load: {said}", "apt-get install libasound2")
    else:
        yield Finding(
            "MIDI", "warn", "this machine has no MIDI system (neither ALSA nor JACK); pads do without"
        )


def compiled(settings: Settings) -> Iterator[Finding]:
    """Where numba keeps what it compiled: without it, the first analysis takes half a minute longer."""
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or settings.data / "cache" / "numba")
    if any(folder.rglob("*.nbc")):
        yield Finding("numba cache", "ok", f"warm, {folder}")
    else:
        said = "cold: the first analysis compiles for about half a minute"
        yield Finding("numba cache", "warn", said, ALL)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _output(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout

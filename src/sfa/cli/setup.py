"""`./sfa setup`: what the script has made is warmed, looked at and told.

The environments themselves are made by the script `sfa`, which reads the same
options before Python is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import rich_click as click

from sfa.cli.doctor import command
from sfa.cli.doctor.machine import downloader, engine, ffmpeg, python
from sfa.settings import Settings


@click.command()
@click.option("--all", "everything", is_flag=True, help="Demucs, the downloader and the test tools too.")
@click.option("--update-downloader", is_flag=True, help="Fetch the newest spotdl: sites change often.")
def setup(everything: bool, update_downloader: bool) -> int:
    """Make what the studio needs; nothing is made twice.

    Without options: the environment for everything but Demucs, which is made when
    a song is forged for the first time.
    """
    settings = Settings.from_env()
    if everything:
        _compile(settings)
    looks = [python, ffmpeg, engine] + ([downloader] if everything or update_downloader else [])
    findings = [finding for look in looks for finding in look(settings)]
    command.show(findings)
    wanted_and_absent = [f for f in findings if f.state != "ok" and (everything or f.essential)]
    return 1 if wanted_and_absent else 0


def _compile(settings: Settings) -> None:
    """Half a minute that the first analysis would take: the child compiles its kernels when it starts."""
    cache = os.environ.get("NUMBA_CACHE_DIR") or str(settings.data / "cache" / "numba")
    if any(Path(cache).rglob("*.nbc")):
        return
    print("sfa: Compiling the kernels of the analysis (once, about half a minute).", file=sys.stderr)
    subprocess.run(
        [sys.executable, "-P", "-m", "sfa.children.analyse"],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )

"""Everything that differs from one machine to the next, read from the environment in one place."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sfa.errors import BadSettings

ROOT = Path(__file__).parents[2]
_POSTGRES = re.compile(r"postgres(ql)?://|\s*\w+\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Made once by a door (`web.py`, `workers.py`, the command line) and passed by hand."""

    data: Path  # everything this studio keeps; absolute
    database_url: str | None  # None: PostgreSQL is embedded, under `data`
    host: str  # where the web page listens
    port: int
    models_dir: Path  # checkpoints registered by hand
    device: str  # auto, cpu, cuda or mps
    slots: Mapping[str, int]  # queue -> jobs at a time, per worker process
    threads: int  # of a separation; an analysis has its share of them
    max_upload_bytes: int
    trash_days: int  # what was deleted can be brought back for so long
    downloader: Path  # a Python that has spotdl
    ytdlp_args: str  # for yt-dlp, behind ours; read as a shell would
    child_memory_mb: int | None  # a child that grows beyond this is ended
    grace_s: int  # a stopping worker waits this long for the job in hand
    log_format: str  # pretty or json; auto: pretty on a terminal

    @property
    def media(self) -> Path:
        return self.data / "media"

    @property
    def work(self) -> Path:
        """Scratch folders of running jobs; on the file system of `media`, so publishing is a rename."""
        return self.data / "work"

    @property
    def lost(self) -> Path:
        """Sound that no row knows, for a person to look at."""
        return self.data / "lost"

    @property
    def forged(self) -> Path:
        """Stems under names for people, linked to those of `media`."""
        return self.data / "forged"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """All faults at once.

        Raises
        ------
        BadSettings
            Naming every variable that cannot be understood, and what it may be.
        """
        wrong: list[str] = []

        def number(name: str, default: int, low: int, high: int) -> int:
            text = env.get(name) or str(default)
            if text.isascii() and text.isdigit() and low <= int(text) <= high:
                return int(text)
            wrong.append(f"{name} is {text!r} and must be a whole number from {low} to {high}")
            return default

        def one_of(name: str, default: str, *allowed: str) -> str:
            text = env.get(name) or default
            if text not in allowed:
                wrong.append(f"{name} is {text!r} and must be one of {', '.join(allowed)}")
            return text

        ytdlp_args = env.get("SFA_YTDLP_ARGS") or ""
        try:
            shlex.split(ytdlp_args)
        except ValueError as error:
            wrong.append(f"SFA_YTDLP_ARGS is {ytdlp_args!r}, which no shell would read: {error}")
        url = env.get("DATABASE_URL") or None
        if url is not None and not _POSTGRES.match(url):  # not shown: it may hold a password
            wrong.append("DATABASE_URL is no address of a PostgreSQL, as in postgresql://user@host/name")
        data = Path(env.get("SFA_DATA") or ROOT / "data").expanduser().absolute()
        settings = cls(
            data=data,
            database_url=url,
            host=env.get("SFA_HOST") or "127.0.0.1",
            port=number("SFA_PORT", 4000, 0, 65535),
            models_dir=Path(env.get("SFA_MODELS") or data / "models").expanduser().absolute(),
            device=one_of("SFA_DEVICE", "auto", "auto", "cpu", "cuda", "mps"),
            slots={
                "download": number("SFA_DOWNLOAD_SLOTS", 3, 1, 64),
                "processing": number("SFA_PROCESSING_SLOTS", 2, 1, 64),
                "analysis": number("SFA_ANALYSIS_SLOTS", 2, 1, 64),
            },
            threads=number("SFA_THREADS", os.cpu_count() or 2, 1, 1024),
            max_upload_bytes=number("SFA_MAX_UPLOAD_MB", 2048, 1, 1_000_000) << 20,
            trash_days=number("SFA_TRASH_DAYS", 14, 1, 3650),
            downloader=Path(env.get("SFA_DOWNLOADER") or ROOT / ".tools" / "spotdl" / "bin" / "python")
            .expanduser()
            .absolute(),
            ytdlp_args=ytdlp_args,
            child_memory_mb=number("SFA_CHILD_MEMORY_MB", 0, 0, 10_000_000) or None,
            grace_s=number("SFA_GRACE_S", 20, 0, 3600),
            log_format=one_of("SFA_LOG", "auto", "auto", "pretty", "json"),
        )
        if wrong:
            raise BadSettings("; ".join(wrong) + ".")
        return settings

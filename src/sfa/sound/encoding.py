"""A stem as the file that a person takes away: flac, wav, mp3 or opus, with its tags."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from sfa.sound.errors import disk_full, is_full
from sfa.sound.programs import ffmpeg

FORMATS: Mapping[str, tuple[str, ...]] = {
    "flac": ("-c:a", "copy", "-f", "flac"),
    "wav": ("-f", "wav", "-rf64", "auto"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "320k", "-f", "mp3"),
    "opus": ("-c:a", "libopus", "-b:a", "160k", "-f", "opus"),
}


def encode(src_flac: Path, dst: Path, fmt: str, tags: Mapping[str, str | None] | None = None) -> Path:
    """Write `src_flac` as `fmt` to `dst`, whole or not at all.

    `flac` keeps the samples as they are, `wav` the number of bits too, `mp3` is
    320 kbit/s and `opus` 160 kbit/s. Tags that are None are left out.

    Raises
    ------
    BadSound
        `disk_full`.
    ValueError
        When `fmt` is not a key of `FORMATS`.
    RuntimeError
        When ffmpeg fails for another reason, with its words.
    """
    if fmt not in FORMATS:
        raise ValueError(f"{fmt!r} is not one of {', '.join(FORMATS)}")
    options = [*FORMATS[fmt]]
    if fmt == "wav":
        options += ["-c:a", f"pcm_s{_bits(src_flac)}le"]
    for key, text in (tags or {}).items():
        if text is not None:
            options += ["-metadata", f"{key}={text}"]
    part = dst.with_name(f".{uuid4().hex}.part")
    try:
        run = subprocess.run(
            [
                *(
                    ffmpeg(),
                    "-hide_banner",
                    "-nostdin",
                    "-v",
                    "error",
                    "-y",
                    "-i",
                    f"file:{src_flac.absolute()}",
                ),
                *("-map", "0:a:0", *options, f"file:{part.absolute()}"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if run.returncode:
            if is_full(dst.parent):
                raise disk_full(f"the {fmt} file")
            raise RuntimeError(
                f"ffmpeg could not write {fmt}: {run.stderr.decode('utf-8', 'replace').strip()[-500:]}"
            )
        part.replace(dst)
    finally:
        part.unlink(missing_ok=True)
    return dst


def _bits(flac: Path) -> int:
    """Bits per sample from STREAMINFO: five bits, less one, that begin in the byte at offset 20."""
    with flac.open("rb") as file:
        head = file.read(22)
    return 24 if ((head[20] & 1) << 4 | head[21] >> 4) + 1 > 16 else 16

"""Native Instruments' Stems: one MP4 with the mix and four stems as tracks, and a `stem` box that names them.

Track 1 is the mix and the only one that is on; players that know nothing of stems play that. Order of the
stems, fields and places follow the "Stem File Specification" of Native Instruments: JSON in moov/udta/stem.
"""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sfa.sound.mp4 import boxes
from sfa.sound.pouring import Shape, feeding, metadata, reading
from sfa.sound.programs import ffmpeg
from sfa.sound.voices import Frames

CODERS: Mapping[str, tuple[str, ...]] = {
    "aac": ("-c:a", "aac", "-b:a", "256k"),
    "alac": ("-c:a", "alac"),
}
# Dynamics of the player on the sum of the stems: off, with the values that the specification has for that.
_DYNAMICS: Mapping[str, Any] = {
    "compressor": {
        "enabled": False,
        "input_gain": 0.5,
        "output_gain": 0.5,
        "threshold": 0,
        "dry_wet": 50,
        "attack": 0.003,
        "release": 0.3,
        "ratio": 3,
        "hp_cutoff": 300,
    },
    "limiter": {"enabled": False, "release": 0.05, "threshold": 0, "ceiling": -0.35},
}


@dataclass(frozen=True, slots=True)
class Part:
    """One of the four, as it shows on a deck."""

    name: str
    color: str  # #rrggbb


def encode_track(blocks: Iterator[Frames], path: Path, shape: Shape, codec: str) -> None:
    """One track as a file of its own; full scale at 1.0.

    Raises
    ------
    BadSound
        When the blocks do.
    RuntimeError
        When ffmpeg fails.
    """
    argv = [*reading(shape), *CODERS[codec], "-f", "ipod", f"file:{path.absolute()}"]
    with feeding(argv, blocks, shape.bits, f"write {codec}") as silent:
        silent.read()


def put_together(
    tracks: Sequence[Path], path: Path, parts: Sequence[Part], tags: Mapping[str, str | None]
) -> None:
    """The mix and its four parts, encoded before, as one stem file; nothing is encoded again."""
    inputs = [word for track in tracks for word in ("-i", f"file:{track.absolute()}")]
    maps = [word for number in range(len(tracks)) for word in ("-map", f"{number}:a")]
    states = [
        word
        for number in range(len(tracks))
        for word in (f"-disposition:a:{number}", "0" if number else "default")
    ]
    argv = [ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-y", *inputs, *maps, "-c", "copy"]
    argv += [
        *states,
        "-map_metadata",
        "-1",
        *metadata(tags),
        "-f",
        "ipod",
        f"file:{path.absolute()}",
    ]
    run = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if run.returncode:
        said = run.stderr.decode("utf-8", "replace").strip()[-500:]
        raise RuntimeError(f"ffmpeg could not write the stem file: {said}")
    with path.open("r+b") as file:
        _put_stem_box(file, json.dumps(description(parts), separators=(",", ":")).encode())


def description(parts: Sequence[Part]) -> dict[str, Any]:
    """What the `stem` box says."""
    return {
        "mastering_dsp": _DYNAMICS,
        "version": 1,
        "stems": [{"name": part.name, "color": part.color} for part in parts],
    }


def read_description(path: Path) -> dict[str, Any] | None:
    """What the `stem` box of a file says; None when it has none."""
    with path.open("rb") as file:
        place = (0, path.stat().st_size)
        for wanted in (b"moov", b"udta", b"stem"):
            found = next(((first, last) for kind, first, last in boxes(file, *place) if kind == wanted), None)
            if found is None:
                return None
            place = found
        file.seek(place[0])
        said: dict[str, Any] = json.loads(file.read(place[1] - place[0]))
        return said


def _put_stem_box(file: BinaryIO, said: bytes) -> None:
    """Add moov/udta/stem. The index stands behind the sound, so nothing that it points at moves."""
    size = file.seek(0, 2)
    places = {kind: (first, last) for kind, first, last in boxes(file, 0, size)}
    start, end = places[b"moov"]
    if end != size:
        raise RuntimeError("The index of the stem file does not stand at its end.")
    box = _box(b"stem", said)
    user = next(((a, b) for kind, a, b in boxes(file, start, end) if kind == b"udta"), None)
    file.seek(start)
    index = file.read(end - start)
    if user is None:
        index += _box(b"udta", box)
    else:
        first, last = user[0] - start, user[1] - start
        index = index[: first - 8] + _box(b"udta", index[first:last] + box) + index[last:]
    file.seek(start - 8)
    file.write(_box(b"moov", index))
    file.truncate()


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content

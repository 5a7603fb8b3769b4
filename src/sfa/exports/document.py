"""Everything that is known of a track as JSON: in the words of `./sfa forge --json`, made of the same parts.

What each field is stands in `sfa.cli.forge.document`. Numbers that are none are null, never NaN; what is not
known is null or empty.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sfa.analysis import Readings
from sfa.library import Track
from sfa.separation import Separation, Stem

Json = dict[str, Any]

_FACTS = ("title", "artist", "album", "format", "duration_s", "sample_rate", "channels", "frames")
_SEPARATION = ("model", "ran", "engine", "device", "why", "fix")
_STEM = (
    "frames",
    "sample_rate",
    "channels",
    "duration_s",
    "bytes",
    "sha256",
    "peak",
    "integrated_lufs",
    "true_peak_dbtp",
    "energy_share",
    "active_share",
)


def of_track(track: Track, read: Readings, made: Separation | None, stems: Sequence[Stem]) -> str:
    """One track as UTF-8 text that ends with a line break."""
    return text_of(
        {
            "track_id": str(track.id),
            **facts(track),
            **readings(read),
            "separation": separation(made) if made else None,
            "stems": [{"name": stem.name, **figures(stem)} for stem in stems],
        }
    )


def text_of(document: Json) -> str:
    text = json.dumps(_finite(document), ensure_ascii=False, allow_nan=False, indent=2)
    # A path may hold bytes that are no text.
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def facts(track: Track | None) -> Json:
    return {name: getattr(track, name) if track else None for name in _FACTS}


def readings(read: Readings) -> Json:
    bpm, tonic = read.tempos, read.keys
    return {
        "tempo": {"bpm": bpm[0].bpm, "alternatives": _rows(bpm[1:])} | _how(read, "tempo") if bpm else None,
        "key": _key(read) if tonic else None,
        "metre": {"beats_per_bar": read.beats_per_bar} | _how(read, "metre") if read.beats_per_bar else None,
        "beats": {
            "times_s": [beat.at_s for beat in read.beats],
            "positions": [beat.position for beat in read.beats],
        }
        | _how(read, "beats")
        if read.beats
        else None,
        "loudness": read.loudness and asdict(read.loudness),
        "sections": [_with_group(row) for row in _rows(read.sections)],
        "chords": _rows(read.chords),
        "onsets": read.onsets and asdict(read.onsets),
        "balance": read.balance and asdict(read.balance),
        "spectrum": _rows(read.spectrum),
        "readings": _rows(sorted(read.by_name.values(), key=lambda reading: reading.name)),
    }


def separation(made: Separation) -> Json:
    return {name: getattr(made, name) for name in _SEPARATION}


def figures(stem: Stem) -> Json:
    """What is known of a stem, its name and place aside."""
    return {name: getattr(stem, name) for name in _STEM}


def _key(read: Readings) -> Json:
    first, *others = _rows(read.keys)
    runners_up = [{name: row[name] for name in ("tonic", "mode", "camelot", "confidence")} for row in others]
    return {**first, "runners_up": runners_up} | _how(read, "key")


def _how(read: Readings, name: str) -> Json:
    reading = read.by_name.get(name)
    return {"confidence": reading and reading.confidence, "method": reading and reading.method}


def _with_group(row: Json) -> Json:
    return {name if name != "group_n" else "group": value for name, value in row.items()}


def _rows(rows: Sequence[Any]) -> list[Json]:
    return [asdict(row) for row in rows]


def _finite(value: Any) -> Any:
    """JSON has no word for infinity or for what is not a number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return value

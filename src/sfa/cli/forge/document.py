"""The answer of `./sfa forge --json`: one document on standard output.

    {"ok": bool,              every track is done
     "error": null | ERROR,   what kept the whole command from being carried out
     "tracks": [{             in the order of the command line
       "file": str | null,    as it was given; null: the built-in demo song
       "track_id": str | null,    null: it never came into the library
       "state": "done" | "failed" | "cancelled" | "left",    left: under way when the command was stopped
       "new": bool,           false: the library had these very bytes before
       "error": null | {"code", "message", "fix"},    codes: those of sfa.errors,
                                    "cancelled", "studio" (it does not start), "settings"
       "seconds": float,      from its turn to its end, as this command saw it
       "stages": [{"stage", "state", "attempts", "seconds"}],
       "title", "artist", "album", "format", "duration_s", "sample_rate", "channels", "frames",
       "tempo": null | {"bpm", "alternatives": [{"bpm", "confidence"}], "confidence", "method"},
       "key": null | {"tonic", "mode", "camelot", "tuning_hz", "confidence", "method",
                      "runners_up": [{"tonic", "mode", "camelot", "confidence"}]},
       "metre": null | {"beats_per_bar", "confidence", "method"},
       "beats": null | {"times_s": [float], "positions": [int], "confidence", "method"},
                                    positions in the bar: 1 is the downbeat, 0 not known
       "loudness": null | {"integrated_lufs", "range_lu", "max_momentary_lufs", "max_short_term_lufs",
                           "true_peak_dbtp", "sample_peak_dbfs"},    null where it is minus infinity
       "sections": [{"start_s", "end_s", "label", "group", "confidence"}],
       "chords": [{"start_s", "end_s", "label", "confidence"}],    label "N": no chord
       "onsets": null | {"count", "per_s"},
       "balance": null | {"harmonic_share", "percussive_share"},
       "spectrum": [{"feature", "mean", "std", "unit"}],
       "readings": [{"name", "method", "confidence", "absent"}],    absent: why it could not be taken
       "separation": null | {"model", "ran", "engine", "device", "why", "fix"},
                                    ran: the model that ran; why: the reason when it is another
       "stems": [{"name", "path", "exported", "frames", "sample_rate", "channels", "duration_s",
                  "bytes", "sha256", "peak", "integrated_lufs", "true_peak_dbtp", "energy_share",
                  "active_share"}]}]}

`path` is the FLAC in the studio, `exported` the copy that --out or --format asked for, or null. The
length of all stems is that of the track, to the sample. Numbers that are none are null, never NaN.
What is not known yet, because a step failed, is null or empty.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sfa.analysis import Readings
from sfa.cli.forge import song
from sfa.cli.forge.result import Result
from sfa.cli.forge.song import Song, Trouble
from sfa.library import Track
from sfa.separation import Separation, Stem

Json = dict[str, Any]


def text_of(songs: Sequence[Song], media: Path, trouble: Trouble | None = None) -> str:
    """The document, as UTF-8 text that ends with a line break."""
    document = {
        "ok": trouble is None and all(one.phase == song.DONE for one in songs),
        "error": trouble and asdict(trouble),
        "tracks": [_track(one, media) for one in songs],
    }
    text = json.dumps(_finite(document), ensure_ascii=False, allow_nan=False, indent=2)
    # A path may hold bytes that are no text.
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _track(one: Song, media: Path) -> Json:
    found = one.result
    readings = found.readings if found else Readings()
    return {
        "file": one.given,
        "track_id": one.track_id and str(one.track_id),
        "state": one.phase if not one.is_open else song.LEFT,
        "new": one.is_new,
        "error": one.trouble and asdict(one.trouble),
        "seconds": round(one.seconds, 3),
        "stages": [
            {"stage": run.stage, "state": run.state, "attempts": run.attempts, "seconds": run.took_s}
            for run in one.runs
        ],
        **_facts(found.track if found else None),
        **_readings(readings),
        "separation": _separation(found.separation) if found and found.separation else None,
        "stems": [_stem(stem, found, media) for stem in found.stems] if found else [],
    }


def _facts(track: Track | None) -> Json:
    names = ("title", "artist", "album", "format", "duration_s", "sample_rate", "channels", "frames")
    return {name: getattr(track, name) if track else None for name in names}


def _readings(readings: Readings) -> Json:
    bpm, tonic = readings.tempos, readings.keys
    return {
        "tempo": {"bpm": bpm[0].bpm, "alternatives": _rows(bpm[1:])} | _how(readings, "tempo")
        if bpm
        else None,
        "key": _key(readings) if tonic else None,
        "metre": {"beats_per_bar": readings.beats_per_bar} | _how(readings, "metre")
        if readings.beats_per_bar
        else None,
        "beats": {
            "times_s": [beat.at_s for beat in readings.beats],
            "positions": [beat.position for beat in readings.beats],
        }
        | _how(readings, "beats")
        if readings.beats
        else None,
        "loudness": readings.loudness and asdict(readings.loudness),
        "sections": [_with_group(row) for row in _rows(readings.sections)],
        "chords": _rows(readings.chords),
        "onsets": readings.onsets and asdict(readings.onsets),
        "balance": readings.balance and asdict(readings.balance),
        "spectrum": _rows(readings.spectrum),
        "readings": _rows(sorted(readings.by_name.values(), key=lambda reading: reading.name)),
    }


def _key(readings: Readings) -> Json:
    first, *others = _rows(readings.keys)
    runners_up = [{name: row[name] for name in ("tonic", "mode", "camelot", "confidence")} for row in others]
    return {**first, "runners_up": runners_up} | _how(readings, "key")


def _how(readings: Readings, name: str) -> Json:
    reading = readings.by_name.get(name)
    return {"confidence": reading and reading.confidence, "method": reading and reading.method}


def _with_group(row: Json) -> Json:
    return {name if name != "group_n" else "group": value for name, value in row.items()}


def _separation(made: Separation) -> Json:
    return {name: getattr(made, name) for name in ("model", "ran", "engine", "device", "why", "fix")}


def _stem(stem: Stem, found: Result, media: Path) -> Json:
    exported = found.exported.get(stem.name)
    same = ("frames", "sample_rate", "channels", "duration_s", "bytes", "sha256", "peak", "integrated_lufs")
    read = ("true_peak_dbtp", "energy_share", "active_share")
    return {
        "name": stem.name,
        "path": str(media / stem.path),
        "exported": str(exported.absolute()) if exported else None,
        **{name: getattr(stem, name) for name in (*same, *read)},
    }


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

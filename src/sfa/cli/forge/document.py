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
       "readings": [{"name", "method", "confidence", "absent", "corrected"}],
                                    absent: why it could not be taken; corrected: by a person, on the page
       "separation": null | {"model", "ran", "engine", "device", "why", "fix"},
                                    ran: the model that ran; why: the reason when it is another
       "stems": [{"name", "path", "exported", "frames", "sample_rate", "channels", "duration_s",
                  "bytes", "sha256", "peak", "integrated_lufs", "true_peak_dbtp", "energy_share",
                  "active_share"}]}]}

`path` is the FLAC in the studio, under a name for people; `exported` the copy that --out or --format
asked for, or null. The length of all stems is that of the track, to the sample. Numbers that are none are
null, never NaN. What is not known yet, because a step failed, is null or empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sfa.analysis import Readings
from sfa.cli.forge import song
from sfa.cli.forge.result import Result
from sfa.cli.forge.song import Song, Trouble
from sfa.exports import document
from sfa.exports.document import Json
from sfa.separation import Stem


def text_of(songs: Sequence[Song], trouble: Trouble | None = None) -> str:
    """The document, as UTF-8 text that ends with a line break."""
    return document.text_of(
        {
            "ok": trouble is None and all(one.phase == song.DONE for one in songs),
            "error": trouble and asdict(trouble),
            "tracks": [_track(one) for one in songs],
        }
    )


def _track(one: Song) -> Json:
    found = one.result
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
        **document.facts(found.track if found else None),
        **document.readings(found.readings if found else Readings()),
        "separation": document.separation(found.separation) if found and found.separation else None,
        "stems": [_stem(stem, found) for stem in found.stems] if found else [],
    }


def _stem(stem: Stem, found: Result) -> Json:
    exported = found.exported.get(stem.name)
    return {
        "name": stem.name,
        "path": str(found.named[stem.name].absolute()),
        "exported": str(exported.absolute()) if exported else None,
        **document.figures(stem),
    }

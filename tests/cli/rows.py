"""Rows of a forged track, with defaults: what the parts of `./sfa forge` are told by the database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sfa.analysis.rows import Beat, Chord, Key, Loudness, Reading, Readings, Section, Tempo
from sfa.cli.forge.result import Result
from sfa.library import Track
from sfa.runs import Run
from sfa.separation import Separation, Stem

TRACK = UUID(int=1)
FORGED = Path("/studio/forged/Song 00000000/htdemucs")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORD = {"decode": 1, "separation": 2, "analysis": 3, "stem_analysis": 4}


def run(stage="decode", state="done", run_id=0, **changes) -> Run:
    facts = {
        "track_id": TRACK,
        "stage": stage,
        "variant": "htdemucs" if stage in ("separation", "stem_analysis") else "",
        "stage_title": stage.capitalize(),
        "state": state,
        "progress": 1.0 if state == "done" else 0.0,
        "note": None,
        "left_s": None,
        "eta_s": None,
        "attempts": 1,
        "max_attempts": 4,
        "losses": 0,
        "error_code": "crashed" if state == "failed" else None,
        "error": "It broke." if state == "failed" else None,
        "fix": None,
        "stuck": False,
        "started_at": NOW,
        "finished_at": NOW if state in ("done", "failed", "cancelled") else None,
        "took_s": 1.0 if state == "done" else None,
        "ord": ORD[stage],
        "run_id": run_id or ORD[stage],
    }
    return Run(**facts | changes)


def separation(**changes) -> Separation:
    facts = {
        "run_id": 2,
        "model": "htdemucs",
        "wanted": None,
        "engine": "demucs",
        "ran": "htdemucs",
        "device": "cpu",
        "why": None,
        "fix": None,
        "chosen": True,
    }
    return Separation(**facts | changes)


def stem(name="vocals", **changes) -> Stem:
    facts = {
        "id": UUID(int=2),
        "run_id": 2,
        "name": name,
        "frames": 44_100,
        "sample_rate": 44_100,
        "channels": 2,
        "bytes": 1,
        "sha256": "0" * 64,
        "peak": 0.5,
        "integrated_lufs": -20.0,
        "true_peak_dbtp": -3.0,
        "energy_share": 0.5,
        "active_share": 1.0,
    }
    return Stem(**facts | changes)


def readings() -> Readings:
    taken = [Reading(name, "by ear", 0.9, None) for name in ("tempo", "key", "metre", "beats", "loudness")]
    return Readings(
        by_name={reading.name: reading for reading in taken},
        tempos=[Tempo(120.0, 0.9), Tempo(60.0, 0.3)],
        beats=[Beat(0.5, 1), Beat(1.0, 2)],
        beats_per_bar=4,
        keys=[Key("A", "minor", "8A", 0.9, 440.0), Key("C", "major", "8B", 0.4, None)],
        chords=[Chord(0.0, 3.0, "Am", 0.8), Chord(3.0, 4.0, "N", 0.5)],
        sections=[Section(0.0, 2.0, "A", 0, 0.7), Section(2.0, 4.0, "B", 1, 0.7)],
        loudness=Loudness(-14.2, 5.0, -10.0, -12.0, -1.0, -1.1),
    )


def found(*, title="Song", artist=None, stems=None, said=None, made=None, track_id=TRACK) -> Result:
    stems = [stem()] if stems is None else stems
    track = Track(
        id=track_id,
        title=title,
        artist=artist,
        album=None,
        duration_s=4.0,
        sample_rate=44_100,
        channels=2,
        frames=176_400,
        format="wav, pcm_s16",
        lossy=False,
        file_name="song.wav",
        sha256="1" * 64,
        bytes=1,
        created_at=NOW,
    )
    return Result(
        track,
        readings() if said is None else said,
        separation() if made is None else made,
        stems,
        named={one.name: FORGED / f"{one.name}.flac" for one in stems},
    )

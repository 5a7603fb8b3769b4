"""Tracks as the workers would leave them, without any worker: files, rows, readings with known values."""

from __future__ import annotations

import hashlib
import io
import itertools
import shutil
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import soundfile

from sfa import db, media
from sfa.analysis.put import put_readings, put_stem_readings
from sfa.library import store as library_store
from sfa.separation import store as separation_store
from sfa.separators.pack import write_pack
from sfa.sound import StemFile
from tests import make

RATE = 44_100
LEVELS = (256, 2048, 16384)


@dataclass
class Song:
    """What a track is made of, and what was read from it."""

    stems: dict[str, np.ndarray]  # (frames, 2), float32
    bpm: float = 120.0
    key: tuple[str, str, str] = ("A", "minor", "8A")
    chords: list[tuple[float, float, str]] = field(default_factory=list)
    sections: list[tuple[float, float, str, int]] = field(default_factory=list)

    @property
    def mix(self) -> np.ndarray:
        return np.sum(list(self.stems.values()), axis=0)

    @property
    def seconds(self) -> float:
        return len(self.mix) / RATE

    def file(self) -> bytes:
        out = io.BytesIO()
        soundfile.write(out, self.mix, RATE, format="FLAC", subtype="PCM_16")
        return out.getvalue()


def little_song(seconds: float = 4.0) -> Song:
    """Four sines of different loudness, pulsing twice a second."""
    t = np.arange(int(seconds * RATE)) / RATE
    pulse = 0.5 + 0.5 * np.cos(2 * np.pi * 2 * t)
    stems = {
        name: np.repeat((peak * pulse * np.sin(2 * np.pi * hz * t))[:, None], 2, axis=1).astype(np.float32)
        for name, peak, hz in [
            ("vocals", 0.2, 440),
            ("drums", 0.3, 200),
            ("bass", 0.25, 80),
            ("other", 0.1, 660),
        ]
    }
    half = seconds / 2
    return Song(
        stems,
        chords=[(0, half, "Am"), (half, seconds, "F")],
        sections=[(0, half, "A", 0), (half, seconds, "B", 1)],
    )


async def add_song(pool, settings, account_id, song: Song, name="song.flac", **finish):
    """A finished track: its file, its rows, its stems on disk, its readings."""
    taken = await make.take_in(pool, settings, account_id, song.file(), name)
    await finish_song(pool, settings, taken.track_id, song, **finish)
    return taken.track_id


async def finish_song(
    pool, settings, track_id, song: Song, *, engine="demucs", ran="htdemucs", why=None, fix=None
):
    async with db.transaction(pool) as conn:
        await library_store.decoded(conn, track_id, facts(song))
        runs = dict(
            await (
                await conn.execute("select stage, id from runs where track_id = %s", [track_id])
            ).fetchall()
        )
        outcome = {"engine": engine, "model": ran, "device": "cpu", "why": why, "fix": fix}
        await _put_stems(conn, settings, runs["separation"], song, outcome)
        result, data = readings_of(song)
        curves = settings.work / "curves.bin"
        curves.parent.mkdir(parents=True, exist_ok=True)
        curves.write_bytes(data)
        await put_readings(conn, track_id, result, curves, run_id=runs["analysis"])
        await _read_stems(conn, runs["stem_analysis"], curves, song)
        await set_runs(conn, track_id, "done")


async def separate_again(pool, settings, track_id, song: Song) -> int:
    """Another separation of a finished track, by the quick engine; its run. "The stems" stay the same."""
    async with db.transaction(pool) as conn:
        await conn.execute("select sfa.forge_track(%s, 'quick', null, false)", [track_id])
        found = await conn.execute(
            "select run_id from separations where track_id = %s and model = 'quick'", [track_id]
        )
        (run_id,) = await found.fetchone()
        outcome = {"engine": "quick", "model": "quick", "device": "cpu", "why": None, "fix": None}
        await _put_stems(conn, settings, run_id, song, outcome)
        await set_runs(conn, track_id, "done")
    return run_id


async def _put_stems(conn, settings, run_id, song, outcome):
    request = await separation_store.request_of_run(conn, run_id)
    made = settings.work / f"stems-{run_id}"
    stems, pack = _write_stems(made, song), _write_pack(made, song)
    await separation_store.put_result(conn, request, outcome | {"stems": stems, "pack": pack})
    for one in [*stems, pack]:
        media.keep(settings, made / one["file"], sha256=one["sha256"], bytes=one["bytes"])
    shutil.rmtree(made)


async def _read_stems(conn, run_id, curves, song):
    blob = b""
    rows = []
    for name, samples in song.stems.items():
        peaks, blob = _peaks(samples, blob)
        rows.append(
            {
                "name": name,
                "integrated_lufs": -18.0,
                "true_peak_dbtp": -6.2,
                "energy_share": 0.25,
                "active_share": 0.9,
                "onsets_per_s": 2.0,
                "spectral_centroid_hz": 900.0,
                "band_levels_db": _band_levels(name),
                "peaks": peaks,
            }
        )
    curves.write_bytes(blob)
    stems = await separation_store.stems_of_run(conn, run_id)
    meetings = [
        {"stem": a, "other": b, "share": _shares({a, b} == {"vocals", "other"})}
        for a, b in itertools.combinations(song.stems, 2)
    ]
    await put_stem_readings(conn, stems, {"stems": rows, "meetings": meetings}, curves)


def _band_levels(stem: str) -> list[float]:
    """A hill in the third-octave bands: bass low, drums in the middle, voice and the rest around 800 Hz."""
    top = {"bass": 5, "drums": 10, "vocals": 15, "other": 16}.get(stem, 12)
    return [-18.0 - 2.5 * abs(band - top) for band in range(30)]


def _shares(often: bool) -> list[float]:
    return [0.5 if often and 14 <= band <= 16 else 0.02 for band in range(30)]


async def set_runs(conn, track_id, state, **columns) -> None:
    """Put the runs of a track into a state, as if workers had been there."""
    ended = state in ("done", "failed", "cancelled")
    await conn.execute(
        """update runs set state = %s::run_state, job_id = coalesce(job_id, 0), worker = 'test', attempts = 1,
                  started_at = coalesce(started_at, now() - interval '9 s'), finished_at = %s
            where track_id = %s and (%s::text is null or stage = %s)""",
        [state, "now" if ended else None, track_id, columns.get("stage"), columns.get("stage")],
    )
    for table, key in [("progress", "run_id"), ("procrastinate_jobs", "(args ->> 'run_id')::bigint")]:
        await conn.execute(
            f"""delete from {table} where {key} in (
                    select id from runs where track_id = %s and state in ('done', 'failed', 'cancelled'))""",
            [track_id],
        )


async def fail(
    conn, track_id, *, stage="decode", error="“song.wav” is no sound.", fix="Export it again."
) -> None:
    await conn.execute(
        """update runs set state = 'failed', job_id = 0, worker = 'test', attempts = 1, started_at = now(),
                  finished_at = now(), error_code = 'not_audio', error = %s, fix = %s
            where track_id = %s and stage = %s""",
        [error, fix, track_id, stage],
    )


async def progress(conn, track_id, stage, done, note) -> None:
    """What a worker's beat writes."""
    await conn.execute(
        """update runs set state = 'running', job_id = coalesce(job_id, 0), worker = 'test', attempts = 1,
                  fence = 1, started_at = coalesce(started_at, now() - interval '20 s')
            where track_id = %s and stage = %s and state <> 'running'""",
        [track_id, stage],
    )
    await conn.execute(
        "select sfa.beat(id, fence, %s, %s) from runs where track_id = %s and stage = %s",
        [done, note, track_id, stage],
    )


def facts(song: Song) -> dict[str, Any]:
    """What the decode stage finds out."""
    return {
        "duration_s": song.seconds,
        "sample_rate": RATE,
        "channels": 2,
        "frames": len(song.mix),
        "format": "flac",
        "lossy": False,
        "title": None,
        "artist": None,
        "album": None,
    }


def _write_stems(folder, song: Song) -> list[dict[str, Any]]:
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, samples in song.stems.items():
        path = folder / f"{name}.flac"
        soundfile.write(path, samples, RATE, format="FLAC", subtype="PCM_16")
        data = path.read_bytes()
        made.append(
            {
                "name": name,
                "file": path.name,
                "frames": len(samples),
                "sample_rate": RATE,
                "channels": 2,
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
                "peak": float(np.abs(samples).max()),
            }
        )
    return made


def _write_pack(folder, song: Song) -> dict[str, Any]:
    files = []
    for name, samples in song.stems.items():
        file = StemFile(folder / f"{name}.flac", len(samples), RATE, 2, 0, "", 0.0)
        files.append((name, file, 1.0))
    pack = asdict(write_pack(folder / "stems.pack", files))
    return pack | {"file": pack.pop("path").name}


def _peaks(samples: np.ndarray, blob: bytes) -> tuple[list[dict[str, Any]], bytes]:
    levels = []
    for level, size in enumerate(LEVELS):
        count = -(-len(samples) // size)
        high = np.zeros(count * size)
        high[: len(samples)] = np.abs(samples).max(axis=1)
        data = (255 * np.clip(high.reshape(count, size).max(axis=1), 0, 1)).astype(np.uint8).tobytes()
        levels.append(
            {"level": level, "frames_per_peak": size, "count": count, "offset": len(blob), "bytes": count}
        )
        blob += data
    return levels, blob


def _reading(name, value, confidence=0.9, method="as written in the test") -> dict[str, Any]:
    return {"name": name, "method": method, "confidence": confidence, "absent": None, "value": value}


def readings_of(song: Song) -> tuple[dict[str, Any], bytes]:
    """What the analysis child would answer, and the bytes beside it."""
    beat_s, bpm = 60 / song.bpm, float(song.bpm)
    beats = int(song.seconds / beat_s)
    tonic, mode, camelot = song.key
    peaks, blob = _peaks(song.mix, b"")
    curves = []

    def curve(name, unit, hop_s, values, dtype="float16"):
        nonlocal blob
        array = np.asarray(values, dtype=dtype)
        curves.append(
            {
                "name": name,
                "unit": unit,
                "hop_s": hop_s,
                "start_s": 0.0,
                "dtype": dtype,
                "shape": list(array.shape),
                "offset": len(blob),
                "bytes": array.nbytes,
            }
        )
        blob += array.tobytes()

    curve("short_term_loudness", "LUFS", 0.1, _loudness(song))
    curve("chroma", "share", 0.1, _chroma(song))
    curve("momentary_loudness", "LUFS", 0.1, _loudness(song) + 1)
    curve("true_peak", "dBTP", 0.1, _loudness(song) + 6)
    curve("energy", "dBFS", 0.1, _loudness(song))
    curve("spectral_centroid", "Hz", 0.1, 1500 + 10 * _loudness(song))
    curve("spectral_rolloff", "Hz", 0.1, 3000 + 10 * _loudness(song))
    curve("mfcc", "dB", 0.1, _mfcc(song))
    curve("likeness", "1/255", 0.1, _likeness(song), "uint8")
    readings = [
        _reading(
            "tempo",
            {
                "bpm": bpm,
                "alternatives": [{"bpm": bpm / 2, "confidence": 0.31}, {"bpm": bpm * 2, "confidence": 0.12}],
            },
        ),
        _reading(
            "beats",
            {"times_s": [n * beat_s for n in range(beats)], "positions": [n % 4 + 1 for n in range(beats)]},
        ),
        _reading("metre", {"beats_per_bar": 4}),
        _reading(
            "key",
            {
                "tonic": tonic,
                "mode": mode,
                "camelot": camelot,
                "tuning_hz": 440.0,
                "strength": [round(float(x), 3) for x in _chroma(song).mean(axis=1)],
                "fits": _fits(9 + 12),
                "scores": _fits(9 + 12),
                "runners_up": [
                    {"tonic": "C", "mode": "major", "camelot": "8B", "confidence": 0.55},
                    {"tonic": "D", "mode": "minor", "camelot": "7A", "confidence": 0.2},
                ],
            },
        ),
        _reading(
            "chords",
            [
                {"start_s": float(a), "end_s": float(b), "label": label, "confidence": 0.8}
                for a, b, label in song.chords
            ],
        ),
        _reading(
            "sections",
            [
                {"start_s": float(a), "end_s": float(b), "label": label, "group": group, "confidence": 0.7}
                for a, b, label, group in song.sections
            ],
        ),
        _reading(
            "loudness",
            {
                "integrated_lufs": -11.3,
                "range_lu": 4.2,
                "max_momentary_lufs": -8.0,
                "max_short_term_lufs": -9.6,
                "true_peak_dbtp": -0.8,
                "sample_peak_dbfs": -1.0,
            },
        ),
        _reading(
            "spectrum",
            [
                {"feature": "centroid", "mean": 1834.2, "std": 400.1, "unit": "Hz"},
                {"feature": "flatness", "mean": 0.0421, "std": 0.01, "unit": ""},
            ],
        ),
        _reading("balance", {"harmonic_share": 0.64, "percussive_share": 0.36}),
        {
            "name": "onsets",
            "method": None,
            "confidence": None,
            "absent": "Too few attacks stand out.",
            "value": None,
        },
    ]
    return {"readings": readings, "curves": curves, "peaks": peaks}, blob


def _loudness(song: Song) -> np.ndarray:
    hop = RATE // 10
    blocks = song.mix[: len(song.mix) // hop * hop].reshape(-1, hop * 2)
    return 20 * np.log10(np.sqrt((blocks**2).mean(axis=1)) + 1e-6)


def _fits(best: int) -> list[float]:
    """One key fits, its relative nearly, the others do not."""
    return [0.92 if n == best else 0.85 if n == (best + 3) % 12 else 0.1 for n in range(24)]


def _mfcc(song: Song) -> np.ndarray:
    mfcc = np.zeros((20, int(song.seconds * 10)))
    mfcc[0] = -300
    mfcc[1] = np.linspace(60, 120, mfcc.shape[1])
    return mfcc


def _likeness(song: Song) -> np.ndarray:
    """Bright where two moments are of one section."""
    group = np.zeros(int(song.seconds * 10), int)
    for start, end, _, number in song.sections:
        group[int(start * 10) : int(end * 10)] = number + 1
    return np.where(group[:, None] == group[None, :], 220, 30).astype(np.uint8)


def _chroma(song: Song) -> np.ndarray:
    """A stripe per chord tone: enough to see that the picture is the right way up."""
    names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    chroma = np.full((12, int(song.seconds * 10)), 0.05)
    for start, end, label in song.chords:
        root = names.index(label.rstrip("m7")) if label.rstrip("m7") in names else 0
        for step in (0, 3 if "m" in label else 4, 7):
            chroma[(root + step) % 12, int(start * 10) : int(end * 10)] = 1.0 if step == 0 else 0.6
    return chroma

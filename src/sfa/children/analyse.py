"""Child: a mix or its stems in; readings, curves, waveform peaks out. `python -m sfa.children.analyse`."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from sfa.children.protocol import CannotDo, Report, serve
from sfa.readings.balance import read_balance
from sfa.readings.bands import meetings
from sfa.readings.curves import Curve, curves_of
from sfa.readings.level import PEAK_FRAMES, Level
from sfa.readings.listening import FINE_HOP_S, RATE_HZ, Heard, block_frames, glance, listen
from sfa.readings.loudness import read_loudness
from sfa.readings.music import read_music
from sfa.readings.onsets import find_onsets, read_onsets
from sfa.readings.reading import Reading
from sfa.readings.spectra import Floats
from sfa.readings.spectrum import read_spectrum
from sfa.readings.stems import read_stem
from sfa.sound import BadSound, Mix, decode

CURVES = "curves.bin"
_ALIGNED = 4
# Shares of the whole, as they are on a CPU.
_DECODED, _HEARD, _READ = 0.25, 0.75, 0.97
_SPOOL = "analyse.f32"


def analyse(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Read a mix or stems; arrays go to `curves.bin` in the work folder, all else into the answer."""
    work = Path(request["work"])
    try:
        if request["what"] == "stems":
            return _stems(request["stems"], work, report)
        return _mix(Path(request["source"]), request["name"], work, report)
    except BadSound as error:
        raise CannotDo(error.code, str(error), error.fix) from error
    finally:
        (work / _SPOOL).unlink(missing_ok=True)
        gc.collect()


def _mix(source: Path, name: str, work: Path, report: Report) -> dict[str, Any]:
    mix = decode(source, work / _SPOOL, name=name, report=_part(report, 0.0, _DECODED))
    heard = listen(
        _blocks(mix),
        rate_hz=mix.sample_rate,
        channels=mix.channels,
        frames=mix.frames,
        progress=lambda share: report(_DECODED + share * (_HEARD - _DECODED), "listening"),
    )
    music = read_music(heard, _part(report, _HEARD, _READ))
    onset_times, onset_strength = find_onsets(heard.pulse.rise, FINE_HOP_S)
    report(_READ, "writing it down")
    readings: dict[str, Reading[Any]] = {
        "tempo": music.tempo,
        "beats": music.beats,
        "metre": music.metre,
        "key": music.key,
        "chords": music.chords,
        "sections": music.sections,
        "loudness": read_loudness(heard.level, downmixed=mix.facts.channels > 2),
        "onsets": read_onsets(onset_times, onset_strength, duration_s=heard.duration_s),
        "balance": read_balance(heard.timbre),
        "spectrum": _spectrum(heard),
    }
    with (work / CURVES).open("wb") as file:
        curves = [
            _put_curve(file, curve) for curve in curves_of(heard, music.tuning, onset_times, music.likeness)
        ]
        peaks = _put_peaks(file, heard.level)
    report(1.0, "read")
    return {
        "readings": [_plain(name, reading) for name, reading in readings.items()],
        "curves": curves,
        "peaks": peaks,
    }


def _spectrum(heard: Heard) -> Reading[Any]:
    return read_spectrum(heard.timbre, rate_hz=RATE_HZ, source_rate_hz=heard.source_rate_hz)


def _stems(stems: list[dict[str, str]], work: Path, report: Report) -> dict[str, Any]:
    """All stems of one separation, one after the other; their shares of energy add up to 1."""
    answers = []
    powers = {}
    with (work / CURVES).open("wb") as file:
        for done, stem in enumerate(stems):
            say = _part(report, done / len(stems), (done + 1) / len(stems))
            mix = decode(Path(stem["path"]), work / _SPOOL, name=stem["name"], report=_part(say, 0.0, 0.4))
            glimpse = glance(
                _blocks(mix),
                rate_hz=mix.sample_rate,
                channels=mix.channels,
                frames=mix.frames,
                progress=_saying(say, 0.4, f"listening to {stem['name']}"),
            )
            facts = asdict(read_stem(glimpse))
            powers[stem["name"]] = glimpse.bands
            answers.append({"name": stem["name"], **facts, "peaks": _put_peaks(file, glimpse.level)})
    whole = sum(answer["energy"] for answer in answers)
    for answer in answers:
        answer["energy_share"] = round(answer.pop("energy") / whole, 4) if whole else 0.0
    report(1.0, "read")
    return {"stems": answers, "meetings": [asdict(one) for one in meetings(powers)]}


def _blocks(mix: Mix) -> Iterator[Floats]:
    size = block_frames(mix.sample_rate)
    for start in range(0, mix.frames, size):
        yield mix.block(start, start + size)


def _part(report: Report, start: float, end: float) -> Report:
    """Report a part of the work as a share of the whole."""
    return lambda done, note: report(start + done * (end - start), note)


def _saying(report: Report, start: float, note: str) -> Callable[[float], None]:
    return lambda share: report(start + share * (1 - start), note)


def _plain(name: str, reading: Reading[Any]) -> dict[str, Any]:
    """A reading as JSON; one that is absent has no method, for nothing was measured."""
    if reading.absent is not None:
        return {"name": name, "method": None, "confidence": None, "absent": reading.absent, "value": None}
    taken: Any = reading.value
    value: Any = [asdict(item) for item in taken] if isinstance(taken, list) else asdict(taken)
    if name == "key":
        del value["pitch_class"]
    facts = {"method": reading.method, "confidence": reading.confidence, "absent": None}
    return {"name": name, **facts, "value": value}


def _put_curve(file: BinaryIO, curve: Curve) -> dict[str, Any]:
    values = np.nan_to_num(curve.values, posinf=0.0, neginf=0.0).astype(curve.dtype)
    return {
        "name": curve.name,
        "unit": curve.unit,
        "hop_s": curve.hop_s,
        "start_s": curve.start_s,
        "dtype": curve.dtype,
        "shape": list(values.shape),
        **_append(file, values.tobytes()),
    }


def _put_peaks(file: BinaryIO, level: Level) -> list[dict[str, Any]]:
    return [
        {"level": number, "frames_per_peak": frames, "count": len(values), **_append(file, values.tobytes())}
        for number, (frames, values) in enumerate(zip(PEAK_FRAMES, level.peaks, strict=True))
    ]


def _append(file: BinaryIO, data: bytes) -> dict[str, int]:
    """Where the bytes came to lie: from a multiple of four on, so that a page can view them in place."""
    file.write(bytes(-file.tell() % _ALIGNED))
    offset = file.tell()
    file.write(data)
    return {"offset": offset, "bytes": len(data)}


def warm() -> None:
    """Build filter banks and kernels on two seconds of noise, so that the first real file does not wait."""
    sound = np.random.default_rng(0).standard_normal((2 * RATE_HZ, 1)).astype(np.float32) * 0.1
    heard = listen([sound], rate_hz=RATE_HZ, channels=1, frames=len(sound))
    read_music(heard)


if __name__ == "__main__":
    serve(analyse, warm)

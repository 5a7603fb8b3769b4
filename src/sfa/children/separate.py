"""Child: one audio file in; a FLAC file per stem and their pack out. `python -m sfa.children.separate`."""

from __future__ import annotations

import contextlib
import errno
import importlib
import shutil
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfa.children.protocol import CannotDo, Report, serve
from sfa.separators import CannotSeparate, fetch, models, quick, tuning
from sfa.separators import pack as packs
from sfa.separators.models import Model
from sfa.separators.pack import PackFile
from sfa.separators.resample import at_rate
from sfa.separators.stem_spools import StemSpool, finish_all
from sfa.sound import BadSound, Mix, StemFile, StemWriter, decode, shown
from sfa.sound.errors import disk_full

_ORDER = ("vocals", "drums", "bass", "guitar", "piano", "other")
_REPLACEABLE = {"weights_missing", "weights_unreachable", "weights_corrupt", "engine_missing"}
_EVERY_S = 0.2
# Shares of the whole, as they are on a CPU.
_DECODED, _LOADED, _SEPARATED, _WRITTEN = 0.03, 0.05, 0.95, 0.975

_warm: dict[object, Any] = {}  # the bag of the last job, for the next one


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What an engine made, still in the work folder."""

    engine: str
    model: str
    device: str
    why: str | None
    fix: str | None
    files: list[tuple[str, StemFile, float]]
    seconds: dict[str, float]


def separate(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Take `request["source"]` apart; only files that are whole get into `request["out"]`."""
    try:
        models_dir = Path(request["models_dir"])
        chosen = models.model(request["model"], models_dir)
        _check_stems(chosen.stems, chosen, request["stems"])
        started = time.monotonic()
        source, work = Path(request["source"]), Path(request["work"])
        mix = decode(source, work / "mix.f32", name=request["name"], report=_part(report, 0.0, _DECODED))
        decoded = time.monotonic() - started
        outcome = _run(request, chosen, mix, report)
        began = time.monotonic()
        share = _part(report, _WRITTEN, 1.0)
        pack = packs.write_pack(
            work / "stems.pack",
            outcome.files,
            lambda done: share(done, "getting the stems ready to play"),
        )
        _publish([*(file.path for _, file, _ in outcome.files), pack.path], Path(request["out"]))
        return _result(outcome, pack, {"decode": decoded, "pack": time.monotonic() - began})
    except (BadSound, CannotSeparate) as error:
        raise CannotDo(error.code, str(error), error.fix) from error
    finally:
        tuning.give_back()


def _run(request: dict[str, Any], chosen: Model, mix: Mix, report: Report) -> _Outcome:
    if chosen.engine == "quick":
        return _with_quick(request, mix, report)
    started = time.monotonic()
    try:
        engine, bag = _load(chosen, Path(request["models_dir"]), _part(report, _DECODED, _LOADED))
    except CannotSeparate as error:
        wanted = request["stems"]
        can_help = not wanted or set(wanted) & set(quick.STEMS)
        if not (request["fallback"] and can_help and error.code in _REPLACEABLE):
            raise
        traceback.print_exception(error)  # what a library said of the weights is for the log
        return _with_quick(request, mix, report, f"{error} These are quick, rough stems instead.", error.fix)
    return _with_demucs(request, chosen, engine, bag, mix, report, time.monotonic() - started)


def _load(chosen: Model, models_dir: Path, report: Report) -> tuple[Any, Any]:
    """The engine's module and the model, from the last job where it is the same."""
    report(0.0, f"loading {chosen.name}")
    try:
        engine = importlib.import_module("sfa.separators.demucs")
    except ImportError as error:
        raise CannotSeparate(
            "engine_missing",
            f"{chosen.name} needs demucs and torch, which are not installed.",
            "./sfa setup --all installs them.",
        ) from error
    weights = models.find(chosen, models_dir) or fetch.get(chosen, models_dir, report)
    key = (weights, *((file.stat().st_mtime_ns, file.stat().st_size) for file in weights.files))
    if key not in _warm:
        _warm.clear()
        _warm[key] = engine.Bag.load(weights)
    return engine, _warm[key]


def _with_demucs(
    request: dict[str, Any], chosen: Model, engine: Any, bag: Any, mix: Mix, report: Report, load_s: float
) -> _Outcome:
    started = time.monotonic()
    stems = _check_stems(bag.sources, chosen, request["stems"])
    work = Path(request["work"])
    _check_room(work, mix, len(stems), resampled=mix.sample_rate != bag.rate_hz)
    device, why = engine.choose_device(request["device"])
    runner = engine.Runner(bag.models, device)
    share = _part(report, _LOADED, _SEPARATED)

    def tick(done: int, total: int) -> None:
        share(done / total, f"{chosen.name} on {runner.device}: part {done} of {total}")

    spools = [StemSpool(work, stem, mix, bag.rate_hz, bag.channels) for stem in stems]
    try:
        at_model_rate = at_rate(mix, bag.rate_hz, work / "model-rate.f32")
        for stretch in engine.separate(bag, at_model_rate, stems, runner, tick):
            for spool, block in zip(spools, stretch, strict=True):
                spool.push(block)
        separated = time.monotonic()
        report(_SEPARATED, "writing the stems")
        written = finish_all(spools, _bits(mix))
    finally:
        for spool in spools:
            spool.close()
    files = [(stem, file, gain) for stem, (file, gain) in zip(stems, written, strict=True)]
    seconds = {"load": load_s, "separate": separated - started, "write": time.monotonic() - separated}
    fix = "./sfa doctor tells what the GPU lacks." if runner.why or why else None
    return _Outcome("demucs", chosen.name, runner.device, runner.why or why, fix, files, seconds)


def _with_quick(
    request: dict[str, Any], mix: Mix, report: Report, why: str | None = None, fix: str | None = None
) -> _Outcome:
    started = time.monotonic()
    wanted = request["stems"]
    stems = [stem for stem in _ordered(quick.STEMS) if not wanted or stem in wanted]
    share = _part(report, _LOADED, _SEPARATED)
    bits = _bits(mix)
    writers = {
        stem: StemWriter(
            Path(request["work"]) / f"{stem}.flac",
            sample_rate=mix.sample_rate,
            channels=mix.channels,
            frames=mix.frames,
            bits=bits,
        )
        for stem in stems
    }
    try:
        for stretch in quick.separate(
            mix, bits=bits, tick=lambda done: share(done, "quick, rough separation")
        ):
            for stem, writer in writers.items():
                writer.write(stretch[quick.STEMS.index(stem)])
        separated = time.monotonic()
        files = [(stem, writer.close(), 1.0) for stem, writer in writers.items()]
    except BaseException:
        for writer in writers.values():
            writer.abandon()
        raise
    seconds = {"load": 0.0, "separate": separated - started, "write": time.monotonic() - separated}
    return _Outcome("quick", models.QUICK, "cpu", why, fix, files, seconds)


def _check_stems(stems: Sequence[str], chosen: Model, wanted: Sequence[str] | None) -> list[str]:
    """Those of `stems` that are wanted, in the order in which people list them."""
    missing = [stem for stem in wanted or () if stem not in stems]
    if missing and stems:
        raise CannotSeparate(
            "refused",
            f"{chosen.name} gives no stem called {shown(missing[0])}; it gives {', '.join(_ordered(stems))}.",
            "Ask for some of these, or choose another model.",
        )
    return [stem for stem in _ordered(stems) if not wanted or stem in wanted]


def _ordered(stems: Sequence[str]) -> list[str]:
    return sorted(stems, key=lambda stem: (_ORDER.index(stem) if stem in _ORDER else len(_ORDER), stem))


def _bits(mix: Mix) -> int:
    return 24 if not mix.facts.lossy and (mix.facts.bits or 16) > 16 else 16


def _check_room(folder: Path, mix: Mix, stems: int, *, resampled: bool) -> None:
    """Say before an hour of work, not after it, that the disk is too small for it."""
    samples = mix.frames * mix.channels
    files = samples * _bits(mix) // 8 * stems
    separating = samples * 4 * (stems + resampled) + files
    packing = files + packs.most_bytes(mix.frames, mix.sample_rate, stems)
    needed = max(separating, packing)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise disk_full(f"the stems, which need {needed / 1e9:.1f} GB while {free / 1e9:.1f} GB are free")


def _publish(files: list[Path], out: Path) -> None:
    done: list[Path] = []
    try:
        for file in files:
            target = out / file.name
            done.append(target)
            _move(file, target)
    except BaseException as error:
        for target in done:
            target.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise disk_full("the stems") from error
        raise


def _move(source: Path, target: Path) -> None:
    """Rename; between two file systems, copy under another name first."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f".{target.name}.part")
        try:
            shutil.copyfile(source, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def _result(outcome: _Outcome, pack: PackFile, seconds: dict[str, float]) -> dict[str, Any]:
    return {
        "engine": outcome.engine,
        "model": outcome.model,
        "device": outcome.device,
        "why": outcome.why,
        "fix": outcome.fix,
        "stems": [
            {
                "name": name,
                "file": file.path.name,
                "frames": file.frames,
                "sample_rate": file.sample_rate,
                "channels": file.channels,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "peak": file.peak,
                "gain": gain,
            }
            for name, file, gain in outcome.files
        ],
        "pack": {
            "file": pack.path.name,
            "bytes": pack.bytes,
            "sha256": pack.sha256,
            "stems": pack.stems,
            "frames": pack.frames,
            "segment_frames": pack.segment_frames,
            "gain": pack.gain,
            "offsets": pack.offsets,
        },
        "seconds": seconds | outcome.seconds,
    }


def _part(report: Report, low: float, high: float) -> Callable[[float, str], None]:
    """A stage's own progress as its part of the whole, a few times a second at most."""
    told = (0.0, "")

    def tell(done: float, note: str) -> None:
        nonlocal told
        now = time.monotonic()
        if note != told[1] or now - told[0] >= _EVERY_S or done >= 1:
            told = (now, note)
            report(low + (high - low) * min(1.0, max(0.0, done)), note)

    return tell


def _warm_up() -> None:
    tuning.before_torch()
    # Seconds of imports, before anybody waits for them; without demucs there is `quick`.
    with contextlib.suppress(ImportError):
        importlib.import_module("sfa.separators.demucs")


if __name__ == "__main__":
    serve(separate, warm=_warm_up)

"""Checkpoints from anywhere on disk into the folder of this studio's own models."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from sfa.names import shown
from sfa.separators.errors import CannotSeparate
from sfa.separators.models import KNOWN, QUICK, Model, Weights, is_name, model, read_bag, signature_of
from sfa.sound.errors import room_on_disk

_SUFFIXES = {".th", ".safetensors"}


def add(path: Path, models_dir: Path, name: str | None = None) -> Model:
    """Register a Demucs checkpoint (`.th`, `.safetensors`) or a bag (`.yaml`, its checkpoints beside it).

    It is loaded once, to see that it works; only then is it copied, checkpoints
    first and the bag file that makes them visible last. The name is the file's,
    or that of the model which demucs knows by this signature.

    Raises
    ------
    CannotSeparate
        `weights_missing`, `weights_corrupt`, `engine_missing`, `refused`.
    BadSound
        `disk_full`.
    """
    weights, bag = _read(path)
    chosen = weights.name if name is None else name
    if not is_name(chosen) or chosen == QUICK:
        raise CannotSeparate(
            "refused",
            f"A model cannot be called {shown(chosen)}.",
            "Give it a name of letters, digits, dots, dashes and underscores: --name NAME.",
        )
    loaded = _load(weights)
    bag |= {"sources": [str(source) for source in loaded[0].sources]}
    models_dir.mkdir(parents=True, exist_ok=True)
    with room_on_disk(f"the weights of {chosen}"):
        for file in weights.files:
            _copy(file, models_dir)
        _write(models_dir / f"{chosen}.yaml", yaml.safe_dump(bag, default_flow_style=None).encode())
    return model(chosen, models_dir)


def _read(path: Path) -> tuple[Weights, dict[str, Any]]:
    """The files that belong together, and what the bag file will say of them."""
    try:
        if not path.is_file():
            raise CannotSeparate(
                "weights_missing", f"There is no file {shown(str(path))}.", "Check the path."
            )
        path.open("rb").close()
    except OSError as error:
        raise CannotSeparate(
            "weights_missing", f"{shown(str(path))} cannot be read: {error.strerror}.", "Check the path."
        ) from error
    if path.suffix in _SUFFIXES:
        signature = signature_of(path)
        known = next((entry.name for entry in KNOWN if entry.signatures == (signature,)), signature)
        return Weights(known, (path,), None, None), {"models": [signature]}
    if path.suffix not in {".yaml", ".yml"}:
        raise CannotSeparate(
            "weights_corrupt",
            f"{shown(path.name)} is neither a checkpoint (.th, .safetensors) nor a bag (.yaml).",
            "Give the file that demucs itself would load.",
        )
    return _read_bag(path)


def _read_bag(path: Path) -> tuple[Weights, dict[str, Any]]:
    bag = read_bag(path)
    if bag is None:
        raise CannotSeparate(
            "weights_corrupt",
            f"{shown(path.name)} is no bag: it lists no models, or not as demucs writes them.",
            "A bag says models: [SIGNATURE, …].",
        )
    files = []
    for signature in bag["models"]:
        beside = [
            file
            for file in path.parent.iterdir()
            if file.suffix in _SUFFIXES and signature_of(file) == signature
        ]
        if not beside:
            raise CannotSeparate(
                "weights_missing",
                f"{shown(path.name)} names the checkpoint {shown(signature)}, which is not beside it.",
                f"Put {signature}.th or {signature}.safetensors into the same folder.",
            )
        files.append(beside[0])
    bag.pop("sources", None)  # loading it tells
    return Weights(path.stem, tuple(files), bag.get("weights"), bag.get("segment")), bag


def _load(weights: Weights) -> list[Any]:
    try:
        from sfa.separators.checkpoint import load
    except ImportError as error:
        raise CannotSeparate(
            "engine_missing",
            "demucs is not installed, so the model cannot be tried.",
            "./sfa setup --all installs it.",
        ) from error
    return load(weights)


def _copy(source: Path, folder: Path) -> None:
    target = folder / source.name
    part = folder / f".{source.name}.{os.getpid()}.part"
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)

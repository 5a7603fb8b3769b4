"""Checkpoints from disk to demucs models: checked by hash, and never trusted to run code.

A `.th` file is a pickle, which could run anything. Only the few names that a
Demucs checkpoint needs are let through; torch refuses the rest.
"""

from __future__ import annotations

import errno
import hashlib
import re
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from demucs.demucs import Demucs
from demucs.hdemucs import HDemucs
from demucs.hf import load_safetensors_model
from demucs.htdemucs import HTDemucs
from demucs.states import load_model

from sfa.names import shown
from sfa.separators.errors import CannotSeparate
from sfa.separators.models import Weights, header, hub_cache, is_name, torch_cache

_CLASSES = (Demucs, HDemucs, HTDemucs)
_OF_THE_DISK = {errno.EACCES, errno.EPERM, errno.ENOENT, errno.EIO, errno.ESTALE}


def load(weights: Weights) -> list[Any]:
    """The models of a bag, one or more, ready to be applied.

    Raises
    ------
    CannotSeparate
        `weights_corrupt`, when a file is damaged or is no Demucs checkpoint.
    """
    models = [_load_one(weights.name, file) for file in weights.files]
    first = models[0]
    for model in models:
        model.eval()
        if (model.sources, model.samplerate, model.audio_channels) != (
            first.sources,
            first.samplerate,
            first.audio_channels,
        ):
            raise _do_not_fit(weights, "its checkpoints do not belong together")
        if weights.segment_s and (not isinstance(model, HTDemucs) or weights.segment_s <= model.segment):
            model.segment = weights.segment_s
    if not all(is_name(str(source)) for source in first.sources):  # they become names of files
        raise _do_not_fit(weights, "they name stems in a way that no file can be called")
    if weights.weights and {len(row) for row in weights.weights} != {len(first.sources)}:
        raise _do_not_fit(weights, "the shares of its checkpoints do not fit its stems")
    return models


def _load_one(name: str, path: Path) -> Any:
    try:
        check_hash(name, path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # demucs warns of every parameter that it no longer has
            return _from_safetensors(path) if path.suffix == ".safetensors" else _from_pickle(path)
    except (CannotSeparate, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            raise _unusable(name, path, f"cannot be read: {error.strerror}") from error
        # Whatever a damaged file makes torch, pickle, zip or demucs raise, the file is at fault; and what
        # they say of it, pages of it, is for the log.
        raise _unusable(name, path, "is damaged, or is no Demucs checkpoint") from error


def _from_safetensors(path: Path) -> Any:
    # demucs imports whatever class this names, so look before it does.
    wanted = header(path).get("klass")
    if wanted not in {f"{known.__module__}.{known.__qualname__}" for known in _CLASSES}:
        raise ValueError(f"it names {wanted!r}, which is no Demucs model")
    return load_safetensors_model(path)


def _from_pickle(path: Path) -> Any:
    with torch.serialization.safe_globals([*_CLASSES, Fraction]):
        package = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(package, dict) or package.get("klass") not in _CLASSES:
        raise ValueError("it names no Demucs model")
    return load_model(package)  # type: ignore[no-untyped-call]


def check_hash(name: str, path: Path) -> None:
    """Compare a file with the sha-256 in its own name, where there is one.

    demucs writes eight digits of it after the signature; the hub's cache calls
    the file that a snapshot links to by all 64.
    """
    real = path.resolve()
    in_name = re.search(r"-([0-9a-f]{8})\.th$", path.name)
    promised = in_name[1] if in_name else real.name if re.fullmatch(r"[0-9a-f]{64}", real.name) else ""
    if promised and not sha256(real).startswith(promised):
        raise _unusable(name, path, "is damaged: its sha-256 is not the one that it should have")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unusable(name: str, path: Path, why: str) -> CannotSeparate:
    return _refused(name, path, f"{shown(path.name)} {why}")


def _do_not_fit(weights: Weights, why: str) -> CannotSeparate:
    return _refused(weights.name, weights.files[0], why)


def _refused(name: str, path: Path, why: str) -> CannotSeparate:
    called = name if is_name(name) else shown(name)
    return CannotSeparate(
        "weights_corrupt", f"The weights of {called} cannot be used: {why}.", _way_out(name, path)
    )


def _way_out(name: str, path: Path) -> str:
    """The command that mends it, which depends on whose the file is."""
    if path.is_relative_to(hub_cache()):
        return f"./sfa models get {name} fetches them again."
    if path.is_relative_to(torch_cache()):
        return f"Delete {path}; ./sfa models get {name} then fetches them again."
    called = f" --name {name}" if is_name(name) else ""
    return f"Register a good copy, once you have one: ./sfa models add PATH{called}."

"""The catalogue: which models there are, what they give, and whether their weights are here.

Nothing in this file imports torch or demucs, so that listing models is instant
and works where neither is installed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal

import yaml  # type: ignore[import-untyped]

from sfa.names import shown
from sfa.separators.errors import CannotSeparate

FOUR = ("drums", "bass", "other", "vocals")
SIX = (*FOUR, "guitar", "piano")
QUICK = "quick"

_MIT = "MIT"
# The author, in the project's issues 327 and 508: the code's licence does not cover the weights.
_RESEARCH = "none stated: provided by the authors for research"
_OURS = "needs no weights"
_UNKNOWN = "as its maker says"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Model:
    """One model as `./sfa models` lists it."""

    name: str
    engine: Literal["demucs", "quick"]
    stems: tuple[str, ...]  # empty when only loading it would tell
    size_bytes: int  # of the weights; about, until they are here
    code_licence: str
    weights_licence: str
    about: str
    hub: str | None = None  # the repository on the Hugging Face hub, as demucs names it
    signatures: tuple[str, ...] = ()  # of the checkpoints, as demucs names them
    weights: tuple[tuple[float, ...], ...] | None = None  # of each checkpoint in each stem
    segment_s: float | None = None

    def present(self, models_dir: Path) -> bool:
        """Whether it can run without anything being fetched."""
        return self.engine == "quick" or find(self, models_dir) is not None


@dataclass(frozen=True, slots=True)
class Weights:
    """Files of one model, ready to be loaded."""

    name: str
    files: tuple[Path, ...]
    weights: tuple[tuple[float, ...], ...] | None
    segment_s: float | None

    @property
    def size_bytes(self) -> int:
        return sum(file.stat().st_size for file in self.files)


_EACH_ITS_OWN = tuple(tuple(float(stem == model) for stem in range(4)) for model in range(4))

KNOWN = (
    Model(
        *("htdemucs", "demucs", FOUR, 84_000_000, _MIT, _RESEARCH),
        about="Hybrid Transformer Demucs: the best balance of quality and time.",
        hub="adefossez/HTDemucs",
        signatures=("955717e8",),
    ),
    Model(
        *("htdemucs_ft", "demucs", FOUR, 336_000_000, _MIT, _RESEARCH),
        about="The same, tuned to each stem: a little better, four times as long.",
        hub="adefossez/HTDemucs-ft",
        signatures=("f7e0c4bc", "d12395a8", "92cfc3b6", "04573f0d"),
        weights=_EACH_ITS_OWN,
    ),
    Model(
        *("htdemucs_6s", "demucs", SIX, 55_000_000, _MIT, _RESEARCH),
        about="Six stems; guitar is fair, piano is poor.",
        hub="adefossez/HTDemucs-6s",
        signatures=("5c90dfd2",),
    ),
    Model(
        *("mdx_extra", "demucs", FOUR, 640_000_000, _MIT, _RESEARCH),
        about="Four Hybrid Demucs models together, second in the MDX challenge of 2021.",
        hub="adefossez/Demucs-mdx_extra",
        signatures=("e51eebcc", "a1d90b5c", "5d2d6c55", "cfa93e08"),
        segment_s=44,
    ),
    Model(
        *(QUICK, "quick", ("vocals", "drums", "bass", "other"), 0, _MIT, _OURS),
        about="quick, rough: signal processing alone, no weights; the stems add up to the mix.",
    ),
)


def catalogue(models_dir: Path) -> list[Model]:
    """Every model: those that come with demucs, those in `models_dir`, and `quick`, which is last."""
    known = {model.name: model for model in KNOWN}
    local = [_local(name, models_dir) for name in _local_names(models_dir) if name not in known]
    return [*KNOWN[:-1], *local, KNOWN[-1]]


def model(name: str, models_dir: Path) -> Model:
    """The model of this name.

    Raises
    ------
    CannotSeparate
        `model_unknown`, with the names that there are.
    """
    every = catalogue(models_dir)
    for candidate in every:
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in every)
    raise CannotSeparate(
        "model_unknown",
        f"There is no model called {shown(name)}; there are {names}.",
        "Choose one of these, or register a checkpoint with ./sfa models add PATH.",
    )


def find(model: Model, models_dir: Path) -> Weights | None:
    """The files of a model, all of them, or None.

    What was registered by hand goes first, then the cache of the Hugging Face
    hub, then the cache that older releases of demucs filled through torch.
    """
    for weights in (_in_folder(model.name, models_dir), _in_hub_cache(model), _in_torch_cache(model)):
        if weights is not None:
            return weights
    return None


def is_name(name: str) -> bool:
    """Whether a model may be called this: it becomes the name of a file."""
    return _NAME.fullmatch(name) is not None


def hub_cache() -> Path:
    """Where the huggingface_hub package keeps its files; its own rules, without importing it."""
    env = os.environ
    home = env.get("HF_HOME") or Path(env.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(env.get("HF_HUB_CACHE") or Path(home) / "hub").expanduser()


def torch_cache() -> Path:
    """Where releases of demucs before 4.1 had torch keep their weights."""
    env = os.environ
    home = env.get("TORCH_HOME") or Path(env.get("XDG_CACHE_HOME") or "~/.cache") / "torch"
    return (Path(home) / "hub" / "checkpoints").expanduser()


def _local_names(models_dir: Path) -> Iterator[str]:
    """Bags by their name, and checkpoints that belong to no bag by their signature."""
    if not models_dir.is_dir():
        return
    bags = {path.stem: read_bag(path) for path in sorted(models_dir.glob("*.yaml"))}
    yield from (name for name, bag in bags.items() if bag is not None)
    taken = {signature for bag in bags.values() if bag is not None for signature in bag["models"]}
    for path in sorted(models_dir.iterdir()):
        if path.suffix in {".th", ".safetensors"} and (signature := signature_of(path)) not in taken:
            taken.add(signature)
            yield signature


def _local(name: str, models_dir: Path) -> Model:
    weights = _in_folder(name, models_dir)
    bag = read_bag(models_dir / f"{name}.yaml") or {}
    sources = bag.get("sources") or (_sources(weights.files[0]) if weights else ())
    return Model(
        *(name, "demucs", tuple(sources), weights.size_bytes if weights else 0, _UNKNOWN, _UNKNOWN),
        about="Registered on this machine.",
        signatures=tuple(bag.get("models") or (name,)),
    )


def _in_folder(name: str, folder: Path) -> Weights | None:
    if not is_name(name) or not folder.is_dir():
        return None
    bag = read_bag(folder / f"{name}.yaml") or {"models": [name]}
    files = [_checkpoint(folder, signature) for signature in bag["models"]]
    return _gather(name, files, bag.get("weights"), bag.get("segment"))


def _in_hub_cache(model: Model) -> Weights | None:
    if model.hub is None:
        return None
    repository = hub_cache() / f"models--{model.hub.replace('/', '--')}"
    try:
        revision = (repository / "refs" / "main").read_text().strip()
    except OSError:
        return None
    folder = repository / "snapshots" / revision
    bag = read_bag(folder / f"{model.name}.yaml")
    if bag is None:
        return None
    files = [_existing(folder / f"{signature}.safetensors") for signature in bag["models"]]
    return _gather(model.name, files, bag.get("weights"), bag.get("segment"))


def _in_torch_cache(model: Model) -> Weights | None:
    if not model.signatures:
        return None
    files = [_checkpoint(torch_cache(), signature) for signature in model.signatures]
    return _gather(model.name, files, model.weights, model.segment_s)


def _gather(name: str, files: list[Path | None], weights: Any, segment: Any) -> Weights | None:
    found = tuple(file for file in files if file is not None)
    if len(found) < len(files) or not found:
        return None
    shares = tuple(tuple(float(share) for share in row) for row in weights) if weights else None
    return Weights(name, found, shares, float(segment) if segment else None)


def _checkpoint(folder: Path, signature: str) -> Path | None:
    """`SIG.safetensors`, `SIG-HASH.th` or `SIG.th`, whichever is there."""
    if not is_name(signature):
        return None
    exact = (
        folder / f"{signature}.safetensors",
        *folder.glob(f"{signature}-????????.th"),
        folder / f"{signature}.th",
    )
    return next((path for path in exact if path.is_file()), None)


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None


def signature_of(path: Path) -> str:
    """`7e57aaaa-0123abcd.th` holds the checkpoint 7e57aaaa."""
    return re.sub(r"-[0-9a-f]{8}$", "", path.stem) if path.suffix == ".th" else path.stem


def read_bag(path: Path) -> dict[str, Any] | None:
    """What a bag file says; None when it is missing, or is no bag."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    if not isinstance(said, dict):
        return None
    bag = {key: said[key] for key in ("models", "weights", "segment", "sources") if said.get(key)}
    is_bag = (
        _are(bag.get("models"), str | int)
        and all(is_name(str(signature)) for signature in bag["models"])  # they become names of files
        and isinstance(bag.get("segment", 1), float | int)
        and bag.get("segment", 1) > 0
        and _are(bag.get("sources", [""]), str)
        and isinstance(bag.get("weights", []), list)
        and all(_are(row, float | int) for row in bag.get("weights", []))
    )
    return bag | {"models": [str(signature) for signature in bag["models"]]} if is_bag else None


def _are(said: object, kind: type | UnionType) -> bool:
    return isinstance(said, list) and bool(said) and all(isinstance(one, kind) for one in said)


def _sources(path: Path) -> tuple[str, ...]:
    """Stems by the header of a safetensors file; a `.th` would have to be loaded to tell."""
    try:
        said = header(path) if path.suffix == ".safetensors" else {}
        names = json.loads(said.get("kwargs", "{}")).get("sources") or next(
            iter(json.loads(said.get("args", "[]"))), ()
        )
    except (OSError, ValueError, AttributeError):
        return ()
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def header(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file: a length of eight bytes, then JSON.

    Raises
    ------
    ValueError
        When that is not what the file begins with.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length < 100_000_000:
            raise ValueError("no safetensors header")
        said = json.loads(file.read(length)).get("__metadata__") or {}
    return {str(key): str(value) for key, value in said.items()}

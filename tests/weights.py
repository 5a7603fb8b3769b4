"""Tiny checkpoints in demucs' own formats, made when a test asks for them: real code, random numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

FOUR = ("drums", "bass", "other", "vocals")
SIX = (*FOUR, "guitar", "piano")


def tiny_model(sources: Sequence[str] = FOUR, seed: int = 0, **changes: Any) -> Any:
    """An HTDemucs of 20,000 parameters that works on two seconds at a time."""
    import torch
    from demucs.htdemucs import HTDemucs

    torch.set_num_threads(1)  # threads that wait for each other make small work slow on busy cores
    torch.manual_seed(seed)
    shape: dict[str, Any] = {
        "channels": 8,
        "depth": 2,
        "t_layers": 0,
        "dconv_depth": 1,
        "segment": Fraction(2),
    }
    return HTDemucs(sources=list(sources), **(shape | changes)).eval()


def tiny_hdemucs(seed: int = 0) -> Any:
    """What `mdx_extra` is made of: no transformer, and segments of any length."""
    import torch
    from demucs.hdemucs import HDemucs

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    return HDemucs(sources=list(FOUR), channels=16, growth=1, segment=1).eval()


def save_th(model: Any, folder: Path, signature: str) -> Path:
    """Write `SIGNATURE-HASH.th`, as `demucs.states.save_with_checksum` names it."""
    from demucs.states import get_state, save_with_checksum

    folder.mkdir(parents=True, exist_ok=True)
    args, kwargs = model._init_args_kwargs
    package = {
        "klass": type(model),
        "args": args,
        "kwargs": kwargs,
        "state": get_state(model, None, half=True),
    }
    save_with_checksum(package | {"training_args": {}}, folder / f"{signature}.th")
    return next(folder.glob(f"{signature}-*.th"))


def save_safetensors(model: Any, path: Path) -> Path:
    """Write what the hub keeps: the tensors, with class and arguments as JSON."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    args, kwargs = model._init_args_kwargs
    kind = type(model)
    said = {
        "klass": f"{kind.__module__}.{kind.__qualname__}",
        "args": json.dumps(args, default=_fraction),
        "kwargs": json.dumps(kwargs, default=_fraction),
    }
    save_file(
        {key: value.contiguous() for key, value in model.state_dict().items()}, str(path), metadata=said
    )
    return path


def tiny_bag(folder: Path, name: str = "tiny", models: Sequence[Any] = (), extra: str = "") -> Path:
    """A demucs repository on disk: a bag file and its checkpoints."""
    signatures = [f"7e57aaa{place}" for place in range(len(models) or 1)]
    for signature, model in zip(signatures, models or [tiny_model()], strict=True):
        save_th(model, folder, signature)
    bag = folder / f"{name}.yaml"
    bag.write_text(f"models: {signatures}\n{extra}")
    return bag


def seed_hub_cache(
    home: Path,
    name: str = "htdemucs",
    repository: str = "HTDemucs",
    signature: str = "955717e8",
    model: Any = None,
) -> Path:
    """A cache as huggingface_hub leaves it; with HF_HOME set to `home` the model is found by its own name."""
    revision = "0" * 40
    root = home / "hub" / f"models--adefossez--{repository}"
    snapshot = root / "snapshots" / revision
    snapshot.mkdir(parents=True, exist_ok=True)
    (root / "refs").mkdir(exist_ok=True)
    (root / "refs" / "main").write_text(revision)
    (snapshot / f"{name}.yaml").write_text(f"models: ['{signature}']\n")
    return save_safetensors(model or tiny_model(), snapshot / f"{signature}.safetensors")


def _fraction(value: Any) -> dict[str, Any]:
    if isinstance(value, Fraction):
        return {"_type": "fraction", "numerator": value.numerator, "denominator": value.denominator}
    raise TypeError(type(value))

"""A checkpoint in the shape of htdemucs with random weights: the real ones may not be at hand."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

NAME = "htdemucs"
_SIGNATURE = "955717e8"
_SOURCES = ["drums", "bass", "other", "vocals"]

# As the released model was trained: demucs' conf/config.yaml, grids/mmi.py and docs/training.md.
REAL: dict[str, Any] = {
    "channels": 48,
    "growth": 2,
    "depth": 4,
    "nfft": 4096,
    "dconv_mode": 3,
    "dconv_comp": 8,
    "bottom_channels": 512,
    "t_layers": 5,
    "t_heads": 8,
    "t_hidden_scale": 4.0,
    "t_dropout": 0.02,
    "segment": Fraction(39, 5),
}
TINY: dict[str, Any] = {
    "channels": 8,
    "depth": 2,
    "t_layers": 0,
    "dconv_depth": 1,
    "segment": Fraction(39, 5),
}


def make(folder: Path, shape: dict[str, Any]) -> float:
    """Write a bag `htdemucs` in demucs' own format into `folder`; millions of parameters."""
    import torch
    from demucs.htdemucs import HTDemucs
    from demucs.states import get_state, save_with_checksum

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model = HTDemucs(sources=_SOURCES, audio_channels=2, samplerate=44_100, **shape).eval()
    args, kwargs = model._init_args_kwargs
    state = get_state(model, None, half=True)  # type: ignore[no-untyped-call]
    package = {"klass": HTDemucs, "args": args, "kwargs": kwargs, "state": state, "training_args": {}}
    save_with_checksum(package, folder / f"{_SIGNATURE}.th")  # type: ignore[no-untyped-call]
    (folder / f"{NAME}.yaml").write_text(f"models: ['{_SIGNATURE}']\n")
    return float(sum(parameter.numel() for parameter in model.parameters()) / 1e6)

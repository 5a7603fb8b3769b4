"""A second of noise through a model on the GPU, checked by the CPU: `python -m ... MODELS_DIR`.

In a process of its own, because a broken driver may hang or end it. One line of
JSON comes out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

_CLOSE = 1e-2  # of the loudest sample: GPUs round differently


def main(models_dir: Path) -> None:
    import torch

    from sfa.separators.demucs import choose_device

    device, _ = choose_device("auto")
    found = {"device": None} if device == "cpu" else trial(models_dir, device)
    print(json.dumps({**found, "torch": torch.__version__}))


def trial(models_dir: Path, device: str) -> dict[str, Any]:
    """How the second went; `why` says what was wrong with it."""
    import torch

    from sfa.separators.demucs import Runner

    title, net = _net(models_dir)
    second = torch.randn(1, 2, 44_100, generator=torch.Generator().manual_seed(1))
    runner = Runner([net], device)
    runner(0, second)  # the first call loads kernels
    began = time.monotonic()
    here = runner(0, second)
    seconds = round(time.monotonic() - began, 2)
    there = Runner([net], "cpu")(0, second)
    why = runner.why
    if why is None and not torch.allclose(here, there, atol=_CLOSE * float(there.abs().max())):
        why = "its result differs from the CPU's."
    name = torch.cuda.get_device_name() if device == "cuda" else device
    return {"device": device, "name": name, "seconds": seconds, "model": title, "why": why}


def _net(models_dir: Path) -> tuple[str, Any]:
    """The first model that is here; where there is none, one of the same kind that has learned nothing."""
    from sfa.separators import models
    from sfa.separators.demucs import Bag

    for model in models.catalogue(models_dir):
        if model.engine == "demucs" and (weights := models.find(model, models_dir)) is not None:
            return model.name, Bag.load(weights).models[0]
    from demucs.htdemucs import HTDemucs

    return "an untrained net of Demucs' shape", HTDemucs(sources=list(models.FOUR)).eval()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""The weights of the models, and the GPU with a real second of sound on it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from sfa.cli.doctor.finding import Finding
from sfa.cli.doctor.machine import ALL
from sfa.settings import Settings

_TRIAL_S = 300.0
_DEVICES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")  # without one of them torch need not be asked


def weights(settings: Settings) -> Iterator[Finding]:
    from sfa.separators import models

    every = [model for model in models.catalogue(settings.models_dir) if model.engine == "demucs"]
    here = {model.name: models.find(model, settings.models_dir) for model in every}
    for model in every:
        found = here[model.name]
        if found is not None:
            said = f"{found.size_bytes / 1e6:.0f} MB, {found.files[0].parent}"
            yield Finding(f"model {model.name}", "ok", said)
        else:
            about = f"not here ({model.size_bytes / 1e6:.0f} MB to fetch)"
            if model.name == "htdemucs" and not any(here.values()):
                about += "; songs are separated by the quick, rough engine until it is"
            yield Finding(f"model {model.name}", "missing", about, f"./sfa models get {model.name}")


def gpu(settings: Settings) -> Iterator[Finding]:
    card = _card()
    if card is None and sys.platform == "linux" and not any(map(os.path.exists, _DEVICES)):
        yield Finding("GPU", "ok", "no GPU; the CPU does it")
        return
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("demucs") is None:
        said = f"{card} is there, but Demucs is not installed" if card else "no GPU was looked for: no Demucs"
        yield Finding("GPU", "warn", said, ALL)
        return
    trial = [sys.executable, "-m", "sfa.cli.doctor.gpu_trial", str(settings.models_dir)]
    try:
        tried = subprocess.run(trial, capture_output=True, text=True, timeout=_TRIAL_S, check=False)
    except subprocess.TimeoutExpired:
        yield Finding(
            "GPU", "warn", f"one second of sound was not done after {_TRIAL_S:.0f} s", "SFA_DEVICE=cpu"
        )
        return
    lines = tried.stdout.strip().splitlines()
    if tried.returncode != 0 or not lines:
        said = (tried.stderr.strip().splitlines() or ["it said nothing"])[-1]
        yield Finding("GPU", "warn", f"the trial on it failed: {said}", "SFA_DEVICE=cpu ./sfa up")
        return
    yield judge(json.loads(lines[-1]), card)


def judge(found: dict[str, object], card: str | None) -> Finding:
    if found["device"] is None and card is None:
        return Finding("GPU", "ok", "no GPU; the CPU does it")
    if found["device"] is None:
        said = f"{card} is there, but the torch that is installed ({found['torch']}) cannot use it"
        return Finding("GPU", "warn", said, "rm -rf .venv && ./sfa setup --all")
    where = f"{found['name']} ({found['device']})"
    if found["why"]:
        return Finding("GPU", "warn", f"{where}: {found['why']}", "SFA_DEVICE=cpu ./sfa up")
    said = f"{where}: one second of sound separated in {found['seconds']} s with {found['model']}"
    return Finding("GPU", "ok", said)


def _card() -> str | None:
    """What the driver says, whatever torch can use."""
    if shutil.which("nvidia-smi") is None:
        return None
    asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return said.stdout.strip().splitlines()[0] if said.returncode == 0 and said.stdout.strip() else None

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sfa.cli.doctor import gpu_trial, machine, separation
from sfa.cli.doctor.command import LOOKS
from sfa.cli.doctor.finding import Finding
from sfa.separators import register
from sfa.settings import Settings
from tests.conftest import ordinary_user
from tests.weights import save_th, tiny_model


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"SFA_DATA": str(tmp_path / "data"), **env})


def test_every_look_answers_with_a_line_and_a_way_out(tmp_path: Path) -> None:
    for look in LOOKS:
        findings = list(look(settings(tmp_path)))
        assert findings, look.__name__
        assert all(finding.fix for finding in findings if finding.state == "missing"), look.__name__
    assert not (tmp_path / "data").exists(), "looking makes nothing"


def test_only_what_is_essential_stops_the_studio() -> None:
    assert Finding("PostgreSQL", "missing", "", essential=True).stops
    assert not Finding("spotdl", "missing", "").stops
    assert not Finding("PostgreSQL", "ok", "", essential=True).stops


def test_a_folder_that_cannot_be_written_to_is_named(commons: Path) -> None:
    commons.chmod(0o555)
    with ordinary_user():
        [finding] = machine.disk(settings(commons))
    assert finding.stops
    assert str(commons) in finding.says


def test_ffmpeg_is_found_with_its_version(tmp_path: Path) -> None:
    [finding] = machine.ffmpeg(settings(tmp_path))
    assert finding.state == "ok"
    assert any(letter.isdigit() for letter in finding.says.split(",")[0])


def test_compiled_kernels_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    [cold] = machine.compiled(settings(tmp_path))
    (tmp_path / "numba" / "deep").mkdir(parents=True)
    (tmp_path / "numba" / "deep" / "kernel.1.nbc").touch()
    [warm] = machine.compiled(settings(tmp_path))
    assert (cold.state, warm.state) == ("warn", "ok")


@pytest.mark.parametrize(
    ("found", "card", "state", "said"),
    [
        ({"device": None, "torch": "2.13.0+cpu"}, None, "ok", "no GPU"),
        ({"device": None, "torch": "2.13.0+cpu"}, "NVIDIA X", "warn", "cannot use it"),
        ({"device": "cuda", "name": "X", "why": "The GPU (cuda) failed"}, "NVIDIA X", "warn", "failed"),
        (
            {"device": "cuda", "name": "X", "why": None, "seconds": 0.1, "model": "m"},
            "X",
            "ok",
            "0.1 s with m",
        ),
    ],
)
def test_the_trial_on_a_gpu_is_put_into_words(
    found: dict[str, object], card: str | None, state: str, said: str
) -> None:
    finding = separation.judge(found, card)
    assert finding.state == state
    assert said in finding.says


def test_the_trial_separates_with_the_model_that_is_here(tmp_path: Path) -> None:
    model = register.add(save_th(tiny_model(), tmp_path / "made", "7e57aaaa"), tmp_path / "models")
    found = gpu_trial.trial(tmp_path / "models", "cpu")
    assert (found["model"], found["why"]) == (model.name, None)
    [line] = [
        line
        for line in separation.weights(settings(tmp_path, SFA_MODELS=str(tmp_path / "models")))
        if line.state == "ok"
    ]
    assert line.name == f"model {model.name}"


def test_a_device_that_fails_is_told(tmp_path: Path) -> None:
    register.add(save_th(tiny_model(), tmp_path / "made", "7e57aaaa"), tmp_path / "models")
    found = gpu_trial.trial(tmp_path / "models", "xpu")
    assert "failed, so the CPU took over" in found["why"]


def test_the_trial_runs_where_there_is_no_gpu(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "sfa.cli.doctor.gpu_trial", str(tmp_path)]
    env = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    answer = subprocess.run(argv, capture_output=True, text=True, env=env, check=True)
    assert json.loads(answer.stdout)["device"] in (None, "mps")

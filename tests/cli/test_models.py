"""`./sfa models`, as a person types it."""

from __future__ import annotations

import json
import time

import pytest

from sfa.cli import main
from tests import weights


@pytest.fixture
def studio(tmp_path, monkeypatch):
    """No models, and no way to any."""
    monkeypatch.setenv("SFA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nothing listens there
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "SFA_MODELS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def listed(capsys):
    assert main(["models", "--json"]) == 0
    return {model["name"]: model for model in json.loads(capsys.readouterr().out)["models"]}


def test_list_has_every_model_with_its_licences(studio, capsys):
    models = listed(capsys)
    assert {"htdemucs", "htdemucs_ft", "htdemucs_6s", "mdx_extra", "quick"} <= set(models)
    assert models["htdemucs"]["here"] is False
    assert models["quick"]["here"] is True
    assert models["htdemucs_6s"]["stems"] == ["drums", "bass", "other", "vocals", "guitar", "piano"]
    assert all(model["code_licence"] and model["weights_licence"] for model in models.values())


def test_table_has_every_model(studio, capsys):
    assert main(["models"]) == 0
    said = capsys.readouterr().out
    assert "htdemucs_ft" in said
    assert "336 MB" in said


def test_hub_out_of_reach_is_noticed_within_five_seconds(studio, capsys):
    began = time.monotonic()
    assert main(["models", "get", "htdemucs"]) == 69
    assert time.monotonic() - began < 5
    said = capsys.readouterr().err
    assert "could not be fetched: 127.0.0.1 does not answer" in said
    assert "./sfa models get htdemucs" in said


def test_unknown_model_is_refused_with_the_names_there_are(studio, capsys):
    assert main(["models", "get", "htdemocs"]) == 64
    assert "There is no model called “htdemocs”; there are htdemucs," in capsys.readouterr().err


def test_quick_needs_nothing(studio, capsys):
    assert main(["models", "get", "quick"]) == 0
    assert "needs no weights" in capsys.readouterr().out


def test_checkpoint_from_disk_becomes_a_model(studio, capsys):
    file = weights.save_th(weights.tiny_model(), studio / "download", "7e57aaaa")
    assert main(["models", "add", str(file), "--name", "tiny"]) == 0
    assert "./sfa forge FILE --model tiny" in capsys.readouterr().out
    tiny = listed(capsys)["tiny"]
    assert tiny["here"] is True
    assert tiny["stems"] == ["drums", "bass", "other", "vocals"]
    assert main(["models", "get", "tiny"]) == 0
    assert "tiny is here" in capsys.readouterr().out


@pytest.mark.parametrize("name, status", [("missing.th", 69), ("noise.th", 69), ("song.mp3", 69)])
def test_what_is_no_model_is_refused(studio, capsys, name, status):
    if name != "missing.th":
        (studio / name).write_bytes(b"no model at all")
    assert main(["models", "add", str(studio / name)]) == status
    assert name in capsys.readouterr().err
    assert "noise" not in listed(capsys)


def test_model_from_the_cache_is_here_even_without_the_hub(studio, capsys):
    weights.seed_hub_cache(studio / "hub")
    assert main(["models", "get", "htdemucs"]) == 0
    said = capsys.readouterr()
    assert "htdemucs is here" in said.out
    assert "was not checked again" in said.err

"""A checkpoint is registered when it has been seen to work, and not otherwise."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sfa.separators import CannotSeparate
from sfa.separators.models import model
from sfa.separators.register import add
from tests.conftest import ordinary_user
from tests.weights import SIX, save_safetensors, save_th, tiny_bag, tiny_model


def refused(path: Path, models_dir: Path, name: str | None = None) -> CannotSeparate:
    with pytest.raises(CannotSeparate) as caught:
        add(path, models_dir, name)
    assert caught.value.fix
    assert not models_dir.exists() or not list(models_dir.iterdir())
    return caught.value


def test_a_checkpoint_is_copied_and_listed_with_its_stems(tmp_path):
    path = save_th(tiny_model(SIX), tmp_path / "here", "7e57aaaa")
    entry = add(path, tmp_path / "models")
    assert (entry.name, entry.stems) == ("7e57aaaa", SIX)
    assert entry.present(tmp_path / "models")
    assert (
        sorted(file.name for file in (tmp_path / "models").iterdir())
        == ["7e57aaaa.yaml", path.name][:: 1 if path.name > "7e57aaaa.yaml" else -1]
    )


def test_a_checkpoint_that_demucs_knows_gets_the_models_name(tmp_path):
    add(save_th(tiny_model(), tmp_path, "955717e8"), tmp_path / "models")
    assert model("htdemucs", tmp_path / "models").present(tmp_path / "models")


def test_a_bag_brings_its_checkpoints(tmp_path):
    bag = tiny_bag(
        tmp_path / "here", "mine", [tiny_model(), tiny_model(seed=1)], "weights: [[1,1,0,0],[0,0,1,1]]"
    )
    add(bag, tmp_path / "models", "ours")
    weights = tmp_path / "models"
    assert model("ours", weights).signatures == ("7e57aaa0", "7e57aaa1")
    assert model("ours", weights).present(weights)


def test_safetensors_are_taken_too(tmp_path):
    add(save_safetensors(tiny_model(), tmp_path / "mine.safetensors"), tmp_path / "models")
    assert model("mine", tmp_path / "models").present(tmp_path / "models")


def test_a_damaged_checkpoint_is_not_taken(tmp_path):
    path = save_th(tiny_model(), tmp_path / "here", "7e57aaaa")
    path.write_bytes(path.read_bytes()[:-100])
    assert refused(path, tmp_path / "models").code == "weights_corrupt"


def test_a_text_that_is_called_th_is_not_taken(tmp_path):
    path = tmp_path / "a.th"
    path.write_text("hello")
    assert refused(path, tmp_path / "models").code == "weights_corrupt"


class Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_a_checkpoint_cannot_run_code(tmp_path):
    (tmp_path / "a.th").write_bytes(pickle.dumps(Trap(tmp_path / "ran")))
    assert refused(tmp_path / "a.th", tmp_path / "models").code == "weights_corrupt"
    assert not (tmp_path / "ran").exists()


def test_safetensors_cannot_name_any_class(tmp_path):
    from safetensors.torch import save_file

    said = {"klass": "subprocess.Popen", "args": '[["touch", "ran"]]', "kwargs": "{}"}
    save_file(dict(tiny_model().state_dict()), str(tmp_path / "a.safetensors"), metadata=said)
    assert "no Demucs checkpoint" in str(refused(tmp_path / "a.safetensors", tmp_path / "models"))


def test_a_bag_without_its_checkpoint_is_not_taken(tmp_path):
    (tmp_path / "a.yaml").write_text("models: ['7e57aaaa']")
    assert refused(tmp_path / "a.yaml", tmp_path / "models").code == "weights_missing"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "models: []",
        "models: 5",
        "models: {a: 1}",
        "models: [a]\nsegment: long",
        "models: [2001-99-99]",
        "a: [",
    ],
)
def test_a_bag_that_makes_no_sense_is_not_taken(tmp_path, text):
    save_safetensors(tiny_model(), tmp_path / "a.safetensors")
    (tmp_path / "b.yaml").write_text(text)
    error = refused(tmp_path / "b.yaml", tmp_path / "models")
    assert error.code == "weights_corrupt"
    assert "“b.yaml” is no bag" in str(error)


def test_a_file_of_somebody_else_is_not_called_damaged(commons):
    (commons / "a.yaml").touch(mode=0)
    with ordinary_user():
        error = refused(commons / "a.yaml", commons / "models")
    assert "cannot be read: Permission denied" in str(error)


def test_a_longer_path_than_any_disk_takes_is_said(tmp_path):
    assert refused(Path("x" * 5000 + ".th"), tmp_path / "models").code == "weights_missing"


@pytest.mark.parametrize("name", ["quick", "../up", ".hidden", "a b", ""])
def test_a_name_that_cannot_be_a_file_is_refused(tmp_path, name):
    path = save_th(tiny_model(), tmp_path / "here", "7e57aaaa")
    assert refused(path, tmp_path / "models", name).code == "refused"


def test_a_path_to_nothing_is_said(tmp_path):
    assert refused(tmp_path / "nope.th", tmp_path / "models").code == "weights_missing"

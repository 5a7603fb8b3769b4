"""Options that say nothing, or nothing that can be, are refused in words before anything is begun."""

from __future__ import annotations

import json

import pytest

from sfa.cli import main
from sfa.cli.forge.command import wanted_stems
from sfa.errors import Refused
from sfa.settings import Settings
from tests import weights


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder of the test's own, in which a studio would be seen."""
    monkeypatch.setenv("SFA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield tmp_path / "here"
    assert not (tmp_path / "data").exists()
    assert not list((tmp_path / "here").iterdir())


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--out=", "'--out': It is empty. Name a folder, as in --out stems, or leave the option out."),
        ("--out=  ", "It is empty"),
        (f"--out={'x' * 300}", "File name too long. Name another folder."),
        ("--out=/dev/null/x", "/dev/null is not a folder"),
        ("--format=", "'' is not one of 'flac', 'wav', 'mp3', 'opus'"),
        ("--model=", "There is no model called “(no name)”; there are htdemucs,"),
        ("--model= ", "There is no model called “ ”"),
        ("--stems=", "was asked for no stem at all; it has drums, bass, other, vocals."),
        ("--stems=, ,", "was asked for no stem at all"),
        ("--stems=\x1b[31m", "has no stem “\\x1b[31m”"),
        ("--priority=", "'' is not a valid integer"),
        ("--priority=101", "101 is not in the range"),
    ],
)
def test_what_an_option_cannot_be_is_said(capsys, option, says):
    assert main(["forge", "--json", "song.wav", option]) == 64
    said = capsys.readouterr()
    assert says in said.err
    assert says in json.loads(said.out)["error"]["message"]


@pytest.mark.parametrize(
    ("stems", "wanted"),
    [
        ("vocals,vocals", ("vocals",)),
        (" Vocals ,,DRUMS", ("vocals", "drums")),
        ("drums,bass,other,vocals", None),
    ],
)
def test_stems_are_understood_however_they_are_listed(stems, wanted):
    assert wanted_stems(None, stems, Settings.from_env()) == wanted


def test_stem_of_a_model_of_ones_own_is_found_in_any_case(tmp_path):
    models = tmp_path / "models"
    weights.save_safetensors(weights.tiny_model(["Voice", "Rest"]), models / "mine.safetensors")
    settings = Settings.from_env({"SFA_DATA": str(tmp_path / "data"), "SFA_MODELS": str(models)})
    assert wanted_stems("mine", "voice", settings) == ("Voice",)


def test_model_whose_stems_are_not_known_is_not_said_to_have_none(tmp_path):
    models = tmp_path / "models"
    weights.save_th(weights.tiny_model(), models, "7e57aaaa")
    settings = Settings.from_env({"SFA_DATA": str(tmp_path / "data"), "SFA_MODELS": str(models)})
    with pytest.raises(Refused, match=r"no stem at all\.$"):
        wanted_stems("7e57aaaa", ",", settings)

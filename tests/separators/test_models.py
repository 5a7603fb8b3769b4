"""The catalogue knows what there is and what is here, without torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sfa.separators import CannotSeparate, catalogue, find
from sfa.separators.models import KNOWN, model
from tests.weights import save_safetensors, save_th, seed_hub_cache, tiny_bag, tiny_model

HTDEMUCS, FT, SIX, MDX, QUICK = KNOWN


def names(folder) -> list[str]:
    return [entry.name for entry in catalogue(folder)]


def test_the_catalogue_lists_demucs_and_quick(tmp_path):
    assert names(tmp_path / "none") == ["htdemucs", "htdemucs_ft", "htdemucs_6s", "mdx_extra", "quick"]


def test_only_quick_needs_nothing(tmp_path):
    assert [entry.name for entry in catalogue(tmp_path) if entry.present(tmp_path)] == ["quick"]


def test_every_model_states_both_licences(tmp_path):
    assert all(entry.code_licence and entry.weights_licence for entry in catalogue(tmp_path))


def test_a_bag_and_a_lone_checkpoint_are_listed_once_each(tmp_path):
    tiny_bag(tmp_path, "mine")
    save_safetensors(tiny_model(), tmp_path / "alone.safetensors")
    assert names(tmp_path)[-3:] == ["mine", "alone", "quick"]
    assert model("mine", tmp_path).present(tmp_path)
    assert model("alone", tmp_path).stems == ("drums", "bass", "other", "vocals")


def test_a_seeded_cache_of_the_hub_is_found(tmp_path):
    file = seed_hub_cache(tmp_path / "hf")
    assert find(HTDEMUCS, tmp_path / "models").files == (file,)


def test_what_older_releases_of_demucs_fetched_is_found(tmp_path):
    file = save_th(tiny_model(), tmp_path / "torch" / "hub" / "checkpoints", "955717e8")
    assert find(HTDEMUCS, tmp_path / "models").files == (file,)


def test_a_bag_with_a_checkpoint_missing_is_not_here(tmp_path):
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    for signature in FT.signatures[:3]:
        save_th(tiny_model(), folder, signature)
    assert find(FT, tmp_path / "models") is None
    save_th(tiny_model(), folder, FT.signatures[3])
    assert len(find(FT, tmp_path / "models").files) == 4
    assert find(FT, tmp_path / "models").weights[1] == (0.0, 1.0, 0.0, 0.0)


def test_what_was_registered_by_hand_goes_first(tmp_path):
    seed_hub_cache(tmp_path / "hf")
    tiny_bag(tmp_path / "models", "htdemucs")
    assert find(HTDEMUCS, tmp_path / "models").files[0].parent == tmp_path / "models"
    assert names(tmp_path / "models") == names(tmp_path)


@pytest.mark.parametrize("name", ["nope", "", "../../etc/passwd", "a\nb", "x" * 300])
def test_an_unknown_model_is_answered_with_those_that_there_are(tmp_path, name):
    with pytest.raises(
        CannotSeparate, match="htdemucs, htdemucs_ft, htdemucs_6s, mdx_extra, quick"
    ) as caught:
        model(name, tmp_path)
    assert caught.value.code == "model_unknown"
    assert len(str(caught.value)) < 250


def test_files_that_are_no_models_are_passed_over(tmp_path):
    (tmp_path / "a.yaml").write_text("just: text")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\0: [")
    (tmp_path / "c.txt").touch()
    assert names(tmp_path) == [entry.name for entry in KNOWN]


@pytest.mark.parametrize(
    "text",
    [
        "models: [mine]\nweights: rubbish",
        "models: [mine]\nweights: [[loud]]",
        "models: [mine]\nsegment: long",
        "models: [mine]\nsegment: -1",
        "models: [mine]\nsources: 4",
        "models: [[mine]]",
        "models: {mine: 1}",
        "models: [../mine]",
        "models: [2001-99-99]",
    ],
)
def test_a_bag_file_that_makes_no_sense_hides_no_other_model(tmp_path, text):
    save_safetensors(tiny_model(), tmp_path / "mine.safetensors")
    (tmp_path / "bag.yaml").write_text(text)
    assert names(tmp_path)[-2:] == ["mine", "quick"]


def test_a_broken_header_only_hides_the_stems(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"\xff" * 100)
    assert model("a", tmp_path).stems == ()


def test_the_catalogue_needs_neither_torch_nor_demucs(tmp_path):
    ask = (
        "import sys; sys.modules['torch'] = sys.modules['demucs'] = None\n"
        "import pathlib, sfa.separators as s; print(len(s.catalogue(pathlib.Path('.'))))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "5"

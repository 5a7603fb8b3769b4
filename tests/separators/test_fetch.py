"""Weights come from the hub's loopback twin, whole and checked, or the failure is told soon."""

from __future__ import annotations

import socket
import time

import pytest

from sfa.separators import CannotSeparate, get
from sfa.separators.models import KNOWN, find, hub_cache
from tests.separators.hub import running
from tests.weights import save_safetensors, tiny_model

HTDEMUCS, SIX = KNOWN[0], KNOWN[2]


@pytest.fixture
def hub(tmp_path, monkeypatch):
    repository = tmp_path / "repository"
    save_safetensors(tiny_model(), repository / "955717e8.safetensors")
    (repository / "htdemucs.yaml").write_text("models: ['955717e8']\n")
    with running(repository) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def test_what_is_fetched_is_found_and_is_what_the_hub_has(tmp_path, hub):
    told = []
    weights = get(HTDEMUCS, tmp_path, lambda done, note: told.append(done))
    assert find(HTDEMUCS, tmp_path) == weights
    assert weights.files[0].read_bytes() == (hub.folder / "955717e8.safetensors").read_bytes()
    assert told[-1] == 1.0


def test_demucs_itself_finds_what_is_fetched(tmp_path, hub):
    from huggingface_hub import try_to_load_from_cache

    weights = get(HTDEMUCS, tmp_path)
    cached = try_to_load_from_cache("adefossez/HTDemucs", "955717e8.safetensors", cache_dir=hub_cache())
    assert cached == str(weights.files[0])


def test_a_download_that_broke_off_continues_where_it_stopped(tmp_path, hub):
    hub.breaks_after = 20_000
    with pytest.raises(CannotSeparate) as caught:
        get(HTDEMUCS, tmp_path)
    assert caught.value.code == "weights_unreachable"
    assert find(HTDEMUCS, tmp_path) is None
    hub.breaks_after = None
    weights = get(HTDEMUCS, tmp_path)
    assert hub.resumed_from == [20_000]
    assert weights.files[0].read_bytes() == (hub.folder / "955717e8.safetensors").read_bytes()


def test_a_file_with_another_hash_is_not_kept(tmp_path, hub):
    get(HTDEMUCS, tmp_path)  # the small file is here, so only the large one can be wrong
    find(HTDEMUCS, tmp_path).files[0].resolve().unlink()
    hub.changes_content = True
    with pytest.raises(CannotSeparate) as caught:
        get(HTDEMUCS, tmp_path)
    assert caught.value.code == "weights_corrupt"
    assert find(HTDEMUCS, tmp_path) is None
    assert not list(hub_cache().rglob("*.part"))


def test_a_damaged_file_is_fetched_again(tmp_path, hub):
    blob = get(HTDEMUCS, tmp_path).files[0].resolve()
    good = blob.read_bytes()
    blob.write_bytes(b"\0" + good[1:])
    get(HTDEMUCS, tmp_path)
    assert blob.read_bytes() == good


@pytest.mark.parametrize("text", ["models: [", "just: text", "models: 5"])
def test_a_bag_of_the_hub_that_makes_no_sense_is_said(tmp_path, hub, text):
    (hub.folder / "htdemucs.yaml").write_text(text)
    with pytest.raises(CannotSeparate, match="in a way that is not known here"):
        get(HTDEMUCS, tmp_path)


def test_what_the_hub_does_not_have_is_said(tmp_path, hub):
    with pytest.raises(CannotSeparate, match="says that they are not there"):
        get(SIX, tmp_path)


def unreachable(tmp_path) -> CannotSeparate:
    started = time.monotonic()
    with pytest.raises(CannotSeparate) as caught:
        get(HTDEMUCS, tmp_path)
    assert time.monotonic() - started < 5
    assert caught.value.code == "weights_unreachable"
    assert "./sfa models get htdemucs" in caught.value.fix
    return caught.value


def test_a_closed_port_is_noticed_at_once(tmp_path):
    unreachable(tmp_path)


def test_a_hub_that_never_answers_is_given_up_in_time(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "127.0.0.1 does not answer" in str(unreachable(tmp_path))


def test_a_model_of_ones_own_is_fetched_from_nowhere(tmp_path):
    with pytest.raises(CannotSeparate) as caught:
        get(KNOWN[-1], tmp_path)
    assert caught.value.code == "weights_missing"

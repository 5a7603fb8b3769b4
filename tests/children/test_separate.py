"""The separation child: stems of exactly the length of the file, or a sentence; and nothing half-written."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from sfa.children.protocol import CannotDo
from sfa.children.separate import _check_room, separate
from sfa.sound import BadSound
from tests.soundfiles.files import converted, mix_of, tones, wav
from tests.weights import SIX, save_th, seed_hub_cache, tiny_model


@pytest.fixture(autouse=True)
def _own_caches(monkeypatch, tmp_path):
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for name in ("work", "out", "models"):
        (tmp_path / name).mkdir()


@pytest.fixture
def htdemucs(tmp_path):
    return seed_hub_cache(tmp_path / "hf")


def request(tmp_path: Path, source: Path, **changes: Any) -> dict[str, Any]:
    asked = {
        "source": str(source),
        "name": "my song.mp3",
        "work": str(tmp_path / "work"),
        "out": str(tmp_path / "out"),
        "model": "htdemucs",
        "fallback": False,
        "stems": None,
        "models_dir": str(tmp_path / "models"),
        "device": "cpu",
    }
    return asked | changes


def ask(tmp_path: Path, source: Path, **changes: Any) -> dict[str, Any]:
    return separate(request(tmp_path, source, **changes), lambda done, note: None)


def refused(tmp_path: Path, source: Path, **changes: Any) -> CannotDo:
    with pytest.raises(CannotDo) as caught:
        ask(tmp_path, source, **changes)
    assert caught.value.fix
    assert not list((tmp_path / "out").iterdir())
    return caught.value


def sounds(tmp_path: Path, result: dict[str, Any]) -> dict[str, np.ndarray]:
    return {
        stem["name"]: soundfile.read(tmp_path / "out" / stem["file"], always_2d=True)[0]
        for stem in result["stems"]
    }


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("model", ["htdemucs", "quick"])
@pytest.mark.usefixtures("htdemucs")
def test_stems_are_as_long_as_the_file_at_every_rate(tmp_path, rate_hz, model):
    sound = tones(1.23457, rate_hz=rate_hz)
    result = ask(tmp_path, wav(tmp_path / "a", sound, rate_hz), model=model)
    for stem in result["stems"]:
        info = soundfile.info(tmp_path / "out" / stem["file"])
        assert (info.frames, info.samplerate, info.channels) == (len(sound), rate_hz, 2)
        assert (stem["frames"], stem["sample_rate"], stem["channels"]) == (len(sound), rate_hz, 2)


@pytest.mark.parametrize("frames", [1, 3, 8_820, 44_101, 180_003])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("model", ["htdemucs", "quick"])
@pytest.mark.usefixtures("htdemucs")
def test_stems_are_as_long_as_the_file_at_any_length(tmp_path, frames, channels, model):
    sound = tones(5, channels=channels)[:frames]
    for stem in sounds(tmp_path, ask(tmp_path, wav(tmp_path / "a", sound), model=model)).values():
        assert stem.shape == sound.shape


@pytest.mark.usefixtures("htdemucs")
def test_the_result_tells_what_ran_and_what_came_of_it(tmp_path):
    result = ask(tmp_path, wav(tmp_path / "a", tones()))
    assert (result["engine"], result["model"], result["device"]) == ("demucs", "htdemucs", "cpu")
    assert (result["why"], result["fix"]) == (None, None)
    assert {"load", "separate", "write", "pack"} <= set(result["seconds"])
    assert [stem["name"] for stem in result["stems"]] == ["vocals", "drums", "bass", "other"]
    for stem in result["stems"]:
        content = (tmp_path / "out" / stem["file"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (stem["bytes"], stem["sha256"])
        assert 0 < stem["peak"] <= 1
    pack, content = result["pack"], (tmp_path / "out" / result["pack"]["file"]).read_bytes()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (pack["bytes"], pack["sha256"])
    assert (pack["stems"], pack["frames"], pack["gain"]) == (
        [s["name"] for s in result["stems"]],
        44_100,
        1.0,
    )
    assert json.loads(json.dumps(result)) == result


@pytest.mark.usefixtures("htdemucs")
def test_the_same_file_gives_the_same_stems_twice(tmp_path):
    path = wav(tmp_path / "a", tones())
    first, second = (ask(tmp_path, path)["stems"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("model", ["htdemucs", "quick"])
@pytest.mark.usefixtures("htdemucs")
def test_only_the_stems_that_were_asked_for_are_made(tmp_path, model):
    path = wav(tmp_path / "a", tones())
    everything = sounds(tmp_path, ask(tmp_path, path, model=model))
    for file in (tmp_path / "out").iterdir():
        file.unlink()
    result = ask(tmp_path, path, model=model, stems=["bass", "vocals"])
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "bass.flac",
        "stems.pack",
        "vocals.flac",
    ]
    for name, sound in sounds(tmp_path, result).items():
        np.testing.assert_array_equal(sound, everything[name])


def test_six_stems_come_from_the_model_that_has_them(tmp_path):
    seed_hub_cache(tmp_path / "hf", "htdemucs_6s", "HTDemucs-6s", "5c90dfd2", tiny_model(SIX))
    result = ask(tmp_path, wav(tmp_path / "a", tones(0.3)), model="htdemucs_6s")
    assert [stem["name"] for stem in result["stems"]] == [
        "vocals",
        "drums",
        "bass",
        "guitar",
        "piano",
        "other",
    ]


def test_a_bag_of_four_runs_under_its_own_name(tmp_path):
    for place, signature in enumerate(("f7e0c4bc", "d12395a8", "92cfc3b6", "04573f0d")):
        save_th(tiny_model(seed=place), tmp_path / "torch" / "hub" / "checkpoints", signature)
    told = []
    path = wav(tmp_path / "a", tones(0.3))
    separate(request(tmp_path, path, model="htdemucs_ft"), lambda done, note: told.append(note))
    assert "htdemucs_ft on cpu: part 4 of 4" in told


def test_a_stem_that_would_clip_is_turned_down_as_demucs_does(tmp_path):
    import torch

    loud = tiny_model()
    with torch.no_grad():
        for parameter in loud.tdecoder[-1].parameters():
            parameter *= 60
    seed_hub_cache(tmp_path / "hf", model=loud)
    result = ask(tmp_path, wav(tmp_path / "a", tones(peak=0.9)))
    turned_down = [stem for stem in result["stems"] if stem["gain"] < 1]
    assert turned_down
    assert [stem["peak"] for stem in turned_down] == pytest.approx([1 / 1.01] * len(turned_down), abs=1e-3)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_quick_stems_add_up_to_the_file_to_the_bit(tmp_path, subtype):
    rng = np.random.default_rng(0)
    sound = rng.integers(-20_000, 20_000, (90_000, 2)) / 32768
    path = wav(tmp_path / "a", sound, subtype=subtype)
    stems = sounds(tmp_path, ask(tmp_path, path, model="quick"))
    np.testing.assert_array_equal(sum(stems.values()), sound)


def test_quick_stems_of_a_lossy_file_add_up_within_rounding(tmp_path):
    path = converted(wav(tmp_path / "a.wav", tones(1.5, peak=0.9)), tmp_path / "a.mp3")
    stems = sounds(tmp_path, ask(tmp_path, path, model="quick"))
    sound = soundfile.read(path)[0]
    np.testing.assert_allclose(sum(stems.values()), sound, atol=2**-15)


@pytest.mark.usefixtures("htdemucs")
def test_progress_never_goes_back_and_speaks_plainly(tmp_path):
    told = []
    asked = request(tmp_path, wav(tmp_path / "a", tones(6)))
    separate(asked, lambda done, note: told.append((done, note)))
    shares = [done for done, _ in told]
    assert shares == sorted(shares)
    assert told[-1] == (1.0, "getting the stems ready to play")
    assert (0.95, "writing the stems") in told
    assert "htdemucs on cpu: part 4 of 4" in [note for _, note in told]


@pytest.mark.usefixtures("htdemucs")
def test_a_bad_file_is_a_refusal(tmp_path):
    path = wav(tmp_path / "a", tones(2))
    path.write_bytes(path.read_bytes()[:50_000])
    error = refused(tmp_path, path)
    assert error.code == "truncated"
    assert "“my song.mp3”" in str(error)


def test_an_unknown_model_is_a_refusal_even_when_another_could_stand_in(tmp_path):
    error = refused(tmp_path, wav(tmp_path / "a", tones(0.2)), model="nope", fallback=True)
    assert error.code == "model_unknown"
    assert "htdemucs_ft" in str(error)


def test_an_unknown_stem_is_a_refusal(tmp_path):
    error = refused(tmp_path, wav(tmp_path / "a", tones(0.2)), stems=["kazoo"])
    assert "“kazoo”; it gives vocals, drums, bass, other" in str(error)


def test_unreachable_weights_are_noticed_soon(tmp_path):
    started = time.monotonic()
    error = refused(tmp_path, wav(tmp_path / "a", tones(0.2)))
    assert time.monotonic() - started < 5
    assert error.code == "weights_unreachable"


def test_without_weights_quick_stands_in_and_says_why(tmp_path):
    result = ask(tmp_path, wav(tmp_path / "a", tones(0.2)), fallback=True)
    assert (result["engine"], result["model"]) == ("quick", "quick")
    assert "weights of htdemucs are not on this machine" in result["why"]
    assert result["why"].endswith("These are quick, rough stems instead.")
    assert "./sfa models get htdemucs" in result["fix"]
    assert len(result["stems"]) == 4


def test_quick_does_not_stand_in_for_stems_that_it_has_not(tmp_path):
    path = wav(tmp_path / "a", tones(0.2))
    error = refused(tmp_path, path, model="htdemucs_6s", stems=["guitar"], fallback=True)
    assert error.code == "weights_unreachable"


@pytest.mark.parametrize("fallback", [False, True])
def test_corrupt_weights_are_said(tmp_path, htdemucs, fallback):
    htdemucs.write_bytes(htdemucs.read_bytes()[:1000])
    path = wav(tmp_path / "a", tones(0.2))
    if fallback:
        assert "cannot be used" in ask(tmp_path, path, fallback=True)["why"]
    else:
        assert refused(tmp_path, path).code == "weights_corrupt"


def test_what_torch_says_of_corrupt_weights_is_evidence_and_no_sentence(tmp_path):
    (tmp_path / "models" / "mine.th").write_bytes(b"\x80\x04" + b"\xff" * 99)
    asked = request(tmp_path, wav(tmp_path / "a", tones(0.2)), model="mine")
    said = next(line["refused"] for line in run_child(tmp_path, [asked]) if "refused" in line)
    assert said["message"] == (
        "The weights of mine cannot be used: “mine.th” is damaged, or is no Demucs checkpoint."
    )
    assert "./sfa models add PATH --name mine" in said["fix"]
    assert "UnpicklingError" in said["evidence"]


@pytest.mark.usefixtures("htdemucs")
def test_weights_that_change_are_loaded_anew(tmp_path):
    path = wav(tmp_path / "a", tones(0.3))
    first = ask(tmp_path, path)["stems"]
    seed_hub_cache(tmp_path / "hf", model=tiny_model(seed=5))
    assert ask(tmp_path, path)["stems"] != first


def run_child(tmp_path: Path, asked: list[dict[str, Any]], before: str = "") -> list[dict[str, Any]]:
    program = f"{before}\nimport runpy; runpy.run_module('sfa.children.separate', run_name='__main__')"
    run = subprocess.run(
        [sys.executable, "-c", program],
        input="".join(json.dumps(request) + "\n" for request in asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.mark.usefixtures("htdemucs")
def test_a_warm_child_answers_the_second_request_without_loading(tmp_path):
    asked = request(tmp_path, wav(tmp_path / "a", tones(0.3)))
    said = run_child(tmp_path, [asked, asked])
    assert said[0] == {"ready": True}
    first, second = (line["result"] for line in said if "result" in line)
    assert second["stems"] == first["stems"]
    assert second["seconds"]["load"] < first["seconds"]["load"] / 4


@pytest.mark.usefixtures("htdemucs")
def test_without_torch_the_engine_is_said_to_be_missing(tmp_path):
    path = wav(tmp_path / "a", tones(0.2))
    asked = [request(tmp_path, path), request(tmp_path, path, fallback=True)]
    said = run_child(tmp_path, asked, "import sys; sys.modules['torch'] = None")
    assert next(line["refused"] for line in said if "refused" in line)["code"] == "engine_missing"
    result = next(line["result"] for line in said if "result" in line)
    assert result["engine"] == "quick"
    assert "not installed" in result["why"]


@pytest.mark.usefixtures("htdemucs")
def test_a_disk_that_fills_up_leaves_no_stem(tmp_path):
    # At half the model's rate: the decoded mix fits, its copy at the model's rate does not.
    path = wav(tmp_path / "a", tones(5, rate_hz=22_050), 22_050)
    before = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))"
    said = run_child(tmp_path, [request(tmp_path, path)], before)
    assert next(line["refused"] for line in said if "refused" in line)["code"] == "disk_full"
    assert not list((tmp_path / "out").iterdir())


def test_a_disk_that_is_too_small_is_said_before_the_work(tmp_path):
    mix = mix_of(tones(0.1), 44_100, tmp_path / "mix")
    endless = replace(mix, facts=replace(mix.facts, frames=10**15))
    with pytest.raises(BadSound, match=r"need 48000000\.0 GB while .* GB are free") as caught:
        _check_room(tmp_path, endless, 4, resampled=False)
    assert caught.value.code == "disk_full"

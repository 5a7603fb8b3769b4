"""The streamed separation gives demucs' own numbers, segment by segment."""

from __future__ import annotations

import pickle
from fractions import Fraction

import numpy as np
import pytest
import torch
from demucs.apply import BagOfModels, apply_model

from sfa.separators import CannotSeparate
from sfa.separators.checkpoint import load
from sfa.separators.demucs import Bag, Runner, choose_device, separate
from sfa.separators.models import KNOWN, find, model
from tests.soundfiles.files import mix_of
from tests.weights import SIX, save_th, seed_hub_cache, tiny_bag, tiny_hdemucs, tiny_model

EVEN = [1.0, 1.0, 1.0, 1.0]


def noise(frames: int, channels: int = 2):
    return (np.random.default_rng(0).standard_normal((frames, channels)) * 0.1 + 0.01).astype(np.float32)


def streamed(tmp_path, models, shares, sound, stems=None):
    bag = Bag(models, shares)
    mix = mix_of(sound, bag.rate_hz, tmp_path / "mix")
    stretches = separate(bag, mix, stems or bag.sources, Runner(models, "cpu"))
    return np.concatenate(list(stretches), axis=1)


def whole(models, shares, sound):
    wave = torch.from_numpy(np.repeat(sound.T, 2 // sound.shape[1], axis=0))
    mono = wave.mean(0)
    mean, spread = mono.mean(), mono.std() + 1e-8
    estimate = apply_model(BagOfModels(models, shares), ((wave - mean) / spread)[None], shifts=0)
    return (estimate[0] * spread + mean).transpose(1, 2).numpy()


@pytest.mark.parametrize("frames", [8_821, 88_200, 88_201, 200_001])
@pytest.mark.parametrize("channels", [1, 2])
def test_one_transformer_model(tmp_path, frames, channels):
    models, sound = [tiny_model()], noise(frames, channels)
    np.testing.assert_allclose(
        streamed(tmp_path, models, [EVEN], sound), whole(models, [EVEN], sound), atol=1e-4
    )


@pytest.mark.parametrize("frames", [8_821, 44_100, 100_001])
def test_one_model_that_takes_any_length(tmp_path, frames):
    models, sound = [tiny_hdemucs()], noise(frames)
    np.testing.assert_allclose(
        streamed(tmp_path, models, [EVEN], sound), whole(models, [EVEN], sound), atol=1e-4
    )


def test_a_bag_in_which_each_model_has_its_stem(tmp_path):
    models, shares = [tiny_model(seed=seed) for seed in range(4)], np.eye(4).tolist()
    sound = noise(100_000)
    np.testing.assert_allclose(
        streamed(tmp_path, models, shares, sound), whole(models, shares, sound), atol=1e-4
    )


def test_a_bag_of_models_with_segments_of_different_lengths(tmp_path):
    models, shares = [tiny_model(), tiny_hdemucs()], [[1, 1, 0, 0.5], [0, 1, 1, 0.5]]
    sound = noise(130_000)
    np.testing.assert_allclose(
        streamed(tmp_path, models, shares, sound), whole(models, shares, sound), atol=1e-4
    )


@pytest.mark.parametrize("frames", [1, 2, 100, 5_000])
@pytest.mark.parametrize("make", [tiny_model, tiny_hdemucs])
def test_next_to_nothing_is_separated_too(tmp_path, make, frames):
    stems = streamed(tmp_path, [make()], [EVEN], noise(frames))
    assert stems.shape == (4, frames, 2)
    assert np.isfinite(stems).all()


def test_silence_stays_silent(tmp_path):
    stems = streamed(tmp_path, [tiny_model()], [EVEN], np.zeros((50_000, 2), np.float32))
    assert np.abs(stems).max() < 1e-6


def test_models_without_a_share_in_the_wanted_stems_are_not_run(tmp_path):
    models, shares = [tiny_model(seed=seed) for seed in range(4)], np.eye(4).tolist()
    bag = Bag(models, shares)
    told = []
    mix = mix_of(noise(100_000), bag.rate_hz, tmp_path / "mix")
    stems = list(
        separate(bag, mix, ["vocals"], Runner(models, "cpu"), lambda done, total: told.append((done, total)))
    )
    assert told == [(1, 2), (2, 2)]
    expected = whole([models[3]], [EVEN], noise(100_000))[3:]
    np.testing.assert_allclose(np.concatenate(stems, axis=1), expected, atol=1e-4)


class Frail(torch.nn.Module):
    """A model that has room for one segment where it is put, and works where it was made."""

    def __init__(self, model):
        super().__init__()
        self.model, self.room = model, None

    def to(self, device):
        self.room = 1
        return self

    def forward(self, segment):
        if self.room == 0:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        self.room = None if self.room is None else self.room - 1
        return self.model(segment)


def test_a_device_that_fails_hands_over_to_the_cpu_in_the_middle(tmp_path):
    models, sound = [tiny_model()], noise(200_000)
    bag = Bag(models, [EVEN])
    runner = Runner([Frail(models[0])], "cpu:0")  # any name but `cpu` counts as a GPU
    mix = mix_of(sound, bag.rate_hz, tmp_path / "mix")
    stems = np.concatenate(list(separate(bag, mix, bag.sources, runner)), axis=1)
    assert runner.device == "cpu"
    assert runner.why == "The GPU (cpu:0) failed, so the CPU took over: it ran out of memory."
    np.testing.assert_allclose(stems, whole(models, [EVEN], sound), atol=1e-4)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_device_that_does_not_take_the_model_leaves_it_to_the_cpu():
    runner = Runner([tiny_model()], "cuda")
    assert runner.device == "cpu"
    assert "The GPU (cuda) failed" in runner.why


def test_a_device_that_is_not_there_is_not_chosen():
    assert choose_device("cpu") == ("cpu", None)
    assert choose_device("auto")[0] in {"cuda", "mps", "cpu"}
    if not torch.cuda.is_available():
        device, why = choose_device("cuda")
        assert device == "cpu"
        assert "No cuda device" in why


def test_weights_from_the_hubs_cache_load_under_the_real_name(tmp_path):
    seed_hub_cache(tmp_path / "hf", model=tiny_model(seed=7))
    bag = Bag.load(find(KNOWN[0], tmp_path / "models"))
    assert bag.sources == ["drums", "bass", "other", "vocals"]
    sound = noise(20_000)
    expected = whole([tiny_model(seed=7)], [EVEN], sound)
    np.testing.assert_allclose(streamed(tmp_path, bag.models, bag.shares, sound), expected, atol=1e-4)


def test_six_stems_load(tmp_path):
    seed_hub_cache(tmp_path / "hf", "htdemucs_6s", "HTDemucs-6s", "5c90dfd2", tiny_model(SIX))
    assert Bag.load(find(KNOWN[2], tmp_path)).sources == list(SIX)


def test_a_bag_file_sets_shares_and_segment(tmp_path):
    tiny_bag(
        tmp_path, "mine", [tiny_hdemucs(), tiny_hdemucs(1)], "weights: [[1,1,0,0],[0,0,1,1]]\nsegment: 0.5\n"
    )
    bag = Bag.load(find(model("mine", tmp_path), tmp_path))
    assert bag.shares == [[1, 1, 0, 0], [0, 0, 1, 1]]
    assert [each.segment for each in bag.models] == [0.5, 0.5]


def corrupt(weights) -> CannotSeparate:
    with pytest.raises(CannotSeparate) as caught:
        load(weights)
    assert caught.value.code == "weights_corrupt"
    return caught.value


def test_a_flipped_byte_in_a_checkpoint_is_noticed(tmp_path):
    tiny_bag(tmp_path)
    weights = find(model("tiny", tmp_path), tmp_path)
    content = bytearray(weights.files[0].read_bytes())
    content[len(content) // 2] ^= 1
    weights.files[0].write_bytes(content)
    assert "is damaged" in str(corrupt(weights))


@pytest.mark.parametrize("content", [b"", b"\0" * 1000, b"PK\3\4 not really"])
def test_weights_that_are_something_else_are_noticed(tmp_path, content):
    file = seed_hub_cache(tmp_path / "hf")
    file.write_bytes(content)
    assert "htdemucs" in str(corrupt(find(KNOWN[0], tmp_path)))


def test_weights_of_another_shape_are_noticed(tmp_path):
    other, right = tiny_model(channels=16), tiny_model()
    other._init_args_kwargs = right._init_args_kwargs
    seed_hub_cache(tmp_path / "hf", model=other)
    error = corrupt(find(KNOWN[0], tmp_path))
    assert "is damaged, or is no Demucs checkpoint" in str(error)
    assert "size mismatch" in str(error.__cause__)


def cut(content: bytes) -> bytes:
    return content[:-100]


@pytest.mark.parametrize(
    "spoil",
    [
        cut,
        lambda content: content[:2000],
        lambda content: b"",
        lambda content: b"hello",
        lambda content: b"\x80\x04" + b"\xff" * 99,
        lambda content: b"PK\3\4 not really",
        lambda content: pickle.dumps({"klass": "x"}),
        lambda content: pickle.dumps(Fraction(2)),
    ],
)
def test_what_is_said_of_a_bad_checkpoint_is_one_sentence_of_ours(tmp_path, spoil):
    (file,) = (save_th(tiny_model(), tmp_path, "7e57aaaa").rename(tmp_path / "mine.th"),)
    file.write_bytes(spoil(file.read_bytes()))
    error = corrupt(find(model("mine", tmp_path), tmp_path))
    assert str(error) == (
        "The weights of mine cannot be used: “mine.th” is damaged, or is no Demucs checkpoint."
    )
    assert error.__cause__ is not None  # what torch said of it, for the log


def test_the_way_out_is_the_command_that_mends_these_very_weights(tmp_path):
    def fix(file) -> str:
        file.write_bytes(cut(file.read_bytes()))
        return corrupt(find(KNOWN[0], tmp_path / "models")).fix

    old = save_th(tiny_model(), tmp_path / "torch" / "hub" / "checkpoints", "955717e8")
    assert fix(old) == f"Delete {old}; ./sfa models get htdemucs then fetches them again."
    assert fix(seed_hub_cache(tmp_path / "hf")) == "./sfa models get htdemucs fetches them again."
    mine = save_th(tiny_model(), tmp_path / "models", "955717e8")
    (tmp_path / "models" / "htdemucs.yaml").write_text("models: ['955717e8']")
    assert fix(mine).endswith("./sfa models add PATH --name htdemucs.")


def test_checkpoints_that_do_not_belong_together_are_noticed(tmp_path):
    tiny_bag(tmp_path, "mine", [tiny_model(), tiny_model(SIX)])
    assert "do not belong together" in str(corrupt(find(model("mine", tmp_path), tmp_path)))

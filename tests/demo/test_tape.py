from __future__ import annotations

import numpy as np
import pytest

from sfa.demo.master import CEILING, press
from sfa.demo.room import add_room, build_room, in_room
from sfa.demo.tape import Chance, Tape, play_wave, swell, wave


def test_chance_is_a_stream_of_its_own_for_each_seed_and_purpose() -> None:
    one, same, other, seeded = (
        Chance(seed, name).uniform(5) for seed, name in ((0, "a"), (0, "a"), (0, "b"), (1, "a"))
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, seeded)


def test_chance_never_changes_with_the_library() -> None:
    assert Chance(0, "kit").uniform(3) == pytest.approx(
        [0.524050218705328, 0.72497428888131, 0.787173557418982], abs=1e-12
    )


def test_what_lies_outside_the_tape_is_cut() -> None:
    tape = Tape(4)
    for at in (-2, 3, 9, -9):
        tape.add(at, np.ones((2, 4)))
    assert tape.sound[0].tolist() == [1, 1, 0, 1]


def test_panning_keeps_the_power() -> None:
    for pan in (-1.0, -0.4, 0.0, 0.7):
        tape = Tape(1)
        tape.add(0, np.ones(1), 1.0, pan)
        assert np.sum(tape.sound**2) == pytest.approx(1)
    assert tape.sound[1, 0] > tape.sound[0, 0]


def test_waves_have_the_harmonics_asked_for() -> None:
    cycles = np.arange(4410) * 100 / 44100
    expected = np.sin(2 * np.pi * cycles) + 0.5 * np.sin(4 * np.pi * cycles)
    assert play_wave(wave(np.array([1.0, 0.5])), cycles) == pytest.approx(expected, abs=1e-4)


def test_swells_start_and_end_at_nothing_even_when_short() -> None:
    for frames in (3, 50, 5000):
        envelope = swell(frames, 0.01, 0.02)
        assert envelope[0] == 0
        assert envelope[-1] == pytest.approx(0, abs=1e-9)
        assert envelope.max() <= 1


def test_the_room_is_the_same_in_blocks_as_at_once() -> None:
    room = build_room(0)
    frames = 200_000
    clicks = np.zeros(frames)
    clicks[[10, 82_000, 131_000]] = 1.0
    at_once = in_room(clicks, room, 0.5)[:, :frames]
    in_blocks = np.stack([clicks, clicks]) * np.sqrt(0.5)
    add_room(in_blocks, room, 0.5 * np.sqrt(2))
    assert np.abs(in_blocks - at_once).max() < 1e-9


def test_the_desk_holds_the_ceiling_and_shares_its_gain() -> None:
    noise = Chance(0, "desk").noise(88200).reshape(-1, 2)
    stems = {"loud": (3 * noise).astype(np.float32), "soft": (0.3 * noise).astype(np.float32)}
    mix = press(stems, 1.0)
    assert np.abs(mix).max() <= CEILING + 2**-14
    assert np.array_equal(mix, stems["soft"] + stems["loud"])
    assert stems["soft"] == pytest.approx(stems["loud"] / 10, abs=2**-15)


def test_the_desk_leaves_quiet_sound_alone() -> None:
    noise = 0.001 * Chance(0, "desk").noise(20000).reshape(-1, 2)
    mix = press({"one": noise.astype(np.float32)}, 1.0)
    assert mix == pytest.approx(noise, abs=2**-15)

"""The recordings that the tests of the demo listen to, each made once."""

from __future__ import annotations

import pytest

from sfa.demo import DemoSong, compose, song


@pytest.fixture(scope="session")
def demo() -> DemoSong:
    return song()


@pytest.fixture(scope="session")
def waltz() -> DemoSong:
    """Another key, mode, tempo, metre, tuning, and other progressions and drums."""
    return compose(bpm=150, tonic="Bb", mode="major", beats_per_bar=3, seed=3, tuning_hz=432)

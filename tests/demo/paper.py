"""Songs on paper, for tests that need no sound."""

from __future__ import annotations

from sfa.demo.form import Form, write_form


def form_of(
    *,
    bpm: float = 118,
    tonic: str = "A",
    mode: str = "minor",
    beats_per_bar: int = 4,
    repeats: int = 1,
    seed: int = 0,
    tuning_hz: float = 440,
    swing: float = 0,
) -> Form:
    return write_form(
        bpm=bpm,
        tonic=tonic,
        mode=mode,
        beats_per_bar=beats_per_bar,
        repeats=repeats,
        seed=seed,
        tuning_hz=tuning_hz,
        swing=swing,
    )

"""How much of everything a run of the bench does."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The numbers of one run of the bench. Made for 25 minutes on two cores."""

    real: bool = True  # the shape of htdemucs, and everything prepared; else a look whether all works
    rounds: int = 3
    whole_s: float = 60.0  # of sound
    whole_budget_s: float = 600.0  # no round is begun that would end after this
    warm_up_s: float = 10.0
    analysis_s: float = 210.0
    pickups: int = 300
    pickup_rate: float = 40.0  # per second
    losses: int = 5
    loss_s: float = 900.0  # of sound: longer than five losses and recoveries take
    memory_min: tuple[float, ...] = (1, 10, 60)
    player_s: float = 600.0  # of sound
    player_seeks: int = 20
    player_listen_s: float = 20.0
    page_tracks: tuple[int, int] = (100, 10_000)
    page_asks: int = 25
    live_clients: tuple[int, ...] = (1, 100, 1000)
    live_marks: int = 16

    @classmethod
    def quick(cls) -> Plan:
        """A look whether everything works; its figures mean nothing."""
        return cls(
            real=False,
            rounds=1,
            whole_s=12.0,
            warm_up_s=5.0,
            analysis_s=10.0,
            pickups=20,
            losses=1,
            loss_s=240.0,
            memory_min=(1, 3),
            player_s=30.0,
            player_seeks=4,
            player_listen_s=1.0,
            page_tracks=(100, 200),
            page_asks=2,
            live_clients=(1, 5),
            live_marks=3,
        )


@dataclass(slots=True)
class Rounds:
    """Counts rounds; begins no more of them than there is time for."""

    most: int
    budget_s: float
    began: float = field(default_factory=time.monotonic)

    def __iter__(self) -> Iterator[int]:
        longest = 0.0
        for number in range(self.most):
            started = time.monotonic()
            if number and started - self.began + longest > self.budget_s:
                say(f"no time for more than {number} rounds")
                return
            yield number
            longest = max(longest, time.monotonic() - started)


def say(text: str) -> None:
    """Progress, to a person who waits."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)

"""A track as a list shows it: put together from what each room knows of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sfa import analysis, catalogue, covers, library, runs
from sfa.runs import Run
from sfa.sql import Conn
from sfa.studio import store
from sfa.studio.store import Queue, Shelf

_BARS = 72
_FULL = 255


@dataclass(frozen=True, slots=True)
class Card:
    """One track, with everything that is known of it in a few words."""

    track: library.Track
    runs: list[Run]
    headline: analysis.Headline | None
    shelf: Shelf | None
    shape: str | None  # its waveform, as the path of a picture 144 wide and 32 high
    tags: list[catalogue.TagOfTrack] = field(default_factory=list)
    cover: covers.Cover | None = None

    @property
    def counting(self) -> list[Run]:
        """The runs that tell where the track stands."""
        return [run for run in self.runs if not run.outdone]

    @property
    def state(self) -> str:
        """What a person would say about it as a whole; the same as `look.tracks` says."""
        states = {run.state for run in self.counting}
        if "failed" in states:
            return "failed"
        if self.is_moving:
            return "running" if "running" in states else "queued"
        return "cancelled" if "cancelled" in states else "done"

    @property
    def is_moving(self) -> bool:
        """Whether anything more happens by itself. What waits for a run that failed does not count."""
        states = {run.state for run in self.counting}
        return bool(states & {"queued", "running"}) or (
            "blocked" in states and not states & {"failed", "cancelled"}
        )

    @property
    def can_retry(self) -> bool:
        return any(run.state in ("failed", "cancelled") for run in self.counting)

    @property
    def is_quick(self) -> bool:
        return self.shelf is not None and self.shelf.engine == "quick"

    @property
    def wait_s(self) -> float | None:
        """Seconds until everything is done; None while that cannot be known."""
        return runs.eta_s(self.counting)

    @property
    def failed(self) -> list[Run]:
        """The runs that failed, each sentence once."""
        return _each_sentence_once(run for run in self.counting if run.state == "failed")

    @property
    def failed_aside(self) -> list[Run]:
        """What was asked for last and failed, while earlier stems serve: to be read on the track's page."""
        last_done: dict[str, int] = {}
        for run in self.runs:
            if run.state == "done":
                last_done[run.stage] = max(run.run_id, last_done.get(run.stage, 0))
        return _each_sentence_once(
            run
            for run in self.runs
            if run.outdone and run.state == "failed" and run.run_id > last_done.get(run.stage, 0)
        )

    @property
    def said(self) -> list[Run]:
        """The runs whose words are worth reading now: what runs, or else what waits first."""
        running = [run for run in self.counting if run.state == "running"]
        queued = [run for run in self.counting if run.state == "queued"]
        return running or queued[:1] or [run for run in self.counting if run.state == "blocked"][:1]


@dataclass(frozen=True, slots=True)
class Strip:
    """What the queues are doing, and what keeps them from it."""

    queues: list[Queue]

    @property
    def running(self) -> int:
        return sum(queue.running for queue in self.queues)

    @property
    def waiting(self) -> int:
        return sum(queue.ready + queue.later for queue in self.queues)

    @property
    def deserted(self) -> list[Queue]:
        """Queues in which something waits for a worker that is not there."""
        return [queue for queue in self.queues if not queue.workers and queue.ready + queue.later]

    @property
    def paused(self) -> list[Queue]:
        return [queue for queue in self.queues if queue.paused_why is not None]


def _each_sentence_once(failed: Iterable[Run]) -> list[Run]:
    first: dict[str | None, Run] = {}
    for run in failed:
        first.setdefault(run.error, run)
    return list(first.values())


def shape_of(peaks: bytes, bars: int = _BARS) -> str:
    """A waveform of u8 peaks as upright strokes around the middle of a picture 2 * `bars` wide, 32 high."""
    strokes = []
    for bar in range(min(bars, len(peaks))):
        count = min(bars, len(peaks))
        part = peaks[bar * len(peaks) // count : (bar + 1) * len(peaks) // count]
        half = max(0.5, round(15 * max(part) / _FULL, 1))
        strokes.append(f"M{(bar + 0.5) * 2 * bars / count:.4g} {16 - half:g}v{2 * half:g}")
    return "".join(strokes)


async def cards_of(conn: Conn, *, account_id: UUID, tracks: Sequence[library.Track]) -> list[Card]:
    ids = [track.id for track in tracks]
    all_runs = await runs.of_tracks(conn, ids)
    headlines = await analysis.headlines(conn, account_id=account_id, track_ids=ids)
    shelves = await store.shelves(conn, account_id=account_id, track_ids=ids)
    shapes = await store.shapes(conn, account_id=account_id, track_ids=ids, at_least=_BARS)
    tags = await catalogue.tags_of_tracks(conn, account_id=account_id, track_ids=ids)
    pictures = await covers.covers_of_tracks(conn, account_id=account_id, track_ids=ids)
    return [
        Card(
            track,
            all_runs.get(track.id, []),
            headlines.get(track.id),
            shelves.get(track.id),
            shape_of(shapes[track.id]) if track.id in shapes else None,
            tags.get(track.id, []),
            pictures.get(track.id),
        )
        for track in tracks
    ]


async def card_of(conn: Conn, *, account_id: UUID, track_id: UUID) -> Card:
    track = await library.track_by_id(conn, account_id=account_id, track_id=track_id)
    return (await cards_of(conn, account_id=account_id, tracks=[track]))[0]


async def strip(conn: Conn) -> Strip:
    return Strip(await store.queues(conn))

"""When the work on a track is over."""

from __future__ import annotations

from collections.abc import Sequence

from sfa.runs.store import Run


def eta_s(of_track: Sequence[Run]) -> float | None:
    """Seconds until all of it is done, as `look.tracks` reckons; None when that is not known.

    The slowest of the runs at hand, and then what waits for them. The reading
    of the mix runs beside the separation, so while it is blocked it is not on
    the way.
    """
    still = [run for run in of_track if run.is_open]
    at_hand = [run.eta_s for run in still if run.state != "blocked"]
    behind = [run.left_s for run in still if run.state == "blocked" and run.stage != "analysis"]
    known = [seconds for seconds in at_hand + behind if seconds is not None]
    if not still or len(known) < len(at_hand) + len(behind):
        return None
    return max(known[: len(at_hand)], default=0.0) + sum(known[len(at_hand) :])

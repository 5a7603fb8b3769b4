"""What a far side says no with, and the sentences that it becomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sfa.errors import Refused
from sfa.library.recognise import SourceRef

_PAUSE_S = 5.0  # where a far side wants one and does not say how long
_QUOTA_S = 3600.0


class Answered(Exception):
    """A far side answered, with a status that is none of success."""

    def __init__(self, status: int, said: str, *, reason: str = "", retry_after: str = "") -> None:
        super().__init__(f"{status}: {said}")
        self.status = status
        self.said = said  # raw, for the log
        self.reason = reason
        self.retry_after = retry_after

    @property
    def pause_s(self) -> float:
        """How long it wants to be left alone."""
        text = self.retry_after.strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return _QUOTA_S if self.is_quota else _PAUSE_S
        return max(0.0, (until.astimezone(UTC) - datetime.now(UTC)).total_seconds())

    @property
    def is_quota(self) -> bool:
        return self.reason == "QUOTA_EXCEEDED"


def named(ref: SourceRef) -> str:
    """The subject of a sentence."""
    return f"The {'short link' if ref.kind == 'short' else ref.kind} {ref.url.removeprefix('https://')}"


def not_understood(ref: SourceRef, fact: str, evidence: str) -> Refused:
    return Refused(
        f"{named(ref)} was not read: {fact}.",
        code="upstream",
        fix="Try again later; if it goes on for a day, this studio needs an update.",
        evidence=evidence[:4000],
    )


def not_there(ref: SourceRef, evidence: str) -> Refused:
    return Refused(
        f"{named(ref)} does not exist, or its owner keeps it private.",
        code="not_found_or_private",
        fix="Check the link in Spotify; what is private has to be made public while it is read.",
        evidence=evidence,
    )


def withheld(ref: SourceRef, evidence: str) -> Refused:
    return Refused(
        f"{named(ref)} was not read: Spotify gives its songs to its owner only.",
        code="playlist_withheld",
        fix="Make it public, or bring in a table of it, as Exportify makes one.",
        evidence=evidence,
    )


def wants_a_pause(ref: SourceRef, answered: Answered, far_side: str) -> Refused:
    minutes = max(1, round(answered.pause_s / 60))
    pause = f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
    why = (
        "Spotify's share of requests for the keys of this studio is used up"
        if answered.is_quota
        else "Spotify was asked too often"
    )
    return Refused(
        f"{named(ref)} has to wait: {why} and wants a pause of {pause}.",
        code="quota_exceeded" if answered.is_quota else "rate_limited",
        fix="It goes on by itself.",
        retry_at=datetime.now(UTC) + timedelta(seconds=max(1.0, answered.pause_s)),
        far_side=far_side,
        evidence=answered.said,
    )

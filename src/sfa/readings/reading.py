"""What every reading has: a value or the reason why there is none, the method, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """One answer about a sound: exactly one of `value` and `absent` (a sentence) is there."""

    method: str
    confidence: float  # 0..1
    value: Value | None = None
    absent: str | None = None

    def __post_init__(self) -> None:
        assert (self.value is None) != (self.absent is None)
        assert 0.0 <= self.confidence <= 1.0


def taken(value: Value, *, method: str, confidence: float) -> Reading[Value]:
    """A reading that could be taken; the confidence is brought into 0..1."""
    return Reading(method=method, confidence=round(min(1.0, max(0.0, float(confidence))), 3), value=value)


def not_taken(reason: str, *, method: str) -> Reading[Value]:
    """A reading that could not be taken."""
    return Reading(method=method, confidence=0.0, absent=reason)

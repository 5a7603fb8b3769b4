"""What one look at one thing found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the report. `missing` and `essential`: the studio cannot run."""

    name: str
    state: Literal["ok", "warn", "missing"]
    says: str
    fix: str = ""  # one command, or one sentence where there is no command
    essential: bool = False

    @property
    def stops(self) -> bool:
        return self.essential and self.state == "missing"

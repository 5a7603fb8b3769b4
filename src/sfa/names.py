"""How names and times are shown in a sentence, whatever a file is called."""

from __future__ import annotations

import unicodedata

# Emoji are joined with it, and alone it shows nothing.
_JOINER = "\u200d"
_LONGEST = 80


def shown(name: str, longest: int = _LONGEST) -> str:
    """The name as one short, printable line in quotation marks.

    Control characters, line breaks, direction marks and bytes that are no text
    are written as escapes; a long name loses its middle, not its ending.
    """
    text = "".join(_printable(letter) for letter in name) or "(no name)"
    if len(text) > longest:
        tail = longest // 3
        text = f"{text[: longest - tail - 1]}…{text[-tail:]}"
    return f"“{text}”"


def clean(text: str | None, longest: int = 500) -> str | None:
    """A tag as one line of text that any database takes, or None when nothing is left."""
    if text is None:
        return None
    spaced = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in text
    )
    return " ".join(spaced.split())[:longest] or None


def clock(seconds: float) -> str:
    """Seconds as people read them: 0:07, 3:25, 1:02:03."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def _printable(letter: str) -> str:
    if letter != _JOINER and unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return letter.encode("unicode_escape").decode("ascii")
    return letter

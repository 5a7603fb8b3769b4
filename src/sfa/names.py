"""How names and times are shown in a sentence, whatever a file is called."""

from __future__ import annotations

import unicodedata

# Emoji are joined with the one, words of Persian and Hindi are spelt with both; alone they show nothing.
_JOINERS = "\u200c\u200d"
# What turns the text around it, even beyond the end of a title, so that “gpj.exe” reads as “exe.jpg”; and
# what is deprecated. The marks U+200E, U+200F and U+061C stay: they reach no further than the brackets and
# stops that Hebrew and Arabic titles put into place with them.
_DROPPED = {*map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x2070), *range(0xFFF9, 0xFFFC), 0xFEFF))}
_SEPARATORS = " \u00ad\u200b\u2060"  # between words they may break a line; at an end they only hide
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
    """A tag as one line of text that any database takes, or None when nothing of it can be seen."""
    if text is None:
        return None
    spaced = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter
        for letter in text
        if letter not in _DROPPED
    )
    line = " ".join(spaced.split()).strip(_SEPARATORS)[:longest].rstrip(_SEPARATORS)
    return line if any(unicodedata.category(letter) != "Cf" for letter in line) else None


def clock(seconds: float) -> str:
    """Seconds as people read them: 0:07, 3:25, 1:02:03."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def _printable(letter: str) -> str:
    if letter not in _JOINERS and unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return letter.encode("unicode_escape").decode("ascii")
    return letter

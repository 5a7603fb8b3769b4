"""How quantities are written on a page. A minus is a minus sign, and nothing is more exact than it is."""

from __future__ import annotations

from datetime import datetime

_MINUTE = 60
_HOUR = 3600


def left(seconds: float) -> str:
    """A forecast, as rough as it deserves: "about 2 min left"."""
    return f"{span(seconds)} left"


def span(seconds: float) -> str:
    """A length of time in words, rounded: "a few seconds", "about 20 s", "about 1 h 10 min"."""
    if seconds < 8:
        return "a few seconds"
    if seconds < 55:
        return f"about {max(10, round(seconds / 10) * 10)} s"
    if seconds < 55 * _MINUTE:
        return f"about {max(1, round(seconds / _MINUTE))} min"
    tens = round(seconds / (10 * _MINUTE))
    hours, rest = divmod(tens, 6)
    return f"about {hours} h {rest * 10} min" if rest else f"about {hours} h"


def number(value: float, places: int = 1) -> str:
    """A number with so many places; zero is never negative."""
    text = f"{value:.{places}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", "−")


def size(count: int) -> str:
    """Bytes as people say them: 512 B, 3.4 MB, 2 GB."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.0f} GB" if amount >= 10 or amount == int(amount) else f"{amount:.1f} GB"


def count(number: int, noun: str) -> str:
    """So many of something: 1 track, 3 tracks."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def day(at: datetime) -> str:
    """A date, as short as it can be told from others: 09:41 (today), 3 Feb, 3 Feb 2024."""
    local, now = at.astimezone(), datetime.now().astimezone()
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b}" + ("" if local.year == now.year else f" {local.year}")


def key(tonic: str, mode: str) -> str:
    """A key as musicians write it short: A♯m, C."""
    return tonic.replace("#", "♯").replace("b", "♭") + ("m" if mode == "minor" else "")


def share(value: float) -> str:
    """A share of one as a whole percentage."""
    return f"{round(100 * value)} %"

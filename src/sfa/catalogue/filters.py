"""What a list of tracks is asked for, as it stands in the address of the page.

    q       words                       sort    added, title, artist, album, bpm, key, length, loudness, year,
    bpm     120-130, 124, -90, 160-             state, match; with a minus in front: downwards
    x2      1: half and double tempo too
    key     8A, 8A~ (and what goes with it)     state   failed, moving, done, cancelled
    len     3:00-5:30                   source  file, demo, disk
    lufs    -14:-9                      engine  demucs, quick
    year    1990-1999                   tag     the number of a tag, again and again
    added   7d, 2026-01-01, 2026-01-01..2026-02-01

A crate is such an address with a name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from sfa import names
from sfa.errors import Refused

SORTS = ("added", "title", "artist", "album", "bpm", "key", "length", "loudness", "year", "state", "match")
STATES = {"moving": ["queued", "running"], "failed": ["failed"], "done": ["done"], "cancelled": ["cancelled"]}
_DOWN_FIRST = {"added", "loudness"}  # what one wants to see the most of first
_WORDS = 200
_TAGS = 20

_KEY = re.compile(r"^(1[0-2]|[1-9])([AB])(~?)$")
_DAYS = re.compile(r"^(\d{1,4})d$")
_WORD = re.compile(r"^[a-z]{1,20}$")
_YEAR = re.compile(r"^[12][0-9]{3}$")


@dataclass(frozen=True, slots=True)
class Span:
    """From low to high, both included; infinite where there is no bound."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Filter:
    words: str = ""
    bpm: Span | None = None
    octaves: bool = False  # half and double of the tempo too
    key: str | None = None  # Camelot code
    beside: bool = False  # and the keys that go with it
    length_s: Span | None = None
    lufs: Span | None = None
    year: Span | None = None
    state: str | None = None
    source: str | None = None
    engine: str | None = None
    tags: tuple[int, ...] = ()
    added: str | None = None
    in_trash: bool = False
    sort: str = "added"
    down: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether it lets everything through, newest first: what is new then has its place on top."""
        return self == Filter()

    @property
    def narrows(self) -> bool:
        return replace(self, sort="added", down=True, in_trash=False) != Filter()

    @property
    def tonalities(self) -> list[int] | None:
        """Places around the Camelot wheel, as listings count them: 1A 2, 1B 3, 2A 4 …"""
        if self.key is None:
            return None
        number, mode = int(self.key[:-1]), self.key[-1]
        own = _tonality(number, mode)
        if not self.beside:
            return [own]
        other = "A" if mode == "B" else "B"
        return [
            own,
            _tonality(number % 12 + 1, mode),
            _tonality((number - 2) % 12 + 1, mode),
            _tonality(number, other),
        ]

    def added_between(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """From, included, to, excluded."""
        if self.added is None:
            return None, None
        if days := _DAYS.match(self.added):
            return now - timedelta(days=int(days[1])), None
        first, _, last = self.added.partition("..")
        return _day(first), _day(last or first) + timedelta(days=1)

    def query(self, **changes: object) -> str:
        """The address behind the "?", with other values for some fields."""
        return urlencode(replace(self, **changes).pairs() if changes else self.pairs())  # type: ignore[arg-type]

    def pairs(self) -> list[tuple[str, str]]:
        """The shortest address that means the same; the order is always the same too."""
        usual = ("match", False) if self.words else ("added", True)
        said = [
            ("q", self.words),
            ("bpm", _said(self.bpm)),
            ("x2", "1" if self.octaves else ""),
            ("key", f"{self.key}{'~' if self.beside else ''}" if self.key else ""),
            ("len", _said(self.length_s, "-", names.clock)),
            ("lufs", _said(self.lufs, ":")),
            ("year", _said(self.year)),
            ("state", self.state or ""),
            ("source", self.source or ""),
            ("engine", self.engine or ""),
            *(("tag", str(tag)) for tag in self.tags),
            ("added", self.added or ""),
            ("trash", "1" if self.in_trash else ""),
            ("sort", "" if (self.sort, self.down) == usual else f"{'-' * self.down}{self.sort}"),
        ]
        return [(name, value) for name, value in said if value]

    def sorted_by(self, sort: str) -> str:
        """The address when a head is clicked: by that, or the other way round if it is by that already."""
        down = not self.down if sort == self.sort else sort in _DOWN_FIRST
        return self.query(sort=sort, down=down)

    def chips(self, tags: Mapping[int, str]) -> list[Chip]:
        """What narrows the list, each with the address without it."""
        said: list[tuple[str, dict[str, object]]] = []
        if self.words:
            said.append((f"“{self.words}”", {"words": "", **_unmatched(self)}))
        if self.bpm:
            also = ", half and double" if self.octaves else ""
            said.append((f"{_said(self.bpm, '–')} BPM{also}", {"bpm": None, "octaves": False}))
        if self.key:
            said.append((f"{self.key}{' and beside' if self.beside else ''}", {"key": None, "beside": False}))
        if self.length_s:
            said.append((f"{_said(self.length_s, '–', names.clock)} long", {"length_s": None}))
        if self.lufs:
            said.append((f"{_said(self.lufs, ' to ')} LUFS", {"lufs": None}))
        if self.year:
            said.append((f"from {_said(self.year, '–')}", {"year": None}))
        for name in ("state", "source", "engine"):
            value = getattr(self, name)
            said += [(value, {name: None})] if value else []
        for tag in self.tags:
            rest = tuple(other for other in self.tags if other != tag)
            said.append((f"#{tags.get(tag, tag)}", {"tags": rest}))
        if self.added:
            said.append((_added_words(self.added), {"added": None}))
        return [Chip(words, self.query(**without)) for words, without in said]


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, and the address without it."""

    words: str
    without: str


@dataclass(slots=True)
class _Faults:
    said: list[str] = field(default_factory=list)

    def __call__(self, sentence: str) -> None:
        self.said.append(sentence)


def parse(pairs: Iterable[tuple[str, str]]) -> Filter:
    """Read an address. What is empty or not known counts as not there.

    Raises
    ------
    Refused
        Naming every value that cannot be understood, and how it is written.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            values.setdefault(name, []).append(value.strip())
    wrong = _Faults()
    given = {name: found[-1] for name, found in values.items()}
    words = names.clean(given.get("q"), _WORDS) or ""
    sort, down = _sort(given.get("sort", ""), wrong)
    key, beside = _key(given.get("key", ""), wrong)
    found = Filter(
        words=words,
        bpm=_span(given.get("bpm", ""), "bpm", "120-130", wrong),
        octaves=given.get("x2") == "1",
        key=key,
        beside=beside,
        length_s=_span(given.get("len", ""), "len", "3:00-5:30", wrong, _seconds),
        lufs=_span(given.get("lufs", ""), "lufs", "-14:-9", wrong, _finite, ":"),
        year=_span(given.get("year", ""), "year", "1990-1999", wrong, _year),
        state=_one_of(given.get("state", ""), "state", STATES, wrong),
        source=_word(given.get("source", ""), "source", wrong),
        engine=_word(given.get("engine", ""), "engine", wrong),
        tags=_tags(values.get("tag", []), wrong),
        added=_added(given.get("added", ""), wrong),
        in_trash=given.get("trash") == "1",
        sort=sort or ("match" if words else "added"),
        down=down if sort else not words,
    )
    if wrong.said:
        raise Refused(" ".join(wrong.said), fix="Correct the address, or clear the filters.")
    return found


def _unmatched(found: Filter) -> dict[str, object]:
    return {"sort": "added", "down": True} if found.sort == "match" else {}


def _tonality(number: int, mode: str) -> int:
    return 2 * number + (mode == "B")


def _sort(text: str, wrong: _Faults) -> tuple[str, bool]:
    name = text.removeprefix("-")
    if name and name not in SORTS:
        wrong(f"“sort” is {text!r} and may be {', '.join(SORTS)}, with a minus in front for downwards.")
    return name, text.startswith("-")


def _key(text: str, wrong: _Faults) -> tuple[str | None, bool]:
    if not text:
        return None, False
    found = _KEY.match(text.upper())
    if found is None:
        wrong(f"“key” is {text!r} and is written as 8A, or 8A~ for what goes with it.")
        return None, False
    return found[1] + found[2], bool(found[3])


def _finite(said: str | float) -> float:
    value = float(said)
    if not math.isfinite(value):
        raise ValueError
    return value


def _span(
    text: str,
    name: str,
    example: str,
    wrong: _Faults,
    read: Callable[[str], float] = _finite,
    between: str = "-",
) -> Span | None:
    """`low-high`, `low-`, `-high`, or one value for both."""
    if not text:
        return None
    low, dash, high = text.partition(between)
    try:
        span = Span(
            read(low) if low else float("-inf"),
            (read(high) if high else float("inf")) if dash else read(low),
        )
    except ValueError:
        span = Span(1, 0)
    if not span.low <= span.high or (not low and not high):
        wrong(f"“{name}” is {text!r} and is written as {example}.")
        return None
    return span


def _seconds(text: str) -> float:
    """From 3:20, 1:02:03 or 200."""
    total = 0.0
    for part in text.split(":"):
        total = 60 * total + float(part)
    return _finite(total)


def _year(text: str) -> int:
    if not _YEAR.match(text):
        raise ValueError
    return int(text)


def _one_of(text: str, name: str, known: Iterable[str], wrong: _Faults) -> str | None:
    if text and text not in known:
        wrong(f"“{name}” is {text!r} and may be {', '.join(known)}.")
        return None
    return text or None


def _word(text: str, name: str, wrong: _Faults) -> str | None:
    if text and not _WORD.match(text):
        wrong(f"“{name}” is {text!r} and is one small word.")
        return None
    return text or None


def _tags(texts: Sequence[str], wrong: _Faults) -> tuple[int, ...]:
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 18]
    if len(numbers) < len(texts):
        wrong("“tag” is the number of a tag.")
    return tuple(sorted(set(numbers)))[:_TAGS]


def _added(text: str, wrong: _Faults) -> str | None:
    if not text:
        return None
    first, _, last = text.partition("..")
    try:
        if not _DAYS.match(text) and not _day(first) < _day(last or first) + timedelta(days=1):
            raise ValueError
    except (ValueError, OverflowError):  # no day comes after the last of the year 9999
        wrong(f"“added” is {text!r} and is written as 7d, 2026-01-31 or 2026-01-01..2026-01-31.")
        return None
    return text


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _added_words(text: str) -> str:
    if days := _DAYS.match(text):
        return "added today" if days[1] == "1" else f"added in the last {days[1]} days"
    first, _, last = text.partition("..")
    return f"added {first}" if last in ("", first) else f"added {first} to {last}"


def _said(span: Span | None, between: str = "-", say: object = None) -> str:
    if span is None:
        return ""
    write = say if callable(say) else lambda value: f"{value:g}"
    low = "" if span.low == float("-inf") else write(span.low)
    high = "" if span.high == float("inf") else write(span.high)
    return str(low) if low == high else f"{low}{between}{high}"

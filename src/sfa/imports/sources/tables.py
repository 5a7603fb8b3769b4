"""Songs out of a table: what Exportify and its like leave, Spotify's own data, or a person's own columns.

Pure. Faults of the whole are `Refused`; a line with a fault keeps its place, and says what is wrong with it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from sfa.errors import Refused
from sfa.imports.found import Collection, Found
from sfa.imports.sources import spotify_data
from sfa.imports.sources.columns import columns_of_header
from sfa.imports.sources.listed import listed_song
from sfa.imports.sources.spotify_songs import skipped
from sfa.imports.sources.told import date, joined, picture, whole
from sfa.library.recognise import SourceRef
from sfa.names import clean, shown

MOST_ROWS = 10_000
MOST_BYTES = 20 << 20
_SEPARATORS = ",;\t|"
_LONGEST_CELL = 20_000
_SECONDS = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:[.,]\d+)?")
_YES = frozenset({"true", "1", "yes", "ja", "oui", "si", "sí", "explicit", "x"})
_ID = {"spotify_id": "https://open.spotify.com/track/", "video_id": "https://www.youtube.com/watch?v="}


@dataclass(frozen=True, slots=True)
class _Line:
    number: int  # of the file, from 1, where the row begins
    cells: list[str]


def read_table(name: str, data: bytes) -> list[Collection]:
    """The playlists of a file: one of a table, as many as there are of Spotify's own data.

    Raises
    ------
    Refused
        `bad_table` or `too_large`: the file, the line, and what is to be done.
    """
    if len(data) > MOST_BYTES:
        raise _too_large(name, f"has {len(data) >> 20} MB; {MOST_BYTES >> 20} MB are the most of a table")
    text = _decoded(name, data)
    if text.lstrip().startswith(("{", "[")):
        return [
            _collection(name, data, n, told.title, told.songs)
            for n, told in enumerate(spotify_data.playlists(name, text))
        ]
    return [_collection(name, data, 0, PurePath(name).stem, _songs(name, text))]


def _collection(name: str, data: bytes, nth: int, title: str | None, songs: list[Found]) -> Collection:
    if len(songs) > MOST_ROWS:
        raise _too_large(name, f"holds {len(songs):,} songs; {MOST_ROWS:,} are the most of a table")
    if not songs:
        raise _bad(name, "has a first line and no song below it", "Add the songs, one in each line.")
    digest = hashlib.sha256(data).hexdigest()
    return Collection(
        ref=SourceRef("table", "table", f"{digest}-{nth}" if nth else digest, clean(name, 255) or "table"),
        title=clean(title, 120) or "Table",
        owner=None,
        cover_url=None,
        total=len(songs),
        complete=True,
        why_incomplete=None,
        via="table",
        songs=tuple(songs),
    )


def _decoded(name: str, data: bytes) -> str:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            text = data.decode(encoding, "replace")
            break
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")  # what Excel writes in Europe and America
    if "\0" in text:
        raise _bad(name, "is no table of text", "Save it as CSV (UTF-8) and bring that.")
    return text


def _songs(name: str, text: str) -> list[Found]:
    lines = _lines(name, text)
    header = next(lines, None)
    if header is None:
        raise _bad(name, "is empty", "The first line names the columns, each further line is a song.")
    columns = columns_of_header(header.cells)
    if not columns.keys() & {"title", "link", *_ID}:
        said = shown(" | ".join(header.cells), 120)
        raise _bad(
            name,
            f"has no column of titles or links: its first line says {said}",
            "Name them in the first line, as in “Title, Artist, Album” or “Track URI”.",
        )
    songs: list[Found] = []
    for line in lines:
        if any(cell.strip() for cell in line.cells):
            songs.append(_song(line, columns, len(header.cells), len(songs) + 1))
            if len(songs) > MOST_ROWS:
                break
    return songs


def _lines(name: str, text: str) -> Iterator[_Line]:
    """Rows with the number of the line in which each begins, by the separator that the first line shows."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first, skipped = text.partition("\n")[0], 0
    if told := re.fullmatch(r'"?sep=(.)"?', first.strip(" "), re.IGNORECASE):
        separator, skipped, text = told[1], 1, text[len(first) + 1 :]
    else:
        separator = _separator(first)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    begins = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _bad(
                name,
                f"cannot be read from line {begins + skipped} on: {_in_words(error)}",
                "A quotation mark within a cell is written twice; mend that line.",
            ) from error
        if any(len(cell) > _LONGEST_CELL for cell in cells):
            raise _bad(
                name,
                f"has a cell of more than {_LONGEST_CELL:,} letters in line {begins + skipped}",
                "Look whether a quotation mark is missing at its end.",
            )
        yield _Line(begins + skipped, cells)
        begins = reader.line_num + 1


def _separator(first: str) -> str:
    """The one that makes most columns of the first line that we know."""

    def known(separator: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=separator), [])
        return len(columns_of_header(cells)), len(cells)

    return max(_SEPARATORS, key=known)


def _in_words(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "a cell begins with a quotation mark that is never closed"
    if "expected after" in str(error):
        return "something stands behind the quotation mark that closes a cell"
    return str(error)


def _song(line: _Line, columns: Mapping[str, int], width: int, position: int) -> Found:
    def cell(column: str) -> str:
        place = columns.get(column)
        return line.cells[place].strip() if place is not None and place < len(line.cells) else ""

    song = Found(
        position=position,
        source="words",
        title=clean(cell("title")) or "",
        artists=_artists(cell("artist"), cell("artist_uris")),
        album=clean(cell("album")),
        album_artist=joined(_artists(cell("album_artist"), "")),
        disc=_number(cell("disc")),
        number=_number(cell("number")),
        duration_ms=_number(cell("duration_ms")) or _duration_ms(cell("duration")),
        isrc=clean(cell("isrc").replace("-", "").upper(), 32),
        cover_url=picture([{"url": cell("cover")}]),
        released=date(cell("released")),
        explicit=cell("explicit").lower() in _YES,
    )
    where = f"Line {line.number}"
    if len(line.cells) > width:
        why = (
            f"{where} has {len(line.cells)} cells, the first line {width}: quote what has a separator in it."
        )
        return skipped(replace(song, title=song.title or where), ("bad_table", why))
    ids = (f"{before}{cell(column)}" for column, before in _ID.items() if cell(column))
    return listed_song(song, cell("link") or next(ids, ""), where)


def _artists(names: str, uris: str) -> tuple[str, ...]:
    """Several in one cell. A comma also stands within names, so the count of their addresses decides."""
    parts = names.split(";")
    by_comma = re.split(r",\s*", names)
    if len(parts) == 1 and len(by_comma) == len(re.split(r"[,;]", uris)):
        parts = by_comma
    return tuple(filter(None, map(clean, parts)))


def _number(text: str) -> int | None:
    return whole(int(text)) if text.isascii() and text.isdigit() and len(text) < 11 else None


def _duration_ms(text: str) -> int | None:
    """3:25 and 1:02:03; a bare number is seconds, unless no song is as long as that."""
    if told := _SECONDS.fullmatch(text):
        return whole(1000 * (3600 * int(told[1] or 0) + 60 * int(told[2]) + int(told[3])))
    number = _number(text.partition(".")[0])
    return whole(number * 1000 if number is not None and number < 20_000 else number)


def _bad(name: str, fact: str, fix: str) -> Refused:
    return Refused(f"{shown(name)} {fact}.", code="bad_table", fix=fix)


def _too_large(name: str, fact: str) -> Refused:
    return Refused(f"{shown(name)} {fact}.", code="too_large", fix="Split it into several files.")

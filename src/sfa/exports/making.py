"""Files on their way out: which child makes them, how many at once, and what is checked before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sfa import media, names, wav
from sfa.children.pour import Flow
from sfa.errors import NotFound, Refused
from sfa.exports.asked import Mix
from sfa.exports.naming import tags_of_mix, tags_of_stem
from sfa.exports.store import Song
from sfa.separation import Stem
from sfa.settings import Settings

Request = dict[str, Any]

PROGRAM = "sfa.children.export"
MEDIA_TYPES = {"flac": "audio/flac", "wav": "audio/wav", "mp3": "audio/mpeg"}

_AT_ONCE = 2  # each is a process that computes; pages and workers want the machine too
_MIX_BITS = 24  # a sum of stems of 16 bits is exact in them
_LONGEST_STEM_FILE_S = 3600
_PEAKS = 64
_PIECE = 1 << 18

# Four is what a deck has. What else a model tells apart belongs with the rest of the band.
_DECK = (
    ("Drums", "drums", "#009E73"),
    ("Bass", "bass", "#D55E00"),
    ("Other", None, "#CC79A7"),
    ("Vocals", "vocals", "#56B4E9"),
)


class Bench:
    """How many files this process makes at a time."""

    def __init__(self, places: int) -> None:
        self._free = self.places = places

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place. Raises Refused, `busy`, while there is none; nobody waits unseen."""
        if not self._free:
            raise Refused(
                f"{self.places} files are being made already, and one more would only hold up all of them.",
                code="busy",
                fix="Try again once one of them has arrived. FLAC as it is stored can be had at any time.",
            )
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


BENCH = Bench(_AT_ONCE)


class Peaks:
    """The largest samples of mixes that were measured before, so that accepting an offer measures no more."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], float] = OrderedDict()

    def of(self, mix: Mix) -> float | None:
        peak = self._known.get(_heart(mix))
        return None if peak is None else peak * 10 ** (mix.trim_db / 20)

    def keep(self, mix: Mix, peak: float) -> None:
        self._known[_heart(mix)] = peak / 10 ** (mix.trim_db / 20)
        while len(self._known) > _PEAKS:
            self._known.popitem(last=False)


PEAKS = Peaks()


def _heart(mix: Mix) -> tuple[object, ...]:
    voices = tuple((one.stem.sha256, one.gain_db, one.pan) for one in mix.voices)
    return voices, mix.start, mix.stop


def check_files(settings: Settings, stems: Iterable[Stem]) -> None:
    """Whether every stem lies where its row says, whole.

    Raises
    ------
    NotFound
        Naming the first that does not.
    """
    for stem in stems:
        shown = names.shown(stem.name)
        again = "Put it back from a backup, or separate the track again."
        try:
            size = media.blob(settings, stem.sha256).stat().st_size
        except OSError as error:
            raise NotFound(
                f"The file of the stem {shown} is not in the media folder any more.", fix=again
            ) from error
        if size != stem.bytes:
            raise NotFound(f"The file of the stem {shown} is not whole any more.", fix=again)


def bits_of(stem: Stem, settings: Settings) -> int:
    """16 or 24: what the stored file holds (STREAMINFO, RFC 9639 8.2)."""
    with media.blob(settings, stem.sha256).open("rb") as file:
        head = file.read(22)
    return 24 if ((head[20] & 1) << 4 | head[21] >> 4) + 1 > 16 else 16


def stem_request(settings: Settings, song: Song, stem: Stem, fmt: str) -> Request:
    """One stem as it is, in another format: to the sample in WAV, with as many bits as it has."""
    return {
        "kind": "sound",
        "voices": [_voice(settings, stem)],
        "start": 0,
        "stop": stem.frames,
        "rate_hz": stem.sample_rate,
        "channels": stem.channels,
        "bits": bits_of(stem, settings),
        "format": fmt,
        "tags": tags_of_stem(song.track, song.made, stem),
        "trim_db": 0.0,
        "lower": False,
        "level_only": False,
        "peak": stem.peak,
    }


def mix_request(settings: Settings, song: Song, mix: Mix, fmt: str) -> Request:
    """Stems together, as they were set. One channel only where all have one and none is moved aside."""
    return {
        "kind": "sound",
        "voices": [
            _voice(settings, one.stem) | {"gain_db": one.gain_db, "pan": one.pan} for one in mix.voices
        ],
        "start": mix.start,
        "stop": mix.stop,
        "rate_hz": song.rate_hz,
        "channels": 2 if mix.is_panned else song.channels,
        "bits": _MIX_BITS,
        "format": fmt,
        "tags": tags_of_mix(song.track, song.made, "own mix"),
        "trim_db": mix.trim_db,
        "lower": mix.lower,
        "level_only": False,
        "peak": _allowed(mix),
    }


def _allowed(mix: Mix) -> float | None:
    """The peak, where it is known and need not be told to anybody; None has the child measure it."""
    peak = PEAKS.of(mix)
    return peak if peak is not None and (peak <= 1 or mix.lower) else None


def stem_file_request(
    settings: Settings, song: Song, *, source: Path, name: str, codec: str, folder: Path
) -> Request:
    """The four stems of a deck and the original.

    Raises
    ------
    Refused
        When the song is longer than what a deck is for.
    """
    if song.frames > _LONGEST_STEM_FILE_S * song.rate_hz:
        raise Refused(
            f"The song is {names.clock(song.frames / song.rate_hz)} long; stem files are made up to an hour.",
            fix="Take the stems as a zip instead.",
        )
    named = {kind for _, kind, _ in _DECK if kind}
    parts = []
    for title, kind, color in _DECK:
        stems = [stem for stem in song.stems if (stem.name == kind if kind else stem.name not in named)]
        parts.append({"name": title, "color": color, "voices": [_voice(settings, stem) for stem in stems]})
    return {
        "kind": "stem_file",
        "source": str(source),
        "name": name,
        "parts": parts,
        "frames": song.frames,
        "rate_hz": song.rate_hz,
        "codec": codec,
        "folder": str(folder),
        "tags": tags_of_mix(song.track, song.made, "stem file") | {"title": song.track.title},
    }


def wav_bytes(request: Mapping[str, Any]) -> int | None:
    """How long a file of sound will be, where that is known before: as WAV."""
    if request["format"] != "wav":
        return None
    return wav.size(
        frames=request["stop"] - request["start"],
        rate_hz=request["rate_hz"],
        channels=request["channels"],
        bits=request["bits"],
        tags=request["tags"],
    )


def _voice(settings: Settings, stem: Stem) -> dict[str, Any]:
    path = media.blob(settings, stem.sha256)
    return {"path": str(path), "name": stem.name, "gain_db": 0.0, "pan": 0.0, "peak": stem.peak}


async def converted(request: Request) -> AsyncGenerator[bytes, None]:
    """A file of sound as its child makes it. Closing this ends the child."""
    flow = await Flow.open(PROGRAM, request)
    try:
        async for piece in flow.pieces():
            yield piece
    finally:
        await flow.end()

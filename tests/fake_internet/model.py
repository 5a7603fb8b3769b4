"""The nouns of the world: what Spotify knows, what YouTube has, and how the two belong together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tests.fake_internet.audio import Sound

Side = Literal[640, 300, 64]  # of a cover, in pixels
Playability = Literal["ok", "region", "age", "bot", "private", "gone", "later", "live"]


@dataclass(eq=False)
class Artist:
    id: str
    name: str
    genres: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        return f"spotify:artist:{self.id}"


@dataclass(eq=False)
class Video:
    """Something on YouTube. A `song` is what a label delivered, a `video` what somebody put there."""

    id: str
    title: str
    artists: list[Artist]
    sound: Sound
    kind: Literal["song", "video"] = "song"
    album: Album | None = field(default=None, repr=False)
    isrc: str | None = None
    explicit: bool = False
    playable: Playability = "ok"
    views: int = 120_000

    @property
    def url(self) -> str:
        return f"https://www.youtube.com/watch?v={self.id}"


@dataclass(eq=False)
class Track:
    id: str
    name: str
    artists: list[Artist]
    album: Album = field(repr=False)
    sound: Sound
    number: int
    disc: int = 1
    explicit: bool = False
    isrc: str | None = None
    playable: bool = True
    removed: bool = False  # Spotify still answers, with no name and no length
    video: Video | None = None  # the one that an import has to find

    @property
    def uri(self) -> str:
        return f"spotify:track:{self.id}"

    @property
    def url(self) -> str:
        return f"https://open.spotify.com/track/{self.id}"


@dataclass(eq=False)
class Album:
    id: str
    name: str
    artists: list[Artist]
    released: str
    colour: str  # of its cover
    kind: Literal["album", "single"] = "album"
    label: str = "Fixture Records"
    tracks: list[Track] = field(default_factory=list, repr=False)

    @property
    def uri(self) -> str:
        return f"spotify:album:{self.id}"

    def cover_url(self, side: Side = 640) -> str:
        return cover_url(self.colour, side)


@dataclass(eq=False)
class Episode:
    """Part of a podcast: what a playlist may hold besides tracks."""

    id: str
    name: str
    show: str
    ms: int

    @property
    def uri(self) -> str:
        return f"spotify:episode:{self.id}"


@dataclass(eq=False)
class LocalFile:
    """A file on the owner's own disk: Spotify knows its tags and nothing else."""

    name: str
    artist: str
    album: str
    ms: int

    @property
    def uri(self) -> str:
        parts = (self.artist, self.album, self.name, str(self.ms // 1000))
        return "spotify:local:" + ":".join(part.replace(" ", "+") for part in parts)


Item = Track | Episode | LocalFile | None  # None: it was there once


@dataclass(eq=False)
class User:
    id: str
    name: str
    liked: list[Track] = field(default_factory=list, repr=False)

    @property
    def uri(self) -> str:
        return f"spotify:user:{self.id}"


@dataclass(eq=False)
class Playlist:
    id: str
    name: str
    owner: User
    items: list[Item] = field(default_factory=list, repr=False)
    public: bool = True
    collaborators: list[User] = field(default_factory=list)
    editorial: bool = False  # Spotify's own: gone from the API since 2024, still on the pages
    colour: str = "5b6770"

    @property
    def uri(self) -> str:
        return f"spotify:playlist:{self.id}"

    def open_to(self, user: User | None) -> bool:
        """Whose contents the API gives away since 2026."""
        return user is not None and (user.id == self.owner.id or user in self.collaborators)


@dataclass(eq=False)
class App:
    """What a developer has registered. New ones are in development mode for good."""

    id: str
    secret: str
    mode: Literal["dev", "extended"]
    allowed: list[User]  # dev: the accounts that may be used with it
    owner_premium: bool = True
    redirects: tuple[str, ...] = ("http://127.0.0.1/callback", "http://[::1]/callback")


_COVER: dict[Side, str] = {640: "ab67616d0000b273", 300: "ab67616d00001e02", 64: "ab67616d00004851"}


def cover_url(colour: str, side: Side = 640) -> str:
    return f"https://i.scdn.co/image/{_COVER[side]}{colour:0<24}"


def cover_of(name: str) -> tuple[str, Side] | None:
    """Colour and side of the picture that is called so; None when there can be none."""
    side = next((side for side, prefix in _COVER.items() if name.startswith(prefix)), None)
    return (name[16:22], side) if side and len(name) == 40 else None

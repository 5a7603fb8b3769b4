"""What there is to find: declared once, with ids that never change, and served in every wire format.

Ids can be read: `PlainSong0000000000000` in a log is the plain song. Every sound has a pitch of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tests.fake_internet.audio import Sound
from tests.fake_internet.model import (
    Album,
    App,
    Artist,
    Episode,
    LocalFile,
    Playability,
    Playlist,
    Track,
    User,
    Video,
)


def spotify_id(word: str) -> str:
    """22 letters and digits that begin with a word."""
    given = word.ljust(22, "0")
    if not re.fullmatch(r"[0-9A-Za-z]{22}", given):
        raise ValueError(f"{word!r} cannot begin an id")
    return given


def video_id(word: str) -> str:
    given = word.ljust(11, "0")
    if not re.fullmatch(r"[\w-]{11}", given, re.ASCII):
        raise ValueError(f"{word!r} cannot begin an id")
    return given


# Tracks, each for what may happen to it.
PLAIN = spotify_id("PlainSong")
DUET = spotify_id("Duet")
EXPLICIT = spotify_id("Explicit")
UNUSUAL_TITLE = spotify_id("UnusualTitle")  # letters beyond ASCII and beyond Latin
SLASH_TITLE = spotify_id("SlashTitle")
VIDEO_ONLY = spotify_id("VideoOnly")  # no song on YouTube Music, only a video
WRONG_LENGTH = spotify_id("WrongLength")  # the one match is seven seconds longer
NO_SOURCE = spotify_id("NoSource")
REGION_LOCKED = spotify_id("RegionLocked")
AGE_GATED = spotify_id("AgeGated")
BOT_CHECK = spotify_id("BotCheck")
PRIVATE_VIDEO = spotify_id("PrivateVideo")
GONE_VIDEO = spotify_id("GoneVideo")
TRY_LATER = spotify_id("TryLater")
NOT_PLAYABLE = spotify_id("NotPlayable")  # Spotify has no licence for it here
REMOVED = spotify_id("Removed")  # Spotify answers with an empty name and no length
ABSENT = spotify_id("Absent")  # of any kind: there is nothing with this id

ODD_ALBUM = spotify_id("OddAlbum")  # all of the above
SHORT_ALBUM = spotify_id("ShortAlbum")
POOL_ALBUM = spotify_id("PoolAlbum")  # what the long playlist repeats
LONG_ALBUM = spotify_id("LongAlbum")

ADA = spotify_id("AdaQuill")  # has more albums than one page shows
BRUNO = spotify_id("BrunoVale")
MINIATURISTS = spotify_id("Miniaturists")
UNUSUAL_NAME = spotify_id("UnusualName")

LONG_PLAYLIST = spotify_id("LongPlaylist")
ODD_PLAYLIST = spotify_id("OddPlaylist")  # null, local, episode, removed, not playable, and one song twice
EMPTY_PLAYLIST = spotify_id("EmptyPlaylist")
PRIVATE_PLAYLIST = spotify_id("PrivatePlaylist")
FOREIGN_PLAYLIST = spotify_id("ForeignPlaylist")
SHARED_PLAYLIST = spotify_id("SharedPlaylist")  # somebody else's, with the listener as collaborator
EDITORIAL_PLAYLIST = spotify_id("EditorialPlaylist")
EPISODE = spotify_id("Episode")

LISTENER, FRIEND, STRANGER = "listener", "mira", "stranger"
DEV_APP = "d0" * 16
EXTENDED_APP = "e0" * 16
LAPSED_APP = "f0" * 16  # its owner has no Premium any more

LIVE_VIDEO = video_id("LiveNow")

SHORT_TO_TRACK = "aPlainSong1"
SHORT_TO_ALBUM = "aShortAlbum"
SHORT_TO_PLAYLIST = "aPlaylist12"
SHORT_AWAY = "leadsAway12"  # to a host that is not Spotify's
SHORT_LOOP = "inACircle12"

_POOL = "Lighthouse Meridian Nocturne Obelisk Paradox Quarry Rapids Solstice Tundra Vellum"
_SINGLES = "Marigold Saffron Indigo Cobalt Ochre Umber Sienna Viridian Cerise"
_MINIATURES = (
    "Anvil Beacon Cinder Dynamo Ember Falcon Gallop Hammock Icicle Jigsaw Kettle Lantern Magnet Needle "
    "Orchid Pebble Quiver Ribbon Saddle Timber Urchin Velvet Walnut Xylem Yonder Zephyr Acorn Bramble "
    "Clover Dapple Eyrie Fathom Gravel Heron Inkwell Jasper Kernel Limpet Mosaic Nutmeg Osprey Pewter "
    "Quartz Raven Sickle Thistle Umbra Vesper Willow Yarrow Zircon Almond Barley Cobweb Dragnet Elbow "
    "Furrow Gadfly Hinge Ivory"
)


class World:
    """Made anew for every test, which may change it as the real one changes under an import."""

    def __init__(self) -> None:
        self.artists: dict[str, Artist] = {}
        self.albums: dict[str, Album] = {}
        self.tracks: dict[str, Track] = {}
        self.videos: dict[str, Video] = {}
        self.playlists: dict[str, Playlist] = {}
        self.episodes: dict[str, Episode] = {}
        self.users: dict[str, User] = {}
        self.apps: dict[str, App] = {}
        self.short_links: dict[str, str] = {}
        self._sounds = 0
        self.media_sound = self.next_sound()  # of the plain files on `media.fixture.example`
        self._artists()
        self._odd_album()
        self._albums()
        self._users()
        self._playlists()
        self._links()

    def artist(self, id: str) -> Artist:
        return self.artists[id]

    def album(self, id: str) -> Album:
        return self.albums[id]

    def track(self, id: str) -> Track:
        return self.tracks[id]

    def playlist(self, id: str) -> Playlist:
        return self.playlists[id]

    def user(self, id: str) -> User:
        return self.users[id]

    def next_sound(self, seconds: float | None = None) -> Sound:
        """Steps of a third of a semitone from 110 Hz, which a file's length confirms."""
        n = self._sounds
        self._sounds += 1
        return Sound(110.0 * 2 ** (n / 36), seconds or 4.0 + (5 * n % 21) / 4)

    def add_track(
        self,
        id: str,
        name: str,
        album: Album,
        *,
        artists: Iterable[Artist] | None = None,
        disc: int = 1,
        source: Playability | None = "ok",
        explicit: bool = False,
    ) -> Track:
        """A track, and the song on YouTube Music that belongs to it unless `source` is None."""
        by, sound = list(artists or album.artists), self.next_sound()
        number = 1 + sum(track.disc == disc for track in album.tracks)
        isrc = f"QZSFA26{len(self.tracks) + 1:05}"
        track = Track(id, name, by, album, sound, number, disc, explicit, isrc)
        if source:
            track.video = self.add_video(
                Video(
                    video_id(f"v{id[:10].rstrip('0')}"),
                    name,
                    by,
                    sound,
                    "song",
                    album,
                    isrc,
                    explicit,
                    source,
                )
            )
        album.tracks.append(track)
        self.tracks[id] = track
        return track

    def add_video(self, video: Video) -> Video:
        if video.id in self.videos:
            raise ValueError(f"there is a video {video.id} already")
        self.videos[video.id] = video
        return video

    def add_album(
        self, id: str, name: str, artist: str, released: str, colour: str, *, single: bool = False
    ) -> Album:
        self.albums[id] = Album(
            id, name, [self.artists[artist]], released, colour, "single" if single else "album"
        )
        return self.albums[id]

    def add_playlist(self, playlist: Playlist) -> Playlist:
        self.playlists[playlist.id] = playlist
        return playlist

    def _artists(self) -> None:
        for artist in (
            Artist(ADA, "Ada Quill", ["chamber pop", "art pop"]),
            Artist(BRUNO, "Bruno Vale", ["folk"]),
            Artist(MINIATURISTS, "The Miniaturists"),
            Artist(UNUSUAL_NAME, "Zoë Łukasz", ["synthwave"]),
        ):
            self.artists[artist.id] = artist

    def _odd_album(self) -> None:
        album = self.add_album(ODD_ALBUM, "Field Notes", ADA, "2025-11-07", "8c3b2f")
        ada, bruno = self.artists[ADA], self.artists[BRUNO]
        plain = self.add_track(PLAIN, "Copper Rain", album)
        self.add_track(DUET, "Two Lanterns", album, artists=[ada, bruno])
        self.add_track(EXPLICIT, "Bad Manners", album, explicit=True)
        self.add_track(UNUSUAL_TITLE, "Überschall 夜間飛行", album, artists=[self.artists[UNUSUAL_NAME]])
        self.add_track(SLASH_TITLE, "Either/Or", album)
        self.add_track(NO_SOURCE, "Unheard Ledger", album, source=None)
        refused: list[tuple[str, str, Playability]] = [
            (REGION_LOCKED, "Border Waltz", "region"),
            (AGE_GATED, "After Midnight Only", "age"),
            (BOT_CHECK, "Turing Serenade", "bot"),
            (PRIVATE_VIDEO, "Closed Curtain", "private"),
            (GONE_VIDEO, "Vanishing Point", "gone"),
            (TRY_LATER, "Patience Please", "later"),
        ]
        for id, name, why in refused:
            self.add_track(id, name, album, source=why)
        self.add_track(NOT_PLAYABLE, "Locked Orchard", album).playable = False
        self.add_track(REMOVED, "", album, source=None).removed = True

        only = self.add_track(VIDEO_ONLY, "Camera Lucida", album, source=None)
        only.video = self.add_video(
            Video(video_id("vVideoOnly"), "Ada Quill - Camera Lucida", [ada], only.sound, "video")
        )
        long = self.add_track(WRONG_LENGTH, "Long Way Round", album, source=None)
        longer = self.next_sound(long.sound.seconds + 7)
        long.video = self.add_video(
            Video(video_id("vLongerCut"), long.name, [ada], longer, "song", album, "QZSFA2590001")
        )
        # What is like the plain song and is not it: a search has to leave them.
        for word, title, by in (
            ("dLive", "Copper Rain (Live in Lisbon)", ada),
            ("dKaraoke", "Copper Rain (Karaoke Version)", bruno),
        ):
            self.add_video(Video(video_id(word), title, [by], self.next_sound(), "video", views=900_000))
        self.add_video(Video(video_id("dSoftRain"), "Soft Rain", [bruno], self.next_sound(), "song", album))
        self.add_video(Video(LIVE_VIDEO, "Ada Quill live", [ada], plain.sound, "video", playable="live"))

    def _albums(self) -> None:
        short = self.add_album(SHORT_ALBUM, "Three Letters", ADA, "2024-05-17", "2f6d8c")
        for n, name in enumerate(("Paper Boat", "Glass Harbor", "Iron Kite"), start=1):
            self.add_track(spotify_id(f"Short{n}"), name, short)
        pool = self.add_album(POOL_ALBUM, "Carousel", ADA, "2023-09-01", "3f8c4a")
        for n, name in enumerate(_POOL.split(), start=1):
            self.add_track(spotify_id(f"Pool{n:02}"), name, pool)
        for n, name in enumerate(_SINGLES.split(), start=1):
            single = self.add_album(
                spotify_id(f"Single{n}"), name, ADA, f"2022-0{n}-15", f"{25 * n:02x}9040", single=True
            )
            self.add_track(
                spotify_id(f"SingleTrack{n}"), name, single, source=None
            )  # there to be paged through
        long = self.add_album(LONG_ALBUM, "Sixty Miniatures", MINIATURISTS, "2021", "6a4c93")
        for n, name in enumerate(_MINIATURES.split(), start=1):
            self.add_track(spotify_id(f"Mini{n:02}"), name, long, disc=1 if n <= 30 else 2)

    def _users(self) -> None:
        for user in (User(LISTENER, "Lena Listener"), User(FRIEND, "Mira"), User(STRANGER, "Sam Stranger")):
            self.users[user.id] = user
        self.users["spotify"] = User("spotify", "Spotify")
        listener, friend = self.users[LISTENER], self.users[FRIEND]
        listener.liked = [self.tracks[id] for id in (PLAIN, DUET, SLASH_TITLE)]
        for app in (
            App(DEV_APP, "dev-secret", "dev", [listener, friend]),
            App(EXTENDED_APP, "extended-secret", "extended", []),
            App(LAPSED_APP, "lapsed-secret", "dev", [listener], owner_premium=False),
        ):
            self.apps[app.id] = app

    def _playlists(self) -> None:
        listener, friend = self.users[LISTENER], self.users[FRIEND]
        pool, short = self.albums[POOL_ALBUM].tracks, self.albums[SHORT_ALBUM].tracks
        self.episodes[EPISODE] = Episode(EPISODE, "On Reverb", "Talking Rooms", 1_800_000)
        odd = [
            self.tracks[PLAIN],
            None,
            LocalFile("Demo Tape", "Lena Listener", "Cellar", 215_000),
            self.episodes[EPISODE],
            self.tracks[REMOVED],
            self.tracks[NOT_PLAYABLE],
            self.tracks[DUET],
            self.tracks[PLAIN],
        ]
        for playlist in (
            Playlist(LONG_PLAYLIST, "Round and Round", listener, [pool[n % len(pool)] for n in range(230)]),
            Playlist(ODD_PLAYLIST, "Bits & Pieces <odd>", listener, odd),
            Playlist(EMPTY_PLAYLIST, "Nothing Yet", listener),
            Playlist(PRIVATE_PLAYLIST, "Only Mine", listener, [*short], public=False),
            Playlist(FOREIGN_PLAYLIST, "Mira's Mornings", friend, [*short, self.tracks[PLAIN]]),
            Playlist(
                SHARED_PLAYLIST, "Road Trip", friend, [*short[:2]], public=False, collaborators=[listener]
            ),
            Playlist(EDITORIAL_PLAYLIST, "Fresh Ink", self.users["spotify"], [*pool[:5]], editorial=True),
        ):
            self.add_playlist(playlist)

    def _links(self) -> None:
        self.short_links = {
            SHORT_TO_TRACK: f"https://open.spotify.com/track/{PLAIN}?si=0a1b2c3d4e5f6071",
            SHORT_TO_ALBUM: f"https://open.spotify.com/album/{SHORT_ALBUM}?si=0a1b2c3d4e5f6071",
            SHORT_TO_PLAYLIST: f"https://open.spotify.com/playlist/{FOREIGN_PLAYLIST}?si=0a1b2c3d4e5f6071",
            SHORT_AWAY: "https://media.fixture.example/song.mp3",
            SHORT_LOOP: f"https://spotify.link/{SHORT_LOOP}",
        }

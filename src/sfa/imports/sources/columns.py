"""What the columns of a table of songs are called, by the programs that write them and by people."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

# Of two columns for the same thing the one that is named first here is read.
_NAMES = {
    "title": """
        track name, track title, song title, song name, title, track, song, name
        titel, liedtitel, lied, stück, titre, chanson, morceau, título, canción, nombre, titolo, brano
        canzone, música, faixa, nome, nummer, låt, tittel, kappale, tytuł, utwór, název, skladba, şarkı
        название, трек, песня, назва, 曲名, タイトル, 歌名, 标题, 標題, 歌曲, 제목, 곡명""",
    "artist": """
        artist name(s), artist names, artist name, artist name 1, artists, artist, performer, band
        künstler, künstler:in, künstlerin, interpret, interpretin, interpreten, artiste, artistes, interprète
        artista, artistas, artisti, intérprete, artiest, esittäjä, wykonawca, artysta, interpreti, umělec
        sanatçı, исполнитель, артист, виконавець, アーティスト, 歌手, 艺术家, 藝人, 艺人, 아티스트, 가수""",
    "artist_uris": "artist uri(s), artist uris, artist ids",
    "album": """
        album name, album title, album, release, álbum, disco, levy
        альбом, アルバム, 专辑, 專輯, 앨범""",
    "album_artist": "album artist name(s), album artist names, album artist, albumkünstler",
    "disc": "disc number, disc, disc no",
    "number": "track number, track no",
    "duration_ms": "track duration (ms), duration (ms), duration ms, length (ms)",
    "duration": """
        duration, track duration, length, time, total time, dauer, länge, durée, duración, durata, duração
        duur, длительность, 時間, 时长""",
    "isrc": "isrc, isrc code, isrc number",
    "link": """
        track uri, spotify uri, track url, spotify url, spotify link, song url, video url, youtube url
        youtube link, url, uri, link, lien, enlace, ссылка""",
    "spotify_id": "spotify id, spotify track id, track id",
    "video_id": "video id, youtube id, youtube video id",
    "released": """
        album release date, release date, released, release year, year, jahr, année, año, anno, ano, jaar""",
    "cover": "album image url, cover url, image url, artwork url",
    "explicit": "explicit",
}


def columns_of_header(cells: Sequence[str]) -> dict[str, int]:
    """Where each thing that we know stands in a row."""
    given: dict[str, int] = {}
    for place, cell in enumerate(cells):
        given.setdefault(_plain(cell), place)
    known = {column: [given[name] for name in names if name in given] for column, names in _PLAIN.items()}
    return {column: places[0] for column, places in known.items() if places}


def _plain(name: str) -> str:
    """Without case, accents and signs, so that “Künstler:in” meets “kunstler in”."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    bare = (letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join("".join(bare).split())


_PLAIN = {
    column: [_plain(name) for name in names.replace("\n", ",").split(",") if name.strip()]
    for column, names in _NAMES.items()
}

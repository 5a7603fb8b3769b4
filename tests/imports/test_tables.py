"""Tables of songs, as programs and people write them."""

from __future__ import annotations

import json

import pytest

from sfa.errors import CODES, Refused
from sfa.imports.sources import tables
from sfa.imports.sources.tables import read_table

ID = "A" * 22
TRACK = f"spotify:track:{ID}"


def songs_of(text: str | bytes, name: str = "songs.csv"):
    (held,) = read_table(name, text.encode() if isinstance(text, str) else text)
    assert all(song.skip_code or (song.ref_id and song.url) for song in held.songs)
    assert all(bool(song.skip_code) == bool(song.skip_why) for song in held.songs)
    assert {song.skip_code for song in held.songs} <= {None, *CODES}
    return held.songs


def refusal(text: str | bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        songs_of(text)
    assert "“songs.csv”" in str(refused.value)
    assert refused.value.fix
    return refused.value


def said(song):
    return song.title, song.artists, song.album


def test_exportify_tells_everything():
    header = (
        "Track URI,Track Name,Artist URI(s),Artist Name(s),Album URI,Album Name,Album Artist URI(s),"
        "Album Artist Name(s),Album Release Date,Album Image URL,Disc Number,Track Number,"
        "Track Duration (ms),Track Preview URL,Explicit,Popularity,ISRC,Added By,Added At"
    )
    row = (
        f'"{TRACK}","Rain, again","spotify:artist:1, spotify:artist:2","Ada Quill, Bruno Vale",'
        '"spotify:album:3","Field ""Notes""","spotify:artist:1","Ada Quill","2025-11-07",'
        '"https://i.scdn.co/image/x","1","3","215000","","true","35","QZ-SFA-26-00001","spotify:user:x",'
        '"2026-01-05T09:30:00Z"'
    )
    (held,) = read_table("Road Trip.csv", f"{header}\n{row}\n".encode())
    (song,) = held.songs
    assert (held.title, held.via, held.total, held.complete, held.ref.source) == (
        "Road Trip",
        "table",
        1,
        True,
        "table",
    )
    assert held.ref.url == "Road Trip.csv"
    assert said(song) == ("Rain, again", ("Ada Quill", "Bruno Vale"), 'Field "Notes"')
    assert (song.source, song.ref_id, song.url) == ("spotify", ID, f"https://open.spotify.com/track/{ID}")
    assert (song.album_artist, song.released, song.cover_url) == (
        "Ada Quill",
        "2025-11-07",
        "https://i.scdn.co/image/x",
    )
    assert (song.disc, song.number, song.duration_ms, song.isrc) == (1, 3, 215_000, "QZSFA2600001")
    assert song.explicit


def test_a_comma_within_a_name_parts_nobody():
    text = 'Track Name,Artist URI(s),Artist Name(s)\nYonkers,spotify:artist:1,"Tyler, The Creator"\n'
    assert songs_of(text)[0].artists == ("Tyler, The Creator",)
    assert songs_of("Title,Artist\nX,Ada;Bruno")[0].artists == ("Ada", "Bruno")


@pytest.mark.parametrize(
    "header",
    [
        "title,artist,album",
        "Album,Artist,Title",
        "Künstler:in,Titel,Album",
        "ARTISTE,Álbum,Titre",
        "アーティスト,曲名,アルバム",
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_columns_in_any_order_language_and_separator(header, separator):
    order = {"title": 0, "titel": 0, "titre": 0, "曲名": 0, "album": 2, "álbum": 2, "アルバム": 2}
    cells = ("Copper Rain", "Ada Quill", "Field Notes")
    row = [cells[order.get(name.lower(), 1)] for name in header.split(",")]
    text = separator.join(header.split(",")) + "\n" + separator.join(row) + "\n"
    assert [said(song) for song in songs_of(text)] == [("Copper Rain", ("Ada Quill",), "Field Notes")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_ends_of_lines(encoding, end):
    text = end.join(["Title,Artist", "Über Ärger,Zoë", "Nächste,Ängel", ""])
    assert [song.title for song in songs_of(text.encode(encoding))] == ["Über Ärger", "Nächste"]


def test_a_line_for_excel_comes_first():
    assert said(songs_of("sep=;\nTitle;Artist\nEins, zwei;Ada\n")[0])[:2] == ("Eins, zwei", ("Ada",))


def test_words_alone_are_looked_for_and_the_same_words_are_the_same_song():
    one, two, other = songs_of("Title,Artist\nCopper Rain,Ada Quill\ncopper rain,ADA QUILL\nRain,Ada Quill\n")
    assert (one.source, one.skip_code) == ("words", None)
    assert one.ref_id == two.ref_id != other.ref_id
    assert one.url == "https://www.youtube.com/results?search_query=Ada+Quill+Copper+Rain"


@pytest.mark.parametrize(
    "header, value, source, ref_id",
    [
        ("Spotify - id", ID, "spotify", ID),
        ("Spotify URL", f"https://open.spotify.com/intl-de/track/{ID}?si=1", "spotify", ID),
        ("Video ID", "dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ"),
        ("link", "https://youtu.be/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ"),
        ("URL", "https://media.fixture.example/a.mp3", "web", "https://media.fixture.example/a.mp3"),
    ],
)
def test_links_in_a_column_say_which_song_it_is(header, value, source, ref_id):
    (song,) = songs_of(f"{header},Other\n{value},x\n")
    assert (song.source, song.ref_id) == (source, ref_id)
    assert song.title


@pytest.mark.parametrize(
    "text, milliseconds",
    [
        ("3:25", 205_000),
        ("1:02:03", 3_723_000),
        ("205", 205_000),
        ("205000", 205_000),
        ("long", None),
        ("0", None),
    ],
)
def test_lengths_in_any_writing(text, milliseconds):
    assert songs_of(f"Title,Duration\nX,{text}\n")[0].duration_ms == milliseconds


def test_a_line_with_a_fault_keeps_its_place_and_says_which_it_is():
    songs = songs_of(
        "Title,Artist,Link\n"
        '"Two\nlines",Ada,\n'
        "\n"
        ",Ada,\n"
        f",,https://open.spotify.com/album/{ID}\n"
        ",,https://spotify.link/abc\n"
        "Talk,,spotify:episode:AAAAAAAAAAAAAAAAAAAAAA\n"
        "Rain, again,Ada,\n"
        "Last,Ada,https://open.spotify.com/album/x\n"
    )
    assert [(song.position, song.title, song.skip_code, song.skip_why) for song in songs] == [
        (1, "Two lines", None, None),
        (2, "Ada", "bad_table", "Line 5 has no title."),
        (3, songs[2].title, "bad_table", "Line 6 leads to an album, not to a song."),
        (4, songs[3].title, "bad_table", "Line 7 leads to a short link, not to a song."),
        (5, "Talk", "not_music", songs[4].skip_why),
        (6, "Rain", "bad_table", "Line 9 has 4 cells, the first line 3: quote what has a separator in it."),
        (7, "Last", None, None),
    ]


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "is empty"),
        ("Title,Artist\n\n  ,\n", "no song below it"),
        ("Ada Quill - Copper Rain\nBruno Vale - Soft Rain\n", "no column of titles"),
        (
            'Title,Artist\nOne,Ada\n"Two,Ada\nThree,Ada\n',
            "from line 3 on: a cell begins with a quotation mark",
        ),
        ('Title,Artist\nOne,Ada\n"Two" x,Ada\n', "from line 3 on: something stands behind"),
        (b"PK\x03\x04\x00\x00", "no table of text"),
        (f'Title,Artist\nOne,"{"x" * 30_000}"\n', "more than 20,000 letters in line 2"),
        ("[1, 2", "damaged at line 1"),
        ('{"playlists": []}', "neither playlists"),
    ],
)
def test_a_file_that_is_no_table_says_what_is_wrong(text, said):
    error = refusal(text)
    assert error.code == "bad_table"
    assert said in str(error)


def test_a_table_has_an_end(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    assert len(songs_of("Title\n" + "x\n" * 3)) == 3
    assert refusal("Title\n" + "x\n" * 4).code == "too_large"
    monkeypatch.setattr(tables, "MOST_BYTES", 10)
    assert refusal("Title\n" + "x\n" * 4).code == "too_large"


def test_what_spotify_calls_liked_is_one_list():
    data = {"tracks": [{"artist": "Ada", "album": "Field", "track": "Rain", "uri": TRACK}], "albums": []}
    (held,) = read_table("YourLibrary.json", json.dumps(data).encode())
    (song,) = held.songs
    assert (held.title, said(song), song.ref_id) == ("Liked songs", ("Rain", ("Ada",), "Field"), ID)


def test_each_playlist_of_spotifys_data_is_one():
    def item(**what):
        return {"track": None, "episode": None, "localTrack": None, "addedDate": "2024-01-01", **what}

    track = {"trackName": "Rain", "artistName": "Ada", "albumName": "Field", "trackUri": TRACK}
    items = [
        item(track=track),
        item(episode={"episodeName": "On Reverb"}),
        item(localTrack={"uri": "spotify:local:Lena+L:Cellar:Demo%3A+Tape:215"}),
        item(),
    ]
    data = {
        "playlists": [{"name": "One", "items": items}, {"name": "None", "items": []}, {"items": items[:1]}]
    }
    one, two = read_table("Playlist1.json", json.dumps(data).encode())
    assert [(song.title, song.skip_code) for song in one.songs] == [
        ("Rain", None),
        ("On Reverb", "not_music"),
        ("Demo: Tape", None),
        ("Removed from Spotify", "track_removed"),
    ]
    assert said(one.songs[2]) == ("Demo: Tape", ("Lena L",), "Cellar")
    assert (one.title, two.title) == ("One", "Table")
    assert one.ref.id != two.ref.id


@pytest.mark.parametrize("data", ["[]", "{", "[" * 100_000, '{"playlists": [{"items": {}}, 3]}'])
def test_other_data_is_refused(data):
    assert refusal(data).code == "bad_table"


@pytest.mark.parametrize(
    "data", ['{"tracks": [1, null]}', '{"playlists": [{"name": 5, "items": [3, {"track": {"x": 1}}]}]}']
)
def test_entries_of_any_shape_keep_their_place(data):
    assert [(song.position, bool(song.skip_code)) for song in songs_of(data)] == [(1, True), (2, True)]

"""What is the song, what may be, and in which words."""

from __future__ import annotations

import pytest

from sfa.downloads.match import Asked, Candidate, both, clock, doubt, judge

SONG = Asked("Copper Rain", ["Ada Quill"], 205_000)


def found(title="Copper Rain", duration_ms=205_000, score=0.97, **more):
    url = more.pop("url", f"https://www.youtube.com/watch?v={title[:11]}")
    return Candidate(
        url=url,
        provider="youtube-music",
        title=title,
        artists=["Ada Quill"],
        duration_ms=duration_ms,
        score=score,
        **more,
    )


def test_the_same_title_artist_and_length_is_no_doubt():
    assert doubt(SONG, found()) is None


@pytest.mark.parametrize(
    ("seconds", "sure"), [(205 + 4.1, True), (205 - 4.1, True), (205 + 4.2, False), (205 - 4.2, False)]
)
def test_two_hundredths_of_the_length_are_tolerated(seconds, sure):
    assert (doubt(SONG, found(duration_ms=round(1000 * seconds))) is None) == sure


def test_three_seconds_are_tolerated_in_a_short_song():
    short = Asked("Blip", [], 20_000)
    assert doubt(short, found(duration_ms=23_000)) is None
    assert doubt(short, found(duration_ms=23_001)) == "It lasts 0:23, not 0:20."


def test_no_length_is_no_length_to_compare():
    assert doubt(Asked("Copper Rain", ["Ada Quill"], None), found(duration_ms=999_000)) is None
    assert doubt(SONG, found(duration_ms=None)) == "Its length is not known."


@pytest.mark.parametrize(
    "title",
    [
        "Copper Rain (Live in Lisbon)",
        "Copper Rain [Cover by Bruno]",
        "Copper Rain - Karaoke Version",
        "copper rain (sped up)",
        "Copper Rain (slowed + reverb)",
        "Copper Rain (Nightcore)",
        "Copper Rain (Remix)",
        "Copper Rain (Instrumental)",
    ],
)
def test_another_version_is_doubtful_however_alike(title):
    assert doubt(SONG, found(title, score=1.0)).startswith("Its title says that it is ")


@pytest.mark.parametrize("title", ["Live and Let Die", "Oliver's Discovery", "Undercover Alive"])
def test_words_that_the_song_itself_has_are_none_of_a_version(title):
    assert doubt(Asked(title, ["Ada Quill"], 205_000), found(title)) is None


def test_a_remaster_is_the_same_recording():
    assert doubt(SONG, found("Copper Rain (Remastered 2011)")) is None


def test_what_is_only_similar_is_doubtful():
    assert doubt(SONG, found(score=0.79)) == "Its title or its artist is only similar."


def test_best_comes_first():
    sure = found(url="a", score=0.9)
    by_number = found(url="b", score=0.85, isrc=True)
    by_label = found(url="c", score=0.9, verified=True)
    live = found("Copper Rain (Live)", score=1.0, isrc=True, url="d")
    order = [one.candidate.url for one in judge(SONG, [live, sure, by_label, by_number])]
    assert order == ["b", "c", "a", "d"]


def test_a_song_with_its_words_goes_before_the_clean_one():
    asked = Asked("Bad Manners", ["Ada Quill"], 205_000, explicit=True)
    clean = found("Bad Manners", url="clean")
    whole = found("Bad Manners", url="whole", score=0.9, explicit=True)
    assert [one.candidate.url for one in judge(asked, [clean, whole])] == ["whole", "clean"]


def test_both_are_named():
    longer = found(duration_ms=310_000)
    assert both(SONG, longer, doubt(SONG, longer)) == (
        "Asked: “Copper Rain” by Ada Quill, 3:25. Best found: “Copper Rain” by Ada Quill, 5:10."
    )
    live = found("Copper Rain (Live)")
    assert both(SONG, live, doubt(SONG, live)).endswith(" 3:25. Its title says that it is a live recording.")


def test_lengths_are_written_as_players_do():
    assert [clock(ms) for ms in (None, 59_600, 205_000, 3_723_000)] == ["0:00", "1:00", "3:25", "1:02:03"]

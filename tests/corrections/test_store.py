"""Corrections are kept apart, hold over new readings, and everything that depends on them follows."""

from __future__ import annotations

import pytest

from sfa import acts, analysis, corrections
from sfa.corrections import edits
from sfa.corrections.difference import differences
from sfa.errors import NotFound, Refused
from sfa.readings.names import camelot, tonic_name
from sfa.studio import store as studio_store
from tests.corrections.song import Hand, read_again, read_song
from tests.make import add_account, add_track
from tests.runs.test_store import one, rows


@pytest.fixture
async def hand(conn, tmp_path):
    return Hand(conn, *await read_song(conn, tmp_path))


async def headline(hand):
    found = await analysis.headlines(hand.conn, account_id=hand.owner, track_ids=[hand.track])
    return found[hand.track]


def corrected(song):
    return {reading.name for reading in song.effective.by_name.values() if reading.corrected}


async def test_without_corrections_what_was_read_holds(hand):
    song = await hand.song()
    assert song.effective == song.detected
    assert corrected(song) == set()


async def test_tempo_that_is_doubled_takes_the_beats_along(hand):
    before = await hand.song()
    await hand.correct("tempo", do="double")
    song = await hand.song()
    assert [round(tempo.bpm) for tempo in song.effective.tempos] == [240, 120, 60]
    assert len(song.effective.beats) == 2 * len(before.effective.beats) - 1
    assert corrected(song) == {"tempo", "beats"}
    assert song.effective.by_name["tempo"].method == "corrected by hand"
    assert (await headline(hand)).bpm == 240


async def test_doubled_and_halved_is_as_it_was_heard(hand):
    before = await hand.song()
    await hand.correct("tempo", do="double")
    await hand.correct("tempo", do="halve")
    song = await hand.song()
    assert song.effective.beats == before.detected.beats
    assert corrected(song) == {"tempo"}


async def test_even_tempo_stays_where_its_bars_began(hand, tmp_path):
    await hand.correct("tempo", bpm="90", steady="1")
    song = await hand.song()
    assert (song.corrections.anchor_s, song.effective.beats[0].at_s) == (0.0, 0.0)
    assert len(song.effective.beats) == 6


async def test_key_takes_its_camelot_code_along(hand):
    await hand.correct("key", tonic="F#", mode="minor")
    song = await hand.song()
    assert (song.effective.keys[0].name, song.effective.keys[0].camelot) == ("F# minor", "11A")
    assert song.effective.keys[0].tuning_hz == 440.0
    assert [key.name for key in song.effective.keys[1:]] == ["A minor", "C major", "D minor"]
    found = await headline(hand)
    assert (found.tonic, found.mode, found.camelot) == ("F#", "minor", "11A")


@pytest.mark.parametrize("mode", ["major", "minor"])
async def test_every_key_has_the_code_that_the_readings_give_it(hand, mode):
    for pitch in range(12):
        await hand.correct("key", tonic=tonic_name(pitch, mode), mode=mode)
        assert (await headline(hand)).camelot == camelot(pitch, mode)


async def test_metre_and_downbeat_count_the_bars_anew(hand):
    await hand.correct("metre", beats_per_bar="3")
    await hand.correct("downbeat", at_s="0:00.480")
    song = await hand.song()
    assert [beat.position for beat in song.effective.beats[:5]] == [3, 1, 2, 3, 1]
    assert song.effective.beats_per_bar == 3


async def test_nudges_add_up_and_take_the_downbeat_along(hand):
    await hand.correct("downbeat", at_s="0.5")
    for ms in (10, 10, 1, -1):
        await hand.correct("beats", ms=ms)
    song = await hand.song()
    assert [beat.at_s for beat in song.effective.beats[:2]] == pytest.approx([0.02, 0.52])
    assert [beat.position for beat in song.effective.beats[:2]] == [4, 1]


async def test_nudge_before_the_start_loses_no_more_than_the_first_beat(hand):
    await hand.correct("beats", ms=-10)
    song = await hand.song()
    assert song.effective.beats[0].at_s == pytest.approx(0.49)


async def test_beat_and_tempo_make_an_even_grid(hand):
    await hand.correct("beats", at_s="1.1", bpm="150")
    song = await hand.song()
    assert 1.1 in [beat.at_s for beat in song.effective.beats]
    assert (await headline(hand)).bpm == 150


async def test_sections_of_one_name_repeat_each_other(hand):
    form = {"start": ["0", "1", "2"], "label": ["Verse", "Chorus", "verse"], "end": "4"}
    await hand.correct("sections", **form)
    song = await hand.song()
    assert [section.group_n for section in song.effective.sections] == [0, 1, 0]
    assert [section.end_s for section in song.effective.sections] == [1, 2, 4]


async def test_corrections_survive_another_analysis(hand, conn, tmp_path):
    await hand.correct("tempo", do="double")
    await hand.correct("key", tonic="C", mode="major")
    await hand.correct("chords", start=["0", "1"], label=["Am7", "N"], end="4")
    before = await hand.song()
    await read_again(conn, tmp_path, hand.track, bpm=240.0, key=("D", "minor", "7A"))
    song = await hand.song()
    assert song.detected.tempos[0].bpm == 240
    assert [beat.at_s for beat in song.effective.beats][:4] == [0, 0.25, 0.5, 0.75]
    assert song.effective.keys[0] == before.effective.keys[0]
    assert song.effective.chords == before.effective.chords


async def test_restoring_brings_back_what_was_detected(hand):
    before = await hand.song()
    for what, form in [
        ("tempo", {"bpm": 100}),
        ("beats", {"at_s": "0.1"}),
        ("downbeat", {"at_s": "1"}),
        ("metre", {"beats_per_bar": 3}),
        ("key", {"tonic": "C", "mode": "major"}),
        ("chords", {"start": ["0"], "label": ["C"], "end": "4"}),
        ("sections", {"start": ["0"], "label": ["All"], "end": "4"}),
    ]:
        await hand.correct(what, **form)
    for what in edits.EDITS:
        await hand.restore(what)
    assert (await hand.song()).effective == before.effective
    assert await hand.restore("key") is None


async def test_corrections_are_undone_in_any_order(hand):
    first = await hand.correct("tempo", do="double")
    second = await hand.correct("metre", beats_per_bar="3")
    third = await hand.correct("chords", start=["0"], label=["C"], end="4")
    undone = await acts.undo(hand.conn, account_id=hand.owner, act_id=first)
    assert undone.words == "Undone: Doubled the tempo of “Song”"
    song = await hand.song()
    assert (song.corrections.tempo, song.corrections.beats_per_bar, len(song.corrections.chords)) == (
        None,
        3,
        1,
    )
    for act in (third, second):
        await acts.undo(hand.conn, account_id=hand.owner, act_id=act)
    song = await hand.song()
    assert song.effective == song.detected


async def test_undo_of_what_was_corrected_again_is_refused(hand):
    first = await hand.correct("key", tonic="C", mode="major")
    await hand.correct("key", tonic="G", mode="major")
    with pytest.raises(Refused, match=r"The key was changed since \(tonic\), so nothing was changed"):
        await acts.undo(hand.conn, account_id=hand.owner, act_id=first)


async def test_what_changes_nothing_is_no_act(hand):
    await hand.correct("key", tonic="C", mode="major")
    assert await hand.correct("key", tonic="C", mode="major", seen=0) is None
    assert len(await acts.newest(hand.conn, account_id=hand.owner, limit=9)) == 1


async def test_second_of_two_writers_is_refused_and_shown_both(hand):
    seen = (await hand.song()).version("grid")
    await hand.correct("tempo", bpm="100", seen=seen)
    with pytest.raises(corrections.Clash) as clash:
        await hand.correct("tempo", do="double", seen=seen)
    shown = differences(clash.value.song, clash.value.part, clash.value.mine)
    assert [(one.what, one.mine, one.theirs) for one in shown] == [("Tempo", ["200 BPM"], ["100 BPM"])]
    assert (await hand.song()).corrections.tempo.bpm == 100


async def test_two_who_write_different_parts_do_not_meet(hand):
    song = await hand.song()
    await hand.correct("tempo", bpm="100", seen=song.version("grid"))
    await hand.correct("key", tonic="C", mode="major", seen=song.version("key"))
    assert corrected(await hand.song()) == {"tempo", "beats", "key"}


async def test_undo_is_a_change_that_a_writer_has_to_have_seen(hand):
    act = await hand.correct("key", tonic="C", mode="major")
    seen = (await hand.song()).version("key")
    await acts.undo(hand.conn, account_id=hand.owner, act_id=act)
    assert (await hand.song()).version("key") > seen
    with pytest.raises(corrections.Clash):
        await hand.correct("key", tonic="G", mode="major", seen=seen)


async def test_difference_of_lists_shows_only_what_differs(hand):
    labels = ["Am", "F", "C", "G"]
    starts = ["0", "1", "2", "3"]
    seen = (await hand.song()).version("chords")
    await hand.correct("chords", start=starts, label=labels, end="4", seen=seen)
    with pytest.raises(corrections.Clash) as clash:
        await hand.correct("chords", start=starts, label=["Am", "F", "Cm", "G"], end="4", seen=seen)
    shown = differences(clash.value.song, "chords", clash.value.mine)
    assert [(one.what, one.mine, one.theirs) for one in shown] == [
        ("Around 0:02", ["0:02.000 Cm"], ["0:02.000 C"])
    ]


async def test_pages_hear_of_a_correction_and_of_its_undo(hand, conn):
    async def heard():
        await conn.execute("savepoint here")
        found = await studio_store.changed(conn, await one(conn, "select pg_current_xact_id()::text::bigint"))
        await conn.execute("release here")
        return hand.track in {change.track_id for change in found}

    await conn.execute("alter table tracks disable trigger touch")
    await conn.execute("update tracks set xid = '3'")
    await conn.execute("alter table tracks enable trigger touch")
    assert not await heard()
    await hand.correct("key", tonic="C", mode="major")
    assert await heard()


async def test_lists_are_searched_by_what_holds(hand, conn):
    await hand.correct("tempo", bpm="150")
    await hand.correct("key", tonic="F#", mode="minor")
    question = "select bpm, tonality = sfa.tonality('11A') from listings where track_id = %s"
    assert await one(conn, question, hand.track) == (150, True)


async def test_deleted_track_takes_its_corrections_along(hand, conn):
    await hand.correct("key", tonic="C", mode="major")
    await hand.correct("chords", start=["0"], label=["C"], end="4")
    await conn.execute("delete from tracks where id = %s", [hand.track])
    assert await rows(conn, "select part from correction_versions") == []


async def test_songs_of_somebody_else_do_not_exist(hand):
    stranger = Hand(hand.conn, hand.track, await add_account(hand.conn))
    with pytest.raises(NotFound):
        await stranger.song()
    with pytest.raises(NotFound):
        await stranger.correct("key", seen=0, tonic="C", mode="major")
    with pytest.raises(NotFound):
        await corrections.readings_of_track(hand.conn, account_id=stranger.owner, track_id=hand.track)


async def test_song_that_was_not_read_yet_is_not_corrected(conn, hand):
    unread = Hand(conn, await add_track(conn), hand.owner)
    for what, form in [
        ("tempo", {"bpm": 100}),
        ("key", {"tonic": "C", "mode": "major"}),
        ("beats", {"ms": 10}),
    ]:
        with pytest.raises(Refused, match="not been read yet"):
            await unread.correct(what, **form)


async def test_what_cannot_be_corrected_is_not_found(hand):
    with pytest.raises(NotFound):
        await hand.correct("loudness", seen=0)


@pytest.mark.parametrize(
    ("what", "form", "sentence"),
    [
        ("tempo", {"bpm": "500"}, "500 beats a minute is not a tempo"),
        ("tempo", {"bpm": ""}, "Nothing was written"),
        ("beats", {"ms": "2000"}, "cannot be moved by that much"),
        ("beats", {"at_s": "7"}, "behind the end of the song"),
        ("beats", {}, "Nothing was written"),
        ("downbeat", {"at_s": ""}, "no time in the field"),
        ("key", {"tonic": "C"}, "is not a key"),
        ("chords", {"start": ["0"], "label": ["C9"], "end": "4"}, "Row 1: “C9” is not a chord"),
        ("sections", {"start": ["0", "1"], "label": ["A", ""], "end": "4"}, "Row 2: A section has no name"),
        ("sections", {}, "There is not one row left"),
    ],
)
async def test_what_cannot_be_is_said_in_words(hand, what, form, sentence):
    with pytest.raises(Refused, match=sentence):
        await hand.correct(what, **form)


async def test_tempo_is_not_doubled_out_of_what_can_be_counted(hand):
    await hand.correct("tempo", do="double")
    with pytest.raises(Refused, match="480 beats a minute"):
        await hand.correct("tempo", do="double")

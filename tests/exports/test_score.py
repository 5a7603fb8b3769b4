"""The readings as MIDI, read back: bars on the downbeats of the sound, wherever the first beat is."""

from __future__ import annotations

import io

import mido
import pytest

from sfa.analysis.rows import Beat, Chord, Readings, Section, Tempo
from sfa.exports.score import CLICK_CHANNEL, TICKS_PER_BEAT, notes_of, score_of


def beats(first_s: float, count: int, beat_s: float = 0.5, position: int = 1, bar: int = 4) -> list[Beat]:
    """Beats that a player would play: never quite even."""
    return [
        Beat(first_s + n * beat_s + 0.003 * ((n * 7) % 5 - 2) * (n > 0), (position - 1 + n) % bar + 1)
        for n in range(count)
    ]


class Heard:
    """A MIDI file as a sequencer plays it: every message at its second."""

    def __init__(self, data: bytes) -> None:
        self.file = mido.MidiFile(file=io.BytesIO(data), charset="utf-8")
        tempos, tick = [], 0
        for message in self.file.tracks[0]:
            tick += message.time
            if message.type == "set_tempo":
                tempos.append((tick, message.tempo))
        self.tempos = tempos

    def at_s(self, tick: int) -> float:
        seconds = 0.0
        ends = [*(place for place, _ in self.tempos[1:]), None]
        for (place, tempo), end in zip(self.tempos, ends, strict=True):
            if tick <= place:
                break
            until = tick if end is None else min(tick, end)
            seconds += (until - place) * tempo / 1e6 / TICKS_PER_BEAT
        return seconds

    def events(self, track: int, kind: str) -> list[tuple[int, mido.Message]]:
        tick, found = 0, []
        for message in self.file.tracks[track]:
            tick += message.time
            if message.type == kind:
                found.append((tick, message))
        return found

    @property
    def bar_lines(self) -> set[int]:
        """Ticks at which a sequencer draws a bar, as the time signatures say."""
        signatures = self.events(0, "time_signature")
        end = max(tick for tick, _ in self.events(0, "end_of_track"))
        lines: set[int] = set()
        for (tick, one), following in zip(
            signatures, [*(t for t, _ in signatures[1:]), end + 1], strict=True
        ):
            length = one.numerator * TICKS_PER_BEAT * 4 // one.denominator
            assert following == end + 1 or (following - tick) % length == 0, "a signature inside a bar"
            lines |= set(range(tick, following, length))
        return lines


def heard(readings: Readings, duration_s: float = 30.0) -> Heard:
    return Heard(score_of(readings, title="Song", duration_s=duration_s))


@pytest.mark.parametrize("first_s", [0.0, 0.003, 0.011, 0.06, 0.2, 0.49, 0.5, 1.3, 12.37])
@pytest.mark.parametrize(("bar", "position"), [(4, 1), (4, 4), (3, 2), (7, 5)])
def test_beats_are_at_their_seconds_and_downbeats_on_bars(first_s, bar, position):
    played = beats(first_s, 40, position=position, bar=bar)
    found = heard(Readings(beats=played, beats_per_bar=bar))
    clicks = found.events(2, "note_on")
    lines = found.bar_lines
    assert len(clicks) == len(played)
    for (tick, message), beat in zip(clicks, played, strict=True):
        # Less than 8 ms before the first beat is the one thing that no tempo can say.
        slack = 0.008 if beat is played[0] and first_s < 0.008 else 1e-6
        assert found.at_s(tick) == pytest.approx(beat.at_s, abs=slack)
        if beat.position == 1 or beat.at_s > next(one.at_s for one in played if one.position == 1):
            assert (tick in lines) == (beat.position == 1)
        assert message.channel == CLICK_CHANNEL
        assert (message.note == 76) == (beat.position == 1)


@pytest.mark.parametrize("first_s", [0.011, 0.06, 0.2, 0.49, 1.3, 12.37])
def test_lead_in_has_a_tempo_that_sequencers_have(first_s):
    found = heard(Readings(beats=beats(first_s, 8), beats_per_bar=4))
    assert all(20 < 6e7 / tempo < 800 for _, tempo in found.tempos)


def test_three_hours_of_beats_do_not_drift():
    played = beats(0.731, 21_000, beat_s=0.5142857)
    found = heard(Readings(beats=played, beats_per_bar=4), 10_900)
    seconds = tick_before = 0.0
    tempos = iter([*found.tempos, (1 << 40, 0)])
    (place, tempo), following = next(tempos), next(tempos)
    for (tick, _), beat in zip(found.events(2, "note_on"), played, strict=True):
        while following[0] <= tick:
            seconds += (following[0] - tick_before) * tempo / 1e6 / TICKS_PER_BEAT
            tick_before, (place, tempo), following = following[0], following, next(tempos)
        assert place == tick
        assert seconds == pytest.approx(beat.at_s, abs=1e-6)


def test_bar_of_another_length_gets_its_signature_and_the_next_its_own():
    positions = [1, 2, 3, 4, 1, 2, 1, 2, 3, 4, 1, 2, 3, 4, 1]
    played = [Beat(0.5 + n * 0.5, position) for n, position in enumerate(positions)]
    found = heard(Readings(beats=played, beats_per_bar=4))
    downbeats = {tick for (tick, message) in found.events(2, "note_on") if message.note == 76}
    assert downbeats <= found.bar_lines
    assert [one.numerator for _, one in found.events(0, "time_signature")] == [1, 4, 2, 4]


def test_chords_sound_while_they_last_and_are_named():
    chords = [Chord(0.5, 2.5, "Am", 0.9), Chord(2.5, 3.0, "N", 0.9), Chord(3.0, 4.5, "F#maj7", 0.9)]
    found = heard(Readings(beats=beats(0.5, 20), beats_per_bar=4, chords=chords))
    markers = [(found.at_s(tick), message.text) for tick, message in found.events(1, "marker")]
    assert [text for _, text in markers] == ["Am", "N", "F#maj7"]
    assert [at_s for at_s, _ in markers] == pytest.approx([0.5, 2.5, 3.0], abs=0.0006)
    on = [(found.at_s(tick), message.note) for tick, message in found.events(1, "note_on")]
    off = [(found.at_s(tick), message.note) for tick, message in found.events(1, "note_off")]
    assert [note for _, note in on] == [57, 60, 64, 54, 58, 61, 65]
    assert sorted(note for _, note in off) == sorted(note for _, note in on)
    assert [at_s for at_s, _ in off] == pytest.approx([2.5] * 3 + [4.5] * 4, abs=0.0006)


def test_sections_are_markers_in_any_script():
    sections = [Section(0.0, 4.0, "Вступ 🎸", 0, 0.9), Section(4.0, 9.0, "Chorus", 1, 0.9)]
    found = heard(Readings(beats=beats(0.5, 20), beats_per_bar=4, sections=sections))
    assert [(round(found.at_s(tick), 3), one.text) for tick, one in found.events(0, "marker")] == [
        (0.0, "Вступ 🎸"),
        (4.0, "Chorus"),
    ]


def test_without_beats_the_tempo_holds_and_is_said_to_be_no_grid():
    found = heard(Readings(tempos=[Tempo(90, 0.9)], chords=[Chord(1.0, 2.0, "C", 0.9)]))
    assert [round(6e7 / tempo) for _, tempo in found.tempos] == [90]
    assert not found.events(2, "note_on")
    assert "no beats" in found.events(0, "text")[0][1].text
    assert found.at_s(found.events(1, "note_on")[0][0]) == pytest.approx(1.0, abs=0.001)


def test_file_is_as_long_as_the_song():
    found = heard(Readings(beats=beats(0.5, 20), beats_per_bar=4), 42.0)
    assert found.at_s(found.events(0, "end_of_track")[0][0]) == pytest.approx(42.0, abs=0.001)


def test_chord_that_follows_itself_ends_before_it_begins():
    chords = [Chord(0.0, 1.0, "C", 0.9), Chord(1.0, 2.0, "C", 0.9)]
    found = heard(Readings(beats=beats(0.5, 20), beats_per_bar=4, chords=chords))
    kinds = [message.type for message in found.file.tracks[1] if message.type.startswith("note")]
    assert kinds == ["note_on"] * 3 + ["note_off"] * 3 + ["note_on"] * 3 + ["note_off"] * 3


@pytest.mark.parametrize(
    ("label", "notes"),
    [
        ("C", [48, 52, 55]),
        ("B♭m", [58, 61, 65]),
        ("Cb", [59, 63, 66]),
        ("Gsus4", [55, 60, 62]),
        ("Am/E", [40, 57, 60, 64]),
        ("Dm11", [50, 53, 57]),
        ("E5", [52, 59]),
        ("N", []),
        ("", []),
        ("Hm", []),
    ],
)
def test_chord_is_played_as_it_is_written(label, notes):
    assert notes_of(label) == notes

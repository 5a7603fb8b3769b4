from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sfa.demo import DemoSong, song, write
from sfa.demo.theory import PITCH_NAMES, Chord
from tests.demo.listening import between, chroma, rms_db


def test_the_song_has_its_exact_length_in_stereo(demo: DemoSong) -> None:
    assert demo.samples.shape == (3_307_500, 2)
    assert demo.samples.dtype == np.float32
    assert demo.sample_rate == 44100


def test_the_song_is_the_same_to_the_bit_at_every_call(demo: DemoSong) -> None:
    again = song()
    assert hashlib.sha256(again.samples).digest() == hashlib.sha256(demo.samples).digest()
    assert all(np.array_equal(again.stems[name], demo.stems[name]) for name in demo.stems)


def test_stems_add_up_to_the_mix_to_the_bit(demo: DemoSong, waltz: DemoSong) -> None:
    for recording in (demo, waltz):
        assert list(recording.stems) == ["drums", "bass", "guitar", "keys", "vocals"]
        assert np.array_equal(sum(recording.stems.values()), recording.samples)
        assert list(recording.four_stems()) == ["drums", "bass", "other", "vocals"]
        assert np.array_equal(sum(reversed(recording.four_stems().values())), recording.samples)


def test_nothing_clips_and_every_sample_is_a_number(demo: DemoSong, waltz: DemoSong) -> None:
    for recording in (demo, waltz):
        for sound in (recording.samples, *recording.stems.values()):
            assert np.isfinite(sound).all()
            assert np.abs(sound).max() < 0.99


def test_the_song_is_as_loud_as_it_should_be_and_every_stem_is_heard(demo: DemoSong, waltz: DemoSong) -> None:
    for recording in (demo, waltz):
        assert -17.5 < rms_db(recording.samples) < -14
        assert all(-32 < rms_db(stem) < -16 for stem in recording.stems.values())
        assert np.abs(recording.samples.mean(axis=0)).max() < 1e-3


def test_the_song_rings_out_and_ends_in_silence(demo: DemoSong, waltz: DemoSong) -> None:
    for recording in (demo, waltz):
        assert rms_db(recording.samples[-44100:]) > -70
        assert np.abs(recording.samples[-441:]).max() < 1e-3


def test_the_image_is_wide_and_bass_and_lead_stay_in_the_middle(demo: DemoSong) -> None:
    def width(sound: np.ndarray) -> float:
        return rms_db(sound[:, 0] - sound[:, 1]) - rms_db(sound[:, 0] + sound[:, 1])

    assert width(demo.stems["bass"]) < -60
    assert width(demo.stems["vocals"]) < -7
    assert -8 < width(demo.stems["guitar"]) < 0
    assert -20 < width(demo.samples) < -6


def test_chords_sound_when_the_truth_says_so(demo: DemoSong, waltz: DemoSong) -> None:
    for recording in (demo, waltz):
        pitched = (recording.samples - recording.stems["drums"]).mean(axis=1)
        exact = 0
        for start_s, end_s, label in recording.truth.chords:
            name = label[:2] if label[1:2] == "#" else label[0]
            triad = list(Chord(PITCH_NAMES.index(name), label.removeprefix(name)).tones[:3])
            heard = chroma(between(pitched, start_s, end_s), recording.truth.tuning_hz)
            assert heard[triad].sum() > 0.5 * heard.sum()
            exact += set(np.argsort(heard)[-3:]) == set(triad)
        assert exact >= 0.75 * len(recording.truth.chords)


def test_sections_that_return_sound_alike_and_differ_from_others(demo: DemoSong) -> None:
    def look(span: tuple[float, float, str]) -> np.ndarray:
        mono = between(demo.samples, span[0], span[0] + 8.1).mean(axis=1)
        levels = np.log(
            np.abs(np.fft.rfft(mono))[1:].reshape(-1)[: 8 * 1000 * 20].reshape(-1, 200).mean(axis=1)
        )
        return levels - levels.mean()

    _, verse, chorus, _, chorus_again, _ = (look(span) for span in demo.truth.sections)
    assert np.corrcoef(chorus, chorus_again)[0, 1] > np.corrcoef(chorus, verse)[0, 1] + 0.02


@pytest.mark.parametrize("suffix", [".flac", ".wav"])
def test_the_written_file_is_the_song_without_loss_and_knows_its_title(
    demo: DemoSong, tmp_path: Path, suffix: str
) -> None:
    path = write(tmp_path / f"demo{suffix}", demo)
    with soundfile.SoundFile(path) as file:
        assert (file.title, file.artist) == ("Lead to Gold", "Sound Forge Alchemy")
        assert np.array_equal(file.read(dtype="float32"), demo.samples)
    assert list(tmp_path.iterdir()) == [path]


def test_copies_are_laid_end_to_end(waltz: DemoSong, tmp_path: Path) -> None:
    path = write(tmp_path / "long.flac", waltz, times=3)
    assert soundfile.info(path).frames == 3 * len(waltz.samples)


def test_other_formats_are_refused_in_words(waltz: DemoSong, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"not as 'demo\.mp3'"):
        write(tmp_path / "demo.mp3", waltz)
    assert list(tmp_path.iterdir()) == []


def test_recordings_cannot_be_changed_by_accident(demo: DemoSong) -> None:
    with pytest.raises(ValueError, match="read-only"):
        demo.samples[0, 0] = 1

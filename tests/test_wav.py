"""Heads of WAV files that nobody goes back to: right for any reader, beyond 4 GiB too."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from sfa import wav

TAGS = {"title": "Ü 🎸", "artist": "x", "album": None, "comment": "odd"}


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [0, 1, 1000])
def test_file_is_read_back_with_its_tags(tmp_path, frames, channels, bits):
    data = np.arange(frames * channels * bits // 8, dtype=np.uint8).tobytes()
    about = {"frames": frames, "rate_hz": 48_000, "channels": channels, "bits": bits, "tags": TAGS}
    path = tmp_path / "a.wav"
    path.write_bytes(wav.head(**about) + data + b"\0" * (len(data) % 2))
    assert path.stat().st_size == wav.size(**about)
    with soundfile.SoundFile(path) as file:
        assert (file.frames, file.channels, file.samplerate) == (frames, channels, 48_000)
        assert file.subtype == f"PCM_{bits}"
        assert file.title == "Ü 🎸"


def test_more_than_4_gib_is_rf64(tmp_path):
    """A file with a hole: a day of silence takes no room."""
    about = {"frames": 44_100 * 86_400, "rate_hz": 44_100, "channels": 2, "bits": 24}
    path = tmp_path / "day.wav"
    with path.open("wb") as file:
        file.write(wav.head(**about))
        file.truncate(wav.size(**about))
    with soundfile.SoundFile(path) as file:
        assert file.format == "RF64"
        assert file.frames == about["frames"]
        file.seek(about["frames"] - 1)
        assert len(file.read(5)) == 1

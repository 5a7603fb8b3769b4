"""What is drawn anew and what is left out: files as they come, and files made to do harm."""

from __future__ import annotations

import subprocess

import pytest

from sfa.children.decode import decode
from sfa.sound.attached import attached
from sfa.sound.pictures import BadPicture, redraw, size_of
from tests.covers.pictures import AT_ONCE, claiming, id3, picture, song


def colour_of(jpeg):
    """The mean red, green and blue of a picture."""
    raw = subprocess.run(
        [
            *AT_ONCE,
            "-f",
            "jpeg_pipe",
            "-i",
            "-",
            "-vf",
            "scale=1:1",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-",
        ],
        input=jpeg,
        capture_output=True,
        check=True,
    ).stdout
    return tuple(raw)


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "gif"])
def test_a_picture_of_any_kind_becomes_a_jpeg_in_two_sizes(tmp_path, kind):
    drawn = redraw(picture(tmp_path / f"a.{kind}"), tmp_path)
    data = drawn.path.read_bytes()
    assert data.startswith(b"\xff\xd8\xff")
    assert (drawn.width, drawn.height) == (600, 300) == size_of(data)
    assert size_of(drawn.small) == (96, 96)
    assert drawn.bytes == len(data)
    red, green, blue = colour_of(data)
    assert red > 230
    assert max(green, blue) < 25


def test_a_small_picture_is_not_blown_up(tmp_path):
    drawn = redraw(picture(tmp_path / "a.png", "50x40"), tmp_path)
    assert (drawn.width, drawn.height) == (50, 40)


def test_what_a_camera_wrote_into_a_picture_is_gone(tmp_path):
    data = picture(tmp_path / "a.jpg").read_bytes()
    secret = b"Exif\0\0taken at home"
    marked = data[:2] + b"\xff\xe1" + (len(secret) + 2).to_bytes(2, "big") + secret + data[2:]
    (tmp_path / "b.jpg").write_bytes(marked)
    assert b"taken at home" not in redraw(tmp_path / "b.jpg", tmp_path).path.read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "no picture"),
        (b"<!doctype html><script>alert(1)</script>", "no picture"),
        (b"", "no picture"),
        (b"\xff\xd8\xff\xe0 and nothing more", "damaged"),
        (b"GIF89a", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
        (claiming(60_000, 60_000), "million pixels"),
        (claiming(16_000, 16_000), "million pixels"),
        (claiming(100, 100), "damaged"),
        (b"#EXTM3U\nhttp://localhost/secret\n", "no picture"),
    ],
)
def test_what_is_no_honest_picture_is_refused_with_a_sentence(tmp_path, content, said):
    (tmp_path / "cover.jpg").write_bytes(content)
    with pytest.raises(BadPicture, match=said):
        redraw(tmp_path / "cover.jpg", tmp_path)


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_a_picture_that_breaks_off_is_refused(tmp_path, kind):
    whole = picture(tmp_path / f"a.{kind}", "900x900").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadPicture, match="damaged"):
        redraw(tmp_path / "cut", tmp_path)


@pytest.mark.parametrize(("kind", "cover"), [("mp3", "jpg"), ("flac", "png"), ("m4a", "jpg")])
def test_a_file_of_sound_gives_its_cover_its_year_and_its_genre(tmp_path, kind, cover):
    made = song(
        tmp_path / f"a.{kind}", picture(tmp_path / f"c.{cover}"), genre="Dub Techno", date="1997-05-02"
    )
    found = attached(made, tmp_path)
    assert (found.year, found.genre, found.left_out) == (1997, "Dub Techno", None)
    assert found.cover is not None
    assert (found.cover.width, found.cover.height) == (600, 300)


def test_a_file_without_any_carries_nothing(tmp_path):
    found = attached(song(tmp_path / "a.wav"), tmp_path)
    assert (found.year, found.genre, found.cover, found.left_out) == (None, None, None, None)


def test_the_pictures_of_a_film_are_no_cover(tmp_path):
    film = tmp_path / "a.mp4"
    made = ["-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-f", "lavfi", "-i", "sine=d=1", str(film)]
    subprocess.run([*AT_ONCE, *made], check=True)
    assert attached(film, tmp_path).cover is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (claiming(60_000, 60_000), b"image/png"),
        (b"<svg onload='alert(1)'></svg>", b"image/svg+xml"),
        (b"<html>", b"image/jpeg"),
        (b"", b"image/jpeg"),
    ],
)
def test_a_hostile_picture_is_left_out_and_the_sound_is_taken(tmp_path, content, kind):
    sound = song(tmp_path / "plain.mp3").read_bytes()
    (tmp_path / "a.mp3").write_bytes(id3(content, sound, kind))
    facts = decode(
        {"source": str(tmp_path / "a.mp3"), "name": "a.mp3", "work": str(tmp_path)}, lambda done, note: None
    )
    assert facts["frames"] > 40_000
    assert facts["cover"] is None


def test_an_enormous_picture_in_an_m4a_does_not_keep_its_sound_from_being_read(tmp_path):
    (tmp_path / "big.png").write_bytes(claiming(30_000, 30_000))
    whole = song(tmp_path / "a.m4a", picture(tmp_path / "c.png", "64x64")).read_bytes()
    at = whole.index(b"IHDR") + 4
    (tmp_path / "a.m4a").write_bytes(whole[:at] + (20_000).to_bytes(4, "big") * 2 + whole[at + 8 :])
    facts = decode(
        {"source": str(tmp_path / "a.m4a"), "name": "a", "work": str(tmp_path)}, lambda done, note: None
    )
    assert facts["cover"] is None
    assert facts["frames"] > 40_000

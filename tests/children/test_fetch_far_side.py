"""Reasons in the words of yt-dlp, spotdl and ytmusicapi become codes of ours, and sentences."""

from __future__ import annotations

import errno
from itertools import pairwise

import pytest

from sfa.children import far_side
from sfa.children.far_side import Meaning, meaning, why
from sfa.errors import CODES


def meant(*chain, heard=()):
    """Of exceptions from the outside in."""
    for outer, inner in pairwise(chain):
        outer.__cause__ = inner
    found = meaning(chain[0], heard, ffmpeg="/bin/ffmpeg")
    return found and found.code


def spotdl_says(error):
    return meant(RuntimeError("YT-DLP download error - https://www.youtube.com/watch?v=abc"), error)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Sign in to confirm you’re not a bot. Use --cookies", "source_rate_limited"),
        ("Unable to download API page: HTTP Error 429: Too Many Requests", "source_rate_limited"),
        ("Server returned HTTP 429: Too Many Requests.", "source_rate_limited"),
        (
            "Video unavailable. It contains content from SME, who has blocked it in your country",
            "source_region",
        ),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", "source_age"),
        ("Private video. Sign in if you've been granted access to this video", "source_private"),
        ("Join this channel to get access to members-only content like this video", "source_private"),
        ("This video is available to this channel's members on level: Fan", "source_private"),
        ("This video requires payment to watch.", "source_private"),
        ("This live event will begin in a few moments.", "live_stream"),
        ("Premieres in 5 hours", "live_stream"),
        ("This video is DRM protected", "protected"),
        ("Video unavailable. This video has been removed by the uploader", "source_removed"),
        ("The account associated with this video has been terminated.", "source_removed"),
        ("Unable to download webpage: HTTP Error 410: Gone", "source_removed"),
        ("unable to download video data: HTTP Error 403: Forbidden", "source_forbidden"),
        ("Unable to download webpage: HTTP Error 502: Bad Gateway", "upstream"),
        ("Only images are available for download. use --list-formats to see them", "source_needs_js"),
        ("Unsupported URL: https://media.fixture.example/", "not_audio"),
        ("unable to write data: [Errno 28] No space left on device", "disk_full"),
        ("ffmpeg not found. Please install or provide the path using --ffmpeg-location", "ffmpeg_missing"),
        ("unable to download video data: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed", "tls"),
        ("Got error: ('Connection aborted.', RemoteDisconnected()). Giving up after 3 retries", "network"),
    ],
)
def test_words_have_a_meaning(words, code):
    assert spotdl_says(RuntimeError(f"ERROR: [youtube] abc: {words}")) == code


def test_no_format_is_no_sound_unless_a_script_was_wanted_first():
    none = RuntimeError("Requested format is not available. Use --list-formats for a list")
    assert spotdl_says(none) == "no_sound"
    warned = "n challenge solving failed: Some formats may be missing."
    assert meant(none, heard=["[youtube] abc: Downloading webpage", warned]) == "source_needs_js"


def test_kinds_of_errors_tell_where_words_do_not():
    class MetadataError(Exception): ...

    class FFmpegError(Exception): ...

    class SSLError(OSError): ...

    assert meant(MetadataError("Failed to embed metadata to the song"), KeyError("isrc")) == "tagging"
    assert meant(FFmpegError("Failed to convert")) == "transcode"
    assert meant(RuntimeError("x"), SSLError("x")) == "tls"
    assert meant(RuntimeError("x"), ConnectionResetError()) == "network"
    assert meant(RuntimeError("x"), OSError(errno.ENOSPC, "no space")) == "disk_full"
    assert meant(FileNotFoundError(2, "No such file", "/bin/ffmpeg")) == "ffmpeg_missing"


def test_what_was_heard_counts_where_the_error_says_nothing():
    stumbled = ValueError("Expecting value: line 1 column 1 (char 0)")
    assert meant(stumbled, heard=["HTTP 503 from music.youtube.com"]) == "upstream"
    assert meant(stumbled) is None


def test_what_yt_dlp_keeps_aside_is_read_too():
    class DownloadError(Exception):
        def __init__(self, kept):
            super().__init__("ERROR: it went wrong")
            self.exc_info = (type(kept), kept, None)

    assert meant(DownloadError(TimeoutError("timed out"))) == "network"


@pytest.mark.parametrize("code", [code for code, _ in (*far_side._WORDS, *far_side._KINDS)])
def test_every_meaning_is_in_the_table_and_has_words(code):
    said, fix = why(Meaning(code, "418"), host="YouTube", limit=5 << 20)
    assert code in CODES
    assert said.endswith(".")
    assert fix
    assert not {"{", "}"} & set(said)

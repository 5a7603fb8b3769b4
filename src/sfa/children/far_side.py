"""What a no from the far side means: from a chain of exceptions to a code of ours, a sentence and a way out.

Lies beside `fetch.py` and is loaded by it under the downloader's Python: standard library only. The libraries
give their reasons in words, so words are what is looked for.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_SCRIPT = r"challenge solving|JavaScript runtime"
# The first that is found counts: what is blocked in a country is also called unavailable.
_WORDS = (
    ("source_rate_limited", r"not a bot|HTTP (Error )?429|Too Many Requests|rate-limited|, try again later"),
    ("source_region", r"in your (country|region)|your location|geo.?restrict"),
    ("source_age", r"confirm your age|age.restricted|inappropriate for some users"),
    ("source_private", r"Private video|is private|granted access|members.only|'s members|requires payment"),
    ("live_stream", r"live event will|Premieres in|will begin in"),
    ("protected", r"\bDRM\b"),
    ("too_large", r"max-filesize|File too large"),
    ("disk_full", r"No space left|Disk quota"),
    ("ffmpeg_missing", r"ffmpeg( is)? not (found|installed)|ffprobe and ffmpeg not found"),
    ("source_needs_js", rf"{_SCRIPT}|Only images are|No video formats found"),
    ("source_forbidden", r"HTTP (Error )?40[13]"),
    (
        "source_removed",
        r"Video unavailable|removed|no longer|terminated|not exist|HTTP (Error )?4(04|10)",
    ),
    ("upstream", r"HTTP (Error )?5\d\d"),
    ("not_audio", r"Unsupported URL|not a valid URL|No media found|No video could be found"),
    ("no_sound", r"Requested format is not available"),
    ("empty_file", r"Did not get any data blocks"),
    ("tls", r"CERTIFICATE_VERIFY_FAILED"),
    ("network", r"Connection (aborted|reset|refused|broken)|Giving up after|timed out|Unable to connect"),
)
_KINDS = (
    ("tls", {"SSLError", "CertificateVerifyError"}),
    ("transcode", {"FFmpegError", "PostProcessingError"}),
    ("tagging", {"MetadataError"}),
    ("network", {"TransportError", "IncompleteRead", "ConnectionError", "Timeout", "TimeoutError"}),
)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

_OTHER = "Choose another source for it, or give a link to one."
_WAIT = "It is tried again by itself."
_UPDATE = "bring the downloader up to date: ./sfa setup --update-downloader"
_WHY = {
    "source_rate_limited": ("{host} takes this machine for a robot and wants a pause.", _WAIT),
    "source_region": ("{host} does not play it in this country.", _OTHER),
    "source_age": ("{host} plays it only to adults who have signed in.", _OTHER),
    "source_private": ("{host} plays it only to those whom its owner lets in.", _OTHER),
    "source_removed": ("{host} has it no more, or never had it{status}.", _OTHER),
    "source_forbidden": ("{host} refuses to send it{status}.", f"If it stays so, {_UPDATE}"),
    "source_needs_js": (
        "{host} wants a script to be run first, and that did not work here.",
        f"Install deno or node, and {_UPDATE}",
    ),
    "live_stream": ("it is on the air and has no end.", "Wait until there is a recording of it."),
    "protected": ("it is locked by its shop (DRM).", _OTHER),
    "no_sound": ("it has pictures and no sound.", _OTHER),
    "not_audio": ("there is nothing to hear at this link.", "Give one to sound, or to a page that plays it."),
    "empty_file": ("{host} sent nothing.", _OTHER),
    "too_large": (
        "it is larger than {mb} MB, the most this studio takes.",
        "Take a shorter one, or raise SFA_MAX_UPLOAD_MB.",
    ),
    "network": ("{host} cannot be reached, or the connection broke.", _WAIT),
    "tls": (
        "{host} could not prove who it is.",
        "If a proxy here signs with certificates of its own, set SSL_CERT_FILE, and "
        'SFA_YTDLP_ARGS="--compat-options no-certifi".',
    ),
    "upstream": ("{host} answered with an error{status}.", _WAIT),
    "transcode": ("ffmpeg could not make a sound file of what came.", _OTHER),
    "tagging": ("title and artist could not be written into the file.", _OTHER),
    "disk_full": ("there is no room left on the disk.", "Free some room in the data folder, then try again."),
    "ffmpeg_missing": ("ffmpeg is not on this machine.", "Install ffmpeg, then try again."),
    "downloader_missing": ("the downloader is not installed, or only half.", "./sfa setup --all"),
}


class Meaning(NamedTuple):
    code: str
    status: str = ""  # of HTTP, if there was one


def meaning(error: BaseException, heard: Sequence[str], *, ffmpeg: str) -> Meaning | None:
    """None: it is no answer of the far side, and nothing that a person could mend.

    What was heard on the way counts where the error itself says nothing.
    """
    chain = list(_chain(error))
    if any(isinstance(one, OSError) and one.errno in _NO_ROOM for one in chain):
        return Meaning("disk_full")
    if any(isinstance(one, FileNotFoundError) and one.filename == ffmpeg for one in chain):
        return Meaning("ffmpeg_missing")
    kinds = {kind.__name__ for one in chain for kind in type(one).__mro__}
    of_kind = next((Meaning(code) for code, names in _KINDS if names & kinds), None)
    found = _in(map(str, chain)) or of_kind or _in(heard)
    if found is not None and found.code == "no_sound" and re.search(_SCRIPT, "\n".join(heard), re.IGNORECASE):
        return Meaning("source_needs_js")  # the formats that are missing are those that wanted it
    return found


def _in(lines: Iterable[str]) -> Meaning | None:
    said = "\n".join(lines)
    status = re.search(r"HTTP (?:Error )?(\d{3})", said)
    code = next((code for code, words in _WORDS if re.search(words, said, re.IGNORECASE)), None)
    return Meaning(code, status[1] if status else "") if code else None


def why(found: Meaning, *, host: str, limit: int) -> tuple[str, str]:
    """What goes on after "… could not be fetched: ", and the way out."""
    said, fix = _WHY[found.code]
    status = f" (HTTP {found.status})" if found.status else ""
    return said.format(host=host, status=status, mb=limit >> 20), fix


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """From the outside in. yt-dlp keeps some of what was raised in an attribute."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        kept = getattr(error, "exc_info", None) or (None, None)
        error = error.__cause__ or kept[1] or error.__context__

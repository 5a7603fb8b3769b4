"""Files that ffmpeg has to read: m4a, opus, webm, wma, video with sound, and more than two channels."""

from __future__ import annotations

import re
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sfa.names import clean
from sfa.sound.mix import Samples
from sfa.sound.programs import ffmpeg
from sfa.sound.source import BLOCK_FRAMES, Heading, Undecodable

# Containers of sound and of films. What is not listed cannot be opened: playlists
# and manifests, which name further files and addresses, and still pictures and text,
# which ffmpeg would take for films.
_CONTAINERS = (
    "aac,ac3,adts,aiff,amr,amrnb,amrwb,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,iff,loas,m4a,matroska,"
    "mlp,mov,mp3,mp4,3gp,3g2,mj2,mpc,mpc8,mpeg,mpegts,mxf,nut,oga,ogg,oma,rm,shn,swf,tak,truehd,tta,voc,vqf,"
    "w64,wav,webm,wsd,wtv,wv,xwma"
)
_LOSSLESS = re.compile(
    r"alac|flac|wavpack|tta|ape|tak|truehd|mlp|shorten|wmalossless|dsd_|pcm_(?!mulaw|alaw)"
)
_STREAM = re.compile(r"^\s*Stream #0:\d+\S*: (Audio|Video): (.*)$", re.MULTILINE)
_TAG = re.compile(r"^\s+(title|artist|album) *: (.*)$", re.MULTILINE | re.IGNORECASE)
_DURATION = re.compile(r"^\s+Duration: (\d+):(\d+):([\d.]+)", re.MULTILINE)
_SPEAKERS = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4, "cube": 8, "hexagonal": 6, "octagonal": 8}
# What ffmpeg says when a container ends before its time, and still leaves with success.
_CUT_OFF = re.compile(r"partial file|File ended prematurely|Truncat|Error during demuxing")
# Containers of nothing but sound that keep their exact length in the header.
_SELF_TIMED = {"ape", "dsf", "flac", "mpc", "mpc8", "tak", "tta", "wv"}
_DURATION_SLACK_S = 0.1  # ffmpeg shows hundredths
_PROBE_S = 60
MOST_PIXELS = 50_000_000  # of a picture; more than films have


@dataclass(frozen=True, slots=True)
class Probe:
    """What ffmpeg sees in a file."""

    is_known: bool
    has_sound: bool
    has_pictures: bool
    is_guess: bool  # ffmpeg itself doubts what it sees
    is_protected: bool
    heading: Heading | None
    is_known_layout: bool = True


def probe(path: Path) -> Probe:
    """Look at the head of the file, without decoding it."""
    run = subprocess.run(
        [ffmpeg(), "-hide_banner", "-nostdin", *input_of(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_PROBE_S,
        check=False,
    )
    said = run.stderr.decode("utf-8", "replace")
    streams = _STREAM.findall(said)
    sounds = [line for kind, line in streams if kind == "Audio"]
    return Probe(
        is_known="Input #0" in said,
        has_sound=bool(sounds),
        has_pictures=any(kind == "Video" for kind, _ in streams),
        is_guess="misdetection possible" in said,
        is_protected="DRM protected" in said,
        heading=_heading(said, sounds[0]) if sounds else None,
        is_known_layout=not re.search(r", \d+ channels", sounds[0]) if sounds else True,
    )


def _heading(said: str, line: str) -> Heading | None:
    codec = line.split()[0].strip(",")
    rate = re.search(r"(\d+) Hz, ([^,]+)", line)
    if rate is None or codec in {"none", "unknown"}:
        return None
    is_lossless = bool(_LOSSLESS.match(codec))
    sample_rate = int(rate[1])
    tags: dict[str, str] = {}
    for key, text in _TAG.findall(said):
        tags.setdefault(key.lower(), text)
    duration = _DURATION.search(said)
    length_s = int(duration[1]) * 3600 + int(duration[2]) * 60 + float(duration[3]) if duration else None
    named = re.search(r"Input #0, (\S+), from", said)
    container = _container(named[1] if named else codec)
    return Heading(
        container=container,
        codec=codec,
        sample_rate=sample_rate,
        channels=_channels(rate[2]),
        bits=_bits(line) if is_lossless else None,
        lossy=not is_lossless,
        title=clean(tags.get("title")),
        artist=clean(tags.get("artist")),
        album=clean(tags.get("album")),
        promised_frames=_frames(length_s, sample_rate, _DURATION_SLACK_S)
        if container in _SELF_TIMED
        else None,
        likely_frames=_frames(length_s, sample_rate),
    )


def _frames(length_s: float | None, rate_hz: int, slack_s: float = 0.0) -> int | None:
    return None if length_s is None else max(0, int((length_s - slack_s) * rate_hz))


def _container(names: str) -> str:
    known = names.split(",")
    for wanted in ("mp4", "matroska"):
        if wanted in known:
            return wanted
    return known[0]


def _channels(layout: str) -> int:
    """`stereo`, `5.1(side)`, `7.1.4`, `9 channels`: how many that is."""
    name = layout.split("(")[0].strip().split(" ")
    if name[0] in _SPEAKERS:
        return _SPEAKERS[name[0]]
    return sum(int(part) for part in name[0].split(".") if part.isdigit()) or 2


def _bits(line: str) -> int:
    if exact := re.search(r"\((\d+) bit\)", line):
        return int(exact[1])
    for name, bits in (("dbl", 64), ("flt", 32), ("s32", 32), ("s16", 16), ("u8", 8)):
        if re.search(rf", {name}p?\b", line):
            return bits
    return 16


def input_of(path: Path) -> list[str]:
    """What ffmpeg is told of a file of sound before it opens it."""
    return [
        *("-protocol_whitelist", "file", "-format_whitelist", _CONTAINERS),
        # Attached pictures are decoded even to look at the head, and some claim gigabytes.
        *("-max_pixels", str(MOST_PIXELS)),
        *("-i", f"file:{path.absolute()}"),  # without `file:` a colon in a name would make an address of it
    ]


class FfmpegSource:
    """One file, decoded by an ffmpeg process that writes float32 to a pipe."""

    def __init__(self, path: Path, heading: Heading, *, is_known_layout: bool = True) -> None:
        self.heading = heading
        self._is_known_layout = is_known_layout
        # With speakers that have names ffmpeg mixes down as ITU-R BS.775 says.
        self._width = min(2, heading.channels) if is_known_layout else heading.channels
        self._process = subprocess.Popen(
            [
                *(ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", *input_of(path)),
                *(
                    "-map",
                    "0:a:0",
                    "-vn",
                    "-sn",
                    "-dn",
                    "-ar",
                    str(heading.sample_rate),
                    "-ac",
                    str(self._width),
                ),
                *("-f", "f32le", "-"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._said: deque[bytes] = deque(maxlen=40)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def blocks(self) -> Iterator[Samples]:
        pipe = self._process.stdout
        assert pipe is not None
        width = 4 * self._width
        frames = 0
        while raw := pipe.read(BLOCK_FRAMES * width):
            whole = raw[: len(raw) // width * width]
            block = np.frombuffer(whole, np.float32).reshape(-1, self._width)
            frames += len(block)
            yield block if self._width <= 2 else _fold(block)
        status = self._process.wait()
        self._listener.join(5)
        said = b"".join(self._said).decode("utf-8", "replace")
        if _CUT_OFF.search(said) or (status and frames):
            raise Undecodable("it ends too early there")
        if status:
            raise Undecodable(
                said.strip().splitlines()[-1] if said.strip() else f"ffmpeg left with status {status}"
            )

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join(5)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.append(line)


def _fold(block: Samples) -> Samples:
    """Channels without names: every second one to the left, the others to the right, as averages."""
    return np.stack([block[:, 0::2].mean(axis=1), block[:, 1::2].mean(axis=1)], axis=1)

"""Child: looks for sound on the net and fetches it, under the downloader's Python. `python -I …/fetch.py`.

That Python knows nothing of this package: what the two share lies beside this file, loaded by its place.

Each request says what to `do`, and has `name` (for sentences), `home` (an empty folder for whatever libraries
leave behind), `ffmpeg`, `limit` (bytes of a file), `arguments` (more of yt-dlp's), `cache` (a folder for it).

find   `song` at `provider`
fetch  `song` from `url`, a place that was found, to the folder `out`, as `format` if it is of that form
look   what is at `url`; of a list the first `most`
take   what sounds at `url`, to the folder `out`; a `song` that is not None is written into it
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sfa_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from sfa.children import address, far_side, finding
    from sfa.children.protocol import CannotDo, Report, serve
else:
    address, far_side, finding, protocol = map(_beside, ("address", "far_side", "finding", "protocol"))
    CannotDo, Report, serve = protocol.CannotDo, protocol.Report, protocol.serve

Json = dict[str, Any]

# All that a downloader has to know of the machine; the rest is none of its business, passwords above all.
_ENV = ("PATH", "LANG", "LC_ALL", "TZ", "SFA_PARENT", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # fmt: skip
_ARGUMENTS = shlex.split(
    "--socket-timeout 15 --retries 3 --fragment-retries 3 --extractor-retries 2"
    " --no-playlist --downloader native --js-runtimes node"
)
_TOPIC = " - Topic"  # the channel that YouTube makes of what a label delivers
_GONE = {"[Private video]": "source_private", "[Deleted video]": "source_removed"}
_FOUND, _SAVED = 0.1, 0.95  # of the whole; the rest is to check what came
_NOTES = {
    "Getting audio meta": "asking for the sound",
    "Downloading": "downloading",
    "Converting": "writing the file",
    "Embedding metadata": "writing title and cover",
}


class Heard:
    """What yt-dlp says: for evidence, and for nobody's screen."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def debug(self, line: str) -> None:
        self.lines = [*self.lines[-49:], line]

    warning = error = info = debug


class Desk:
    """One request in hand."""

    def __init__(self, request: Json, report: Report) -> None:
        self.request = request
        self.report = report
        self.heard = Heard()
        self.refused: CannotDo | None = None  # by us, amid libraries that make something else of it

    @property
    def arguments(self) -> list[str]:
        asked = self.request
        places = ["--ffmpeg-location", asked["ffmpeg"], "--cache-dir", asked["cache"]]
        return [*places, "--max-filesize", str(asked["limit"]), *_ARGUMENTS, *shlex.split(asked["arguments"])]

    @property
    def host(self) -> str:
        """What the far side is called."""
        host = urlsplit(self.request.get("url", "")).hostname or ""
        named = host.removeprefix("www.").removeprefix("music.").removeprefix("m.")
        return "YouTube" if named in ("", "youtube.com", "youtu.be") else host

    def refusal(self, found: far_side.Meaning) -> CannotDo:
        done = {"find": "looked for", "look": "looked at"}.get(self.request["do"], "fetched")
        why, fix = far_side.why(found, host=self.host, limit=self.request["limit"])
        return CannotDo(found.code, f"{self.request['name']} could not be {done}: {why}", fix)

    def refuse(self, code: str) -> CannotDo:
        self.refused = self.refusal(far_side.Meaning(code))
        return self.refused

    def meant(self, error: Exception) -> CannotDo | None:
        """What an exception out of a library means for a person, if it means anything."""
        found = far_side.meaning(error, self.heard.lines, ffmpeg=self.request["ffmpeg"])
        return self.refused or (self.refusal(found) if found else None)

    def on_bytes(self, data: Json) -> None:
        """The size that a server tells beforehand may be missing, or a lie."""
        if (data.get("downloaded_bytes") or 0) > self.request["limit"]:
            raise self.refuse("too_large")

    def check(self, info: Json) -> Json:
        """What is known before anything is downloaded. Raises CannotDo when it is nothing to fetch."""
        formats = info.get("formats") or []
        if info.get("is_live") or info.get("live_status") in ("is_live", "is_upcoming", "post_live"):
            raise self.refuse("live_stream")
        if formats and all(one.get("acodec") == "none" for one in formats):
            raise self.refuse("no_sound")
        if (info.get("filesize") or 0) > self.request["limit"]:
            raise self.refuse("too_large")
        return info

    def saved(self, info: Json) -> Json:
        """yt-dlp raises nothing when it leaves a file alone because of its size."""
        file = (info.get("requested_downloads") or [{}])[0].get("filepath")
        if not file or not Path(file).is_file():
            raise RuntimeError("nothing came: " + " ".join(self.heard.lines[-3:]))
        return info


def do(request: Json, report: Report) -> Json:
    desk = Desk(request, report)
    with _at_home(Path(request["home"])):
        try:
            _stand_guard(desk)
            if "url" in request:
                address.check(request["url"])
            return _WORK[request["do"]](desk)
        except ImportError as error:
            raise desk.refuse("downloader_missing") from error
        except address.AddressRefused as error:
            raise CannotDo(error.code, str(error), error.fix) from error
        except Exception as error:
            sys.stderr.write("\n".join([*desk.heard.lines, ""]))
            refusal = error if isinstance(error, CannotDo) else desk.meant(error)
            if refusal is None:
                raise
            raise refusal from _Behind(error)


class _Behind(Exception):
    """Holds what a library raised where the protocol looks for it."""

    def __init__(self, error: Exception) -> None:
        self.__cause__ = error


@contextmanager
def _at_home(home: Path) -> Iterator[None]:
    known = {name: value for name, value in os.environ.items() if name.upper() in _ENV}
    xdg = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "CONFIG", "DATA", "STATE")}
    os.environ.clear()
    os.environ.update(known | xdg | {"HOME": str(home), "TMPDIR": str(home)})
    tempfile.tempdir = str(home)
    os.chdir(home)
    try:
        yield
    finally:
        os.chdir("/")


@cache
def _close_side_doors() -> Callable[..., Any]:
    """Leave the libraries one way out, and say which: each hop of each request goes through it."""
    import requests.adapters
    from yt_dlp.downloader.external import FFmpegFD
    from yt_dlp.networking.common import _REQUEST_HANDLERS

    for name in [name for name in _REQUEST_HANDLERS if name != "Requests"]:
        del _REQUEST_HANDLERS[name]
    FFmpegFD.available = classmethod(lambda *_: False)
    address.fence()
    send: Callable[..., Any] = requests.adapters.HTTPAdapter.send
    return send


def _stand_guard(desk: Desk) -> None:
    import requests.adapters

    send = _close_side_doors()

    def guarded(adapter: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            address.check(request.url)
            response = send(adapter, request, *args, **kwargs)
            if not response.ok:  # ytmusicapi stumbles over what is no JSON before it looks at that
                desk.heard.debug(f"HTTP {response.status_code} from {urlsplit(request.url).hostname}")
            if "Content-Length" not in response.headers and "icy-name" in response.headers:
                raise desk.refuse("live_stream")
        except address.AddressRefused as error:
            desk.refused = CannotDo(error.code, str(error), error.fix)
            raise requests.exceptions.InvalidURL(request.url) from error
        except CannotDo as error:
            raise requests.exceptions.InvalidURL(request.url) from error
        return response

    requests.adapters.HTTPAdapter.send = guarded  # type: ignore[assignment, method-assign]


def find(desk: Desk) -> Json:
    desk.report(0.0, "looking for it")
    candidates = finding.find(desk)
    desk.report(_FOUND, "looking for it")
    return {"candidates": candidates}


def fetch(desk: Desk) -> Json:
    """The stream as it is, with title, artist and cover."""
    known: Json = {}  # what YouTube has said: it is asked once
    for ending in dict.fromkeys((desk.request["format"], "opus", "m4a")):
        path = _fetch_as(desk, ending, known)
        if path is not None:
            return _told(desk, path, known)
    raise desk.refuse("transcode")


def _fetch_as(desk: Desk, ending: str, known: Json) -> Path | None:
    """None when the stream is of another form, and would have to be encoded anew to be of this one."""
    from spotdl.download import downloader
    from spotdl.download.progress_handler import ProgressHandler, SongTracker
    from spotdl.providers.audio.base import AudioProvider

    errors: list[BaseException] = []

    class Provider(AudioProvider):  # type: ignore[misc]
        def get_download_metadata(self, url: str, download: bool = False) -> Json:
            ydl = self.audio_handler
            ydl.params |= {"logger": desk.heard, "ignoreerrors": False}
            ydl.add_progress_hook(desk.on_bytes)
            known.update(ydl.process_ie_result(known, False) if known else ydl.extract_info(url, False))
            desk.check(known)
            if known["ext"] in ("webm", "m4a") and known["ext"] != {"opus": "webm"}.get(ending, ending):
                raise _OtherForm
            return desk.saved(ydl.process_ie_result(dict(known), download=True))

    class Progress(ProgressHandler):  # type: ignore[misc]
        def get_new_tracker(self, song: Any) -> Any:
            tracker = SongTracker(self, song)
            # The only place where spotdl lets go of what was raised.
            tracker.notify_error = lambda message, error, finish=False: errors.append(error)
            return tracker

    def told(tracker: Any, message: str) -> None:
        share = min(1.0, max(0.0, (tracker.progress - 40) / 60))
        desk.report(_FOUND + share * (_SAVED - _FOUND), _NOTES.get(message, ""))

    downloader.AudioProvider = Provider
    spotdl = downloader.Downloader(_spotdl_settings(desk, ending), _loop())
    spotdl.progress_handler = Progress(simple_tui=True, web_ui=True, update_callback=told)
    song = finding.song(desk.request["song"], download_url=desk.request["url"])
    (_, path), *_ = spotdl.download_multiple_songs([song])
    if path is not None:
        return Path(path)
    if any(isinstance(error, _OtherForm) for error in errors):
        return None
    raise errors[0] if errors else RuntimeError("; ".join(spotdl.errors))


class _OtherForm(Exception):
    """What YouTube has is not of the form that was asked for."""


def _spotdl_settings(desk: Desk, ending: str) -> Json:
    return {
        "audio_providers": ["youtube-music"],
        "lyrics_providers": [],
        "ffmpeg": desk.request["ffmpeg"],
        "format": ending,
        "bitrate": "disable",
        "output": f"{desk.request['out']}/sound.{{output-ext}}",
        "simple_tui": True,
        "threads": 1,
        "yt_dlp_args": shlex.join(desk.arguments),
    }


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all requests: spotdl would make one for each, and leave its threads behind."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop


def look(desk: Desk) -> Json:
    with _ydl(desk, extract_flat="in_playlist", playlistend=desk.request["most"]) as ydl:
        info = ydl.extract_info(desk.request["url"], download=False)
    if info.get("_type") == "playlist":
        entries = [_entry(entry, of=info) for entry in info["entries"] if entry]
        return {"kind": "playlist", "total": info.get("playlist_count"), "entries": entries} | _facts(info)
    return {"kind": "track"} | _facts(desk.check(info))


def take(desk: Desk) -> Json:
    name = f"{desk.request['out']}/sound.%(ext)s"
    # No ffmpeg over files that anybody may have made: the one that decodes them is on its guard.
    options = {"format": "bestaudio/best", "outtmpl": {"default": name}, "fixup": "never"}
    with _ydl(desk, **options, playlist_items="1") as ydl:
        ydl.add_progress_hook(desk.on_bytes)
        ydl.add_progress_hook(lambda data: desk.report(_so_far(data), "downloading"))
        info = ydl.extract_info(desk.request["url"], download=False)
        if info.get("_type") == "playlist":
            info = next(iter(info["entries"]), None)
            if info is None:
                raise desk.refuse("not_audio")
        info = desk.saved(ydl.process_ie_result(desk.check(info), download=True))
    path = Path(info["requested_downloads"][0]["filepath"])
    if desk.request["song"] and path.suffix in (".mp3", ".flac", ".ogg", ".opus", ".m4a"):
        from spotdl.utils.metadata import embed_metadata

        embed_metadata(path, finding.song(desk.request["song"]))
    return _told(desk, path, info)


def _ydl(desk: Desk, **options: Any) -> Any:
    from yt_dlp import YoutubeDL, parse_options

    given = parse_options(desk.arguments).ydl_opts
    return YoutubeDL({**given, "quiet": True, "logger": desk.heard, "ignoreerrors": False, **options})


def _so_far(data: Json) -> float:
    whole = data.get("total_bytes") or data.get("total_bytes_estimate")
    share = min(1.0, data.get("downloaded_bytes", 0) / whole) if whole else 0.0
    return _FOUND + share * (_SAVED - _FOUND)


def _facts(info: Json) -> Json:
    duration = info.get("duration")
    who = info.get("artist") or info.get("uploader") or info.get("channel") or ""
    # Those without a width are yt-dlp's guesses, and need not be there.
    pictures = [one for one in info.get("thumbnails") or [] if one.get("width") and ".webp" not in one["url"]]
    return {
        "id": info.get("id"),
        "url": info.get("webpage_url") or info.get("url"),
        "title": info.get("track") or info.get("title"),
        "uploader": who.removesuffix(_TOPIC) or None,
        "duration_ms": round(duration * 1000) if duration else None,
        "thumbnail": max(pictures, key=_width)["url"] if pictures else info.get("thumbnail"),
    }


def _width(picture: Json) -> int:
    return int(picture["width"])


def _entry(info: Json, *, of: Json) -> Json:
    """`code` says why it cannot be had, if that shows."""
    is_live = info.get("live_status") in ("is_live", "is_upcoming")
    facts = _facts(info) | {"code": "live_stream" if is_live else _GONE.get(info.get("title") or "")}
    if facts["url"] == of.get("webpage_url"):  # it has no page of its own
        facts["url"] = info.get("url") or info["formats"][-1]["url"]
    return facts


def _told(desk: Desk, path: Path, info: Json) -> Json:
    desk.report(_SAVED, "checking it")
    return _facts(info) | {
        "path": str(path),
        "bytes": path.stat().st_size,
        "source": desk.request["url"],
        "provider": info.get("extractor_key"),
        "versions": {name: metadata.version(name) for name in ("spotdl", "yt-dlp", "ytmusicapi")},
    }


_WORK: dict[str, Callable[[Desk], Json]] = {"find": find, "fetch": fetch, "look": look, "take": take}

if __name__ == "__main__":
    serve(do)

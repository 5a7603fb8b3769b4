"""A job for the interpreter of the downloader's own environment: songs, given whole, become files.

Takes a JSON object on standard input (`songs`, `out`, `format`, `ffmpeg`, `yt_dlp_args`) and leaves one on
standard output (`paths`, in the order of the songs, and `errors`). Where its network leads it does not know.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    job = json.load(sys.stdin)
    # Some of what is imported prints; only the answer may go where it is read.
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)
        json.dump(download(job), answer)


def download(job: dict[str, Any]) -> dict[str, Any]:
    from spotdl.download.downloader import Downloader
    from spotdl.types.song import Song

    downloader = Downloader(
        {
            "audio_providers": ["youtube-music"],
            "lyrics_providers": [],
            "format": job["format"],
            "bitrate": "disable",  # the stream as it came, where the format allows it
            "ffmpeg": job["ffmpeg"],
            "output": f"{job['out']}/{{track-id}}.{{output-ext}}",
            "simple_tui": True,
            "threads": 1,
            "yt_dlp_args": job["yt_dlp_args"],
        }
    )
    done = downloader.download_multiple_songs([Song.from_dict(song) for song in job["songs"]])
    return {"paths": [str(path) if path else None for _, path in done], "errors": downloader.errors}


if __name__ == "__main__":
    main()

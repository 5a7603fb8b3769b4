"""The pictures of every page and state, made small: `python -m tests.browser.gallery build/screens`.

Makes docs/screens.md and the pictures that it shows out of what `tests/browser/test_looks.py` leaves under
SFA_TEST_SHOTS.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg

from tests.browser import looks
from tests.conftest import ROOT

_WIDTHS = {"desk": 960, "phone": 390}
_TALLEST = 1600
_HEAD = """# Every page and state

As the tests leave them: dark, at 1440 and at 390 pixels. `tests/browser/songs.py` furnished the studio;
no worker runs there, which the page says.
"""


def main(shots: Path) -> None:
    kept = ROOT / "docs" / "screens"
    kept.mkdir(parents=True, exist_ok=True)
    names = [*looks.EMPTY, *looks.FULL, *looks.CHANGED, *looks.REFUSED]
    for name in names:
        for device, width in _WIDTHS.items():
            shrink(shots / f"{name}-{device}-dark.png", kept / f"{name}-{device}.webp", width)
    parts = [
        f"## {name.replace('-', ' ').capitalize()}\n\n"
        f"![{name}, on a desk](screens/{name}-desk.webp) ![{name}, on a phone](screens/{name}-phone.webp)\n"
        for name in names
    ]
    (ROOT / "docs" / "screens.md").write_text("\n".join([_HEAD, *parts]))


def shrink(source: Path, target: Path, width: int) -> None:
    look = f"scale={width}:-1,crop=iw:min(ih\\,{_TALLEST}):0:0"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", "-i", str(source), "-vf", look]
    subprocess.run([*command, "-c:v", "libwebp", "-quality", "60", str(target)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

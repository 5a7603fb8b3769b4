"""Child: draws a picture that a person sent anew, as a cover. `python -m sfa.children.picture`."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from sfa.children.protocol import CannotDo, Report, serve
from sfa.sound import BadSound
from sfa.sound.pictures import BadPicture, Picture, redraw


def picture(request: dict[str, Any], _: Report) -> dict[str, Any]:
    """The picture in the file `source` as a cover in the folder `work`."""
    try:
        return told(redraw(Path(request["source"]), Path(request["work"])))
    except BadPicture as error:
        raise CannotDo("refused", str(error), error.fix) from error
    except BadSound as error:
        raise CannotDo(error.code, str(error), error.fix) from error


def told(drawn: Picture) -> dict[str, Any]:
    """A cover as one line of JSON can hold it."""
    return {
        "path": str(drawn.path),
        "bytes": drawn.bytes,
        "sha256": drawn.sha256,
        "width": drawn.width,
        "height": drawn.height,
        "small": base64.b64encode(drawn.small).decode(),
    }


if __name__ == "__main__":
    serve(picture)

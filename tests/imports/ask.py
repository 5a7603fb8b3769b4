"""Asking the simulated Spotify as a worker would, only faster."""

from __future__ import annotations

import pytest

from sfa.errors import CODES, Refused
from sfa.imports.sources import KeptInMemory, Keys, Pace, resolve
from sfa.library.recognise import recognise_one

API = "api.spotify.com"
OPEN = "open.spotify.com"


def brisk(*waits_s: float) -> Pace:
    """For three tries after the first unless it is said otherwise."""
    return Pace(1000, waits_s or (0.01, 0.01, 0.01))


def keys_of(net, app_id: str) -> Keys:
    app = net.world.apps[app_id]
    return Keys(app.id, app.secret)


def ref_of(link: str):
    return recognise_one(link).ref


def read(link: str, **how):
    """What a link holds; `link` is short for one that begins at open.spotify.com."""
    ref = ref_of(link if "." in link else f"https://{OPEN}/{link}")
    return resolve(ref, **{"pace": brisk(), "token": KeptInMemory(), **how})


def refusal(link: str, **how) -> Refused:
    """The one that reading it ends in, once it is known to be a sentence with a way out."""
    with pytest.raises(Refused) as refused:
        read(link, **how)
    error = refused.value
    assert error.code in CODES
    assert str(error).endswith(".")
    assert str(error)[0].isupper()
    assert error.fix
    return error

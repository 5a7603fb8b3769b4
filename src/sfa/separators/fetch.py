"""Weights from the Hugging Face hub into its usual cache: resumed, checked, given up soon when out of reach.

The names are those under which demucs itself looks, so what is fetched here
serves demucs as well and the other way round. The address of the hub is
huggingface_hub's own (HF_ENDPOINT changes it).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import http.client
import os
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from sfa.separators.errors import CannotSeparate
from sfa.separators.models import Model, Weights, find, hub_cache, is_name, read_bag

Progress = Callable[[float, str], None]

_REACHABLE_S = 3.0  # the first answer of the hub
_SILENT_S = 15.0  # a download that stops for so long has failed
_CHUNK_BYTES = 1 << 18
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def get(model: Model, models_dir: Path, progress: Progress = lambda done, note: None) -> Weights:
    """Bring the weights of a model to this machine, as far as they are not here, and check what is.

    Raises
    ------
    CannotSeparate
        `weights_unreachable` (within five seconds when the hub does not
        answer), `weights_missing`, `weights_corrupt`, `engine_missing`,
        `disk_full`.
    """
    if model.hub is None:
        raise CannotSeparate(
            "weights_missing",
            f"The weights of {model.name} are not all on this machine, and no place is known to have them.",
            "Register them again: ./sfa models add PATH.",
        )
    hub = _hub(model)
    bag_file = _fetch(hub, model, f"{model.name}.yaml", lambda done: None)
    signatures = (read_bag(bag_file) or {"models": []})["models"]
    for place, signature in enumerate(signatures):
        note = f"fetching the weights of {model.name}, {model.size_bytes / 1e6:.0f} MB"

        def share(done: float, place: int = place, note: str = note) -> None:
            progress((place + done) / len(signatures), note)

        _fetch(hub, model, f"{signature}.safetensors", share)
    weights = find(model, models_dir)
    if weights is None:
        raise _unreachable(model, "the hub has them in a way that is not known here")
    return weights


def _hub(model: Model) -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise CannotSeparate(
            "engine_missing",
            f"{model.name} needs demucs, which is not installed.",
            "./sfa setup --all installs it.",
        ) from error
    return huggingface_hub


def _fetch(hub: Any, model: Model, filename: str, share: Callable[[float], None]) -> Path:
    """One file of the repository, in the cache, whole and with the hash that the hub gave for it."""
    url = hub.hf_hub_url(model.hub, filename, endpoint=os.environ.get("HF_ENDPOINT"))
    facts = _ask(hub, model, url)
    repository = hub_cache() / f"models--{str(model.hub).replace('/', '--')}"
    blob = repository / "blobs" / facts.etag
    with _full_disk_is_said(model):
        for folder in ("blobs", "refs", f"snapshots/{facts.commit_hash}"):
            (repository / folder).mkdir(parents=True, exist_ok=True)
        if not (blob.is_file() and _is_right(blob, facts.etag)):
            _download(model, facts, blob, share)
        link: Path = repository / "snapshots" / facts.commit_hash / filename
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
        (repository / "refs" / "main").write_text(facts.commit_hash)
    share(1.0)
    return link


def _ask(hub: Any, model: Model, url: str) -> Any:
    """What the hub says about a file, within `_REACHABLE_S` whatever the network does.

    A name server that does not answer holds a thread for half a minute, so the
    question is asked in one that nobody waits for.
    """
    answers: list[Any] = []
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            answers.append(hub.get_hf_file_metadata(url, timeout=_REACHABLE_S))
        except Exception as error:  # noqa: BLE001 - every way of failing means the same here
            failures.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_REACHABLE_S + 0.5)
    # Both become names of files.
    if answers and is_name(answers[0].etag or "") and is_name(answers[0].commit_hash or ""):
        return answers[0]
    if failures and getattr(getattr(failures[0], "response", None), "status_code", None) in {401, 403, 404}:
        raise _unreachable(model, f"{urlsplit(url).hostname} says that they are not there") from failures[0]
    if failures and type(failures[0]).__name__ == "OfflineModeIsEnabled":
        raise _unreachable(model, "HF_HUB_OFFLINE is set") from failures[0]
    cause = failures[0] if failures else None
    raise _unreachable(model, f"{urlsplit(url).hostname} does not answer") from cause


def _download(model: Model, facts: Any, blob: Path, share: Callable[[float], None]) -> None:
    part = blob.with_name(f"{blob.name}.part")
    with part.open("ab") as file:
        _lock(file, share)
        if blob.is_file() and _is_right(blob, facts.etag):
            return  # another process has fetched it meanwhile
        for fresh in (False, True):
            if fresh:
                file.truncate(0)
            _append(model, facts, file, share)
            if _is_right(part, facts.etag):
                part.replace(blob)
                return
    part.unlink(missing_ok=True)
    raise CannotSeparate(
        "weights_corrupt",
        f"The weights of {model.name} arrived damaged, twice: their hash is not the one that was promised.",
        "Try again later; a proxy between here and there may be changing files.",
    )


def _append(model: Model, facts: Any, file: BinaryIO, share: Callable[[float], None]) -> None:
    """Fetch from where the file ends to where it should end."""
    have = file.seek(0, os.SEEK_END)
    if have == facts.size:
        return
    if facts.size is not None and have > facts.size:
        have = file.truncate(0)
    request = urllib.request.Request(facts.location, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310
    why: Exception | None = None
    try:
        with urllib.request.urlopen(request, timeout=_SILENT_S) as answer:  # noqa: S310 - the hub's own address
            if have and answer.status != 206:  # it does not resume: from the start
                have = file.truncate(0)
            while chunk := answer.read(_CHUNK_BYTES):
                have += file.write(chunk)
                if facts.size:
                    share(min(1.0, have / facts.size))
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        why = error
    file.flush()
    # A connection that closes early is no error to urllib.
    if why is not None or (facts.size is not None and have < facts.size):
        raise _unreachable(model, f"the download broke off after {have / 1e6:.0f} MB", resumes=True) from why


def _lock(file: BinaryIO, share: Callable[[float], None]) -> None:
    """One process at a time appends; the others wait and say that they live."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            share(0.0)
            time.sleep(0.5)


def _is_right(path: Path, etag: str) -> bool:
    """Large files have their sha-256 as etag, small ones the sha-1 that git gives them."""
    with path.open("rb") as file:
        if re.fullmatch(r"[0-9a-f]{64}", etag):
            return hashlib.file_digest(file, "sha256").hexdigest() == etag
        if re.fullmatch(r"[0-9a-f]{40}", etag):
            content = file.read()
            return (
                hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == etag
            )
    return True


def _unreachable(model: Model, why: str, *, resumes: bool = False) -> CannotSeparate:
    again = "continues where this stopped" if resumes else "fetches them when there is a connection"
    return CannotSeparate(
        "weights_unreachable",
        f"The weights of {model.name} are not on this machine and could not be fetched: {why}.",
        f"./sfa models get {model.name} {again}.",
    )


@contextmanager
def _full_disk_is_said(model: Model) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise CannotSeparate(
                "disk_full",
                f"There is no room left on the disk for the weights of {model.name}.",
                "Free some space, or point HF_HOME at a larger disk, then run this again.",
            ) from error
        raise

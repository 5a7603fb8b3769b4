from __future__ import annotations

import socket
from pathlib import Path

import pytest

from sfa.supervise.notify import tell_systemd


@pytest.mark.parametrize("kind", ["a path", "a name of the kernel's"])
def test_systemd_hears_what_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    address = str(tmp_path / "notify") if kind == "a path" else f"@sfa-test-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell_systemd("READY=1")
        assert listener.recv(100) == b"READY=1"


def test_nothing_is_said_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_systemd("READY=1")

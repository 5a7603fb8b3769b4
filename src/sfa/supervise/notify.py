"""What systemd wants to hear from a service of type `notify`; nothing is said where nobody listens."""

from __future__ import annotations

import os
import socket


def tell_systemd(message: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        # A leading @ stands for the zero byte of a name that is not on a disk.
        line.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)

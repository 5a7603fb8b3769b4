"""The one authority that clients of the double trust, and a certificate for each of its hosts."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import trustme


class Authority:
    """Its bundle holds nothing else: a client that gets past the proxy cannot shake hands with anybody."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA(organization_name="Fixture Authority")
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.bundle = folder / "authority.pem"
        self.no_certificates = folder / "no-certificates"
        self.no_certificates.mkdir(parents=True)
        self._authority.cert_pem.write_to_path(str(self.bundle))

    def context_for(self, host: str) -> ssl.SSLContext:
        with self._lock:
            if host not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.set_alpn_protocols(["http/1.1"])
                self._authority.issue_cert(host).configure_cert(context)
                self._contexts[host] = context
            return self._contexts[host]

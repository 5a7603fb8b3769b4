"""The server: a proxy that ends TLS itself. One thread for each connection, all on loopback."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from tests.fake_internet.faults import Fault
from tests.fake_internet.hosts import site_of
from tests.fake_internet.ledger import Call
from tests.fake_internet.messages import Headers, Malformed, Request, Response, read_body, read_head

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

_STEP_S = 0.02  # between two pieces of a slow answer


class _Left(Exception):
    """This connection is over: the client went, or a fault ended it."""


class Proxy:
    def __init__(self, internet: FakeInternet) -> None:
        self._internet = internet
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="fake internet", daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        # Closing alone would not wake the thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(5)
        self.end_connections()

    def end_connections(self) -> None:
        """Of all clients, and waits until nothing more can be written down for them."""
        with self._lock:
            threads = dict(self._open)
        for sock in threads.values():
            # Past the TLS layer, which is the business of the thread that serves it.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._attend, args=(sock,), daemon=True)
            with self._lock:
                self._open[thread] = sock
            thread.start()

    def _attend(self, sock: socket.socket) -> None:
        try:
            with sock, contextlib.suppress(_Left, OSError):
                self._serve(sock, None)
        except Malformed as error:
            self._internet.ledger.add(Call("abandoned", "", note=str(error)))
        finally:
            with self._lock:
                self._open.pop(threading.current_thread(), None)

    def _serve(self, sock: socket.socket, tunnel: str | None) -> None:
        """Answers until the client is through. In a tunnel everything is meant for its host."""
        with sock.makefile("rb") as stream:
            while head := read_head(stream):
                method, target, headers = head
                if method == "CONNECT":
                    self._tunnel(sock, target)
                    return
                request = self._request(sock, stream, tunnel, method, target, headers)
                self._answer(sock, request)
                if headers.get("Connection").lower() == "close":
                    return

    def _tunnel(self, sock: socket.socket, target: str) -> None:
        host, _, port = target.rpartition(":")
        host = host.strip("[]").lower()
        if not port.isdecimal():
            raise Malformed(f"{target!r} has no port")
        ledger = self._internet.ledger
        if fault := self._internet.faults.for_tunnel(host):
            self._internet.wait(fault.delay_s)
            ledger.add(Call("request", host, port=int(port), note="dropped"))
            raise _Left
        if site_of(host) is None or port != "443":
            ledger.add(Call("blocked", host, port=int(port), status=502))
            sock.sendall(b"HTTP/1.1 502 No Such Host Here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with self._secured(sock, host) as secured:
            self._serve(secured, host)

    @contextlib.contextmanager
    def _secured(self, sock: socket.socket, host: str) -> Iterator[ssl.SSLSocket]:
        try:
            secured = self._internet.authority.context_for(host).wrap_socket(sock, server_side=True)
        except (ssl.SSLEOFError, ConnectionError):
            self._internet.ledger.add(Call("abandoned", host, note="in the handshake"))
            raise _Left from None
        except ssl.SSLError as error:
            self._internet.ledger.add(Call("tls-error", host, note=str(error)))
            raise _Left from None
        # The first descriptor has been taken over: who ends the connections has to know the second.
        with self._lock:
            self._open[threading.current_thread()] = secured
        with secured:
            yield secured

    def _request(
        self,
        sock: socket.socket,
        stream: BinaryIO,
        tunnel: str | None,
        method: str,
        target: str,
        headers: Headers,
    ) -> Request:
        if headers.get("Expect").lower() == "100-continue":
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = read_body(stream, headers)
        if tunnel:
            return Request(method, "https", tunnel, 443, target, headers, body)
        parts = urlsplit(target)
        rest = parts.path + (f"?{parts.query}" if parts.query else "")
        # Without a host in its first line it was not sent to a proxy, but to this address itself.
        host = (parts.hostname or "").lower()
        return Request(method, "http", host, parts.port or 80, rest or "/", headers, body)

    def _answer(self, sock: socket.socket, request: Request) -> None:
        call = self._internet.ledger.add(
            Call(
                "request",
                request.host or "127.0.0.1",
                request.method,
                request.scheme,
                request.port if request.host else self.port,
                request.path,
                request.query,
                request.headers,
                request.body,
            )
        )
        fault = self._internet.faults.for_request(request) or Fault()
        if self._internet.wait(fault.delay_s):
            raise _Left
        if fault.drop:
            call.note = "dropped"
            raise _Left
        response = fault.response() if fault.answers else self._internet.answer(request, call)
        call.status = response.status
        try:
            self._send(sock, request, response, fault, call)
        except OSError:
            call.note = "the client left"
            raise _Left from None

    def _send(
        self, sock: socket.socket, request: Request, response: Response, fault: Fault, call: Call
    ) -> None:
        body = response.body
        chunked = not isinstance(body, bytes) and response.length is None
        lines = [f"HTTP/1.1 {response.status} {response.reason}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append(f"Content-Length: {len(body) if isinstance(body, bytes) else response.length}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if request.method == "HEAD":
            sock.sendall(head)
            return
        if isinstance(body, bytes) and fault.cut is None and fault.rate is None:
            call.sent = len(body)
            sock.sendall(head + body)
            return
        sock.sendall(head)
        for piece in self._pieces(body, fault):
            call.sent += len(piece)
            sock.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        # What was promised has not all been sent. A slow answer leaves the connection as good as any.
        if fault.cut is not None or not isinstance(body, bytes):
            raise _Left

    def _pieces(self, body: bytes | Iterator[bytes], fault: Fault) -> Iterator[bytes]:
        """A body as a fault lets it through."""
        left = fault.cut
        size = max(1, int(fault.rate * _STEP_S)) if fault.rate else 65_536
        for part in [body] if isinstance(body, bytes) else body:
            for start in range(0, len(part), size):
                piece = part[start : start + size][:left]
                if piece:
                    yield piece
                if left is not None:
                    left -= len(piece)
                    if left == 0:
                        return
                if fault.rate and self._internet.wait(_STEP_S):
                    raise _Left

"""A Hugging Face hub on the loopback: one repository, the few answers that a download needs, some faults."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "c" * 40


class Hub:
    """Serves the files of `folder` under the names that demucs asks for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.breaks_after: int | None = None  # bytes of a download
        self.changes_content = False
        self.resumed_from: list[int] = []

    def answer(self, request: BaseHTTPRequestHandler, with_body: bool) -> None:
        path = self.folder / request.path.rsplit("/", 1)[-1]
        if not path.is_file():
            request.send_error(404)
            return
        content = path.read_bytes()
        start = int(request.headers.get("Range", "bytes=0-")[6:].split("-")[0])
        request.send_response(206 if start else 200)
        request.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        request.send_header("X-Repo-Commit", COMMIT)
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        if with_body:
            self.resumed_from += [start] if start else []
            body = bytes(len(content)) if self.changes_content else content
            request.wfile.write(body[start : None if start else self.breaks_after])


@contextmanager
def running(folder: Path) -> Iterator[Hub]:
    hub = Hub(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.answer(self, with_body=True)

        def do_HEAD(self) -> None:
            hub.answer(self, with_body=False)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

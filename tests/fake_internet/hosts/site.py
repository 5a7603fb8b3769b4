"""A host: names that it answers to, and functions by method and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tests.fake_internet.messages import Request, Response, Unmodelled, redirect

if TYPE_CHECKING:
    from tests.fake_internet.internet import FakeInternet

Handler = Callable[..., Response]  # of the internet, the request, and the groups of the path


@dataclass
class Site:
    """Paths are regular expressions that match whole; a slash at the end is never told apart."""

    names: tuple[str, ...]  # with the wildcards of a shell
    plain: bool = False  # answers http as well; the others lead to https, as they really do
    routes: list[tuple[str, re.Pattern[str], Handler]] = field(default_factory=list)

    def serves(self, host: str) -> bool:
        return any(fnmatchcase(host, name) for name in self.names)

    def get(self, path: str) -> Callable[[Handler], Handler]:
        return self._route("GET", path)

    def post(self, path: str) -> Callable[[Handler], Handler]:
        return self._route("POST", path)

    def answer(self, internet: FakeInternet, request: Request) -> Response:
        """
        Raises
        ------
        Unmodelled
            where the real host would have an answer, or might.
        """
        if request.scheme == "http" and not self.plain:
            return redirect(f"https://{request.host}{request.target}", 301)
        method = "GET" if request.method == "HEAD" else request.method
        for wanted, path, handler in self.routes:
            if wanted == method and (match := path.fullmatch(request.path)):
                return handler(internet, request, *match.groups())
        raise Unmodelled(f"{request.method} {request.path}")

    def _route(self, method: str, path: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.routes.append((method, re.compile(path.rstrip("/") + "/?"), handler))
            return handler

        return register

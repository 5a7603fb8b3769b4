"""The double as tests see it."""

from __future__ import annotations

import threading
import time
import traceback
from pathlib import Path
from typing import Any

from tests.fake_internet.audio import Studio
from tests.fake_internet.authority import Authority
from tests.fake_internet.faults import Fault, Faults
from tests.fake_internet.hosts import site_of
from tests.fake_internet.hosts.media import TAGS
from tests.fake_internet.ledger import Call, Kind, Ledger
from tests.fake_internet.messages import Request, Response, Unmodelled, as_file, as_text
from tests.fake_internet.model import App, User
from tests.fake_internet.proxy import Proxy
from tests.fake_internet.tokens import Tokens, s256
from tests.fake_internet.world import LISTENER, World

# yt-dlp looks at no variable for its authorities unless it is told to.
YT_DLP_ARGS = "--compat-options no-certifi"


class FakeInternet:
    """One server for a session; `reset` makes everything but its address and its sounds anew."""

    world: World
    tokens: Tokens
    signed_in: User  # at Spotify, in whatever browser comes
    consent: bool  # what that person says when an application asks

    def __init__(self, folder: Path) -> None:
        self.env: dict[str, str] = {}  # of the test that runs: what its children need
        self.home = folder
        self.ledger = Ledger()
        self.faults = Faults()
        self.studio = Studio(folder / "sounds")
        self.authority = Authority(folder / "authority")
        self._released = threading.Event()
        self._proxy = Proxy(self)
        self.reset()

    @property
    def proxy_url(self) -> str:
        return f"http://127.0.0.1:{self._proxy.port}"

    @property
    def internal_url(self) -> str:
        """A song on this very machine, past the proxy: who plays it has let itself be led inside."""
        return f"{self.proxy_url}/internal.mp3"

    def environment(self, home: Path) -> dict[str, str]:
        """What leads any client here. Both spellings, because some clients read the small one first."""
        bundle = str(self.authority.bundle)
        proxies = {
            "HTTPS_PROXY": self.proxy_url,
            "HTTP_PROXY": self.proxy_url,
            "NO_PROXY": "127.0.0.1,localhost,::1",
        }
        return {
            **proxies,
            **{name.lower(): value for name, value in proxies.items()},
            "SSL_CERT_FILE": bundle,
            "REQUESTS_CA_BUNDLE": bundle,
            "CURL_CA_BUNDLE": bundle,
            "SSL_CERT_DIR": str(self.authority.no_certificates),
            "HOME": str(home),
        }

    def keys(self, app_id: str) -> dict[str, str]:
        """The variables of an operator who has registered an application."""
        app = self.world.apps[app_id]
        return {"SPOTIPY_CLIENT_ID": app.id, "SPOTIPY_CLIENT_SECRET": app.secret}

    def user_token(self, app_id: str, user_id: str = LISTENER, scopes: str = "") -> dict[str, Any]:
        """What a consent given earlier has left behind: an answer of the token endpoint."""
        app: App = self.world.apps[app_id]
        user, verifier = self.world.user(user_id), "v" * 43
        code = self.tokens.code_for(app, user, frozenset(scopes.split()), "", s256(verifier))
        return self.tokens.for_code(app, code, "", verifier)

    def add_fault(self, **what: Any) -> Fault:
        """Orders trouble: `host`, `path`, `method` say where, `times` and `skip` when, the rest what."""
        return self.faults.add(Fault(**what))

    def calls(self, host: str = "*", path: str = "*", kind: Kind | None = None) -> list[Call]:
        return self.ledger.calls(host, path, kind)

    def expect(self, *hosts: str) -> None:
        """Names hosts whose rows may be of any kind in this test."""
        self._expected |= set(hosts)

    def assert_honest(self) -> None:
        """
        Raises
        ------
        AssertionError
            when somebody asked for what is not here, did not trust us, or ran into a fault of the double;
            and when trouble was ordered and nobody met it.
        """
        rows = [str(row) for row in self.ledger.dishonest(frozenset(self._expected))]
        rows += [f"never struck: {fault}" for fault in self.faults.idle()]
        if rows:
            raise AssertionError(
                "the simulated internet was used in ways it does not know:\n" + "\n".join(rows)
            )

    def now(self) -> float:
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """The far side's clock goes on; those of its clients do not."""
        self._ahead_s += seconds

    def wait(self, seconds: float) -> bool:
        """For handlers: waits, and says whether the test is over, and all that is under way with it."""
        return self._released.wait(seconds) if seconds else self._released.is_set()

    def reset(self) -> None:
        self._released.set()
        self._proxy.end_connections()
        self._released.clear()
        self._ahead_s = 0.0
        self._expected: set[str] = set()
        self.ledger.clear()
        self.faults.clear()
        self.world = World()
        self.tokens = Tokens(self.now)
        self.signed_in = self.world.user(LISTENER)
        self.consent = True

    def stop(self) -> None:
        self._released.set()
        self._proxy.stop()

    def answer(self, request: Request, call: Call) -> Response:
        """What the host would say; what nobody has said it would is told apart by status and row."""
        # Meant for this address: sent to it past the proxy, or through it by a client that does not look.
        if not request.host or request.url.startswith(self.proxy_url):
            call.kind = "internal"
            return as_file(request, self.studio.song(self.world.media_sound, "mp3", TAGS), "audio/mpeg")
        site = site_of(request.host)
        if site is None or request.port not in (80, 443):
            call.kind = "blocked"
            return as_text(f"There is no {request.host} here.", 502)
        try:
            return site.answer(self, request)
        except Unmodelled as lack:
            call.kind, call.note = "unimplemented", str(lack)
            return as_text(f"Nobody has modelled {lack}.", 598)
        except Exception:  # noqa: BLE001 - whatever it is, the test has to fail with it and not hang
            call.kind, call.note = "bug", traceback.format_exc()
            return as_text(call.note, 599)

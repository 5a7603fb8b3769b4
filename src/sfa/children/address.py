"""Where a link may lead: to public addresses, and never into the network of this machine.

Nothing but the standard library, so that the downloader's own Python can import it.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import sys
import urllib.request
from collections.abc import Collection
from typing import Any, NoReturn
from urllib.parse import urlsplit

PORTS = frozenset({80, 443})

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# What `is_global` of some Python lets through: assigned to protocols, a cloud's metadata, and ways of writing
# IPv4 addresses into IPv6 that routers may undo.
_ALSO_INTERNAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",
            "168.63.129.16/32",
            "::/96",
            "64:ff9b:1::/48",
            "2001::/32",
            "2002::/16",
            "fec0::/10",
        ),
    )
)
_LOCAL_NAME = re.compile(
    r"[^.]*|(.*\.)?(localhost|local|internal|intranet|private|corp|lan|home|home\.arpa)", re.IGNORECASE
)


class AddressRefused(Exception):
    """`code` is one word of the error table, `str(error)` the sentence, `fix` the way out."""

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix


def check(url: str, *, ports: Collection[int] = PORTS) -> None:
    """Ask before a link is followed. Behind a proxy the name alone is looked at: the proxy resolves it.

    Raises
    ------
    AddressRefused
        `bad_url`, `internal_address`, or `network` where the name has no address.
    """
    scheme, host, port = _checked_name(url, ports)
    if literal(host) is not None or _is_proxied(scheme, host):
        return
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise AddressRefused("network", f"There is no server called {host}.", "Check the link.") from error
    for *_, place in found:
        _check_address(ipaddress.ip_address(place[0]), host)


def opener(*, ports: Collection[int] = PORTS) -> urllib.request.OpenerDirector:
    """Opens what `check` lets through, and asks it again before each redirect."""
    made = urllib.request.OpenerDirector()
    for handler in (
        _Check(ports),
        urllib.request.ProxyHandler(_proxies()),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.UnknownHandler(),
    ):
        made.add_handler(handler)
    return made


def fence(*, ports: Collection[int] = PORTS) -> None:
    """From now on no library of this process opens a link or a connection that leads inside. For good.

    `check` asks before the connection is made, and the owner of a name may give it another address in
    between; this looks at the address that is really connected to, and at every redirect of urllib. What
    other programs do that are started from here is not seen.
    """
    proxies = _proxy_places()

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event == "urllib.Request":
            _checked_name(args[0], ports)
        elif event == "socket.connect" and args[0].family in (socket.AF_INET, socket.AF_INET6):
            host, port = str(args[1][0]), args[1][1]
            if (host, port) not in proxies:
                address = literal(host)
                if address is None:
                    raise _inside(host)
                _check_address(address, host)

    sys.addaudithook(watch)


def literal(host: str) -> _Address | None:
    """The address that a host is written as, in any way that a resolver would read; None: a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 127.1, 0x7f.1, 2130706433
    except (OSError, UnicodeError):
        return None


def is_internal(address: _Address) -> bool:
    """Loopback, private, link-local with the metadata of clouds, multicast, reserved, unspecified."""
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped
        if within is None and address in _NAT64:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if within is not None:
            return is_internal(within)
    return not address.is_global or address.is_multicast or any(address in net for net in _ALSO_INTERNAL)


def _checked_name(url: str, ports: Collection[int]) -> tuple[str, str, int]:
    """Scheme, host and port of a link that may be followed as far as it can be told from the link."""
    if "\\" in url or any(letter.isspace() or not letter.isprintable() for letter in url):
        _refuse_url("This is not written as a link is.")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
        port = parts.port
    except ValueError:
        _refuse_url("This is not written as a link is.")
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        _refuse_url("Only links that begin with http or https lead anywhere here.")
    if not host:
        _refuse_url("This link names no server.")
    if parts.username is not None or parts.password is not None:
        _refuse_url("This link carries a name or a password; those are not taken along.")
    port = port if port is not None else {"http": 80, "https": 443}[scheme]
    if port not in ports:
        allowed = " and ".join(map(str, sorted(ports)))
        _refuse_url(f"The link to {host} asks for its port {port}; only {allowed} are asked here.")
    address = literal(host)
    if address is not None:
        _check_address(address, host)
    elif _LOCAL_NAME.fullmatch(host):
        raise _inside(host)
    return scheme, host, port


def _check_address(address: _Address, host: str) -> None:
    if is_internal(address):
        raise _inside(host)


def _inside(host: str) -> AddressRefused:
    return AddressRefused(
        "internal_address",
        f"{host} lies within the network of this machine; links lead out of it only.",
        "Download the file yourself and add it from this computer.",
    )


def _refuse_url(sentence: str) -> NoReturn:
    raise AddressRefused("bad_url", sentence, "Copy the link once more, whole.")


def _proxies() -> dict[str, str]:
    """By scheme; what is for all of them is for these two."""
    known = urllib.request.getproxies()
    given = {scheme: known.get(scheme) or known.get("all") for scheme in ("http", "https")}
    return {scheme: proxy for scheme, proxy in given.items() if proxy}


def _is_proxied(scheme: str, host: str) -> bool:
    return scheme in _proxies() and not urllib.request.proxy_bypass(host)


def _proxy_places() -> set[tuple[str, int]]:
    places = set()
    for proxy in _proxies().values():
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        try:
            port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 1080)
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError):
            continue  # whoever uses it will hear of it
        places |= {(str(place[0]), port) for *_, place in found}
    return places


class _Check(urllib.request.BaseHandler):
    def __init__(self, ports: Collection[int]) -> None:
        self._ports = ports

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        # Before the proxy's handler, which puts the proxy's address in the place of the link's.
        check(request.full_url, ports=self._ports)
        return request

    https_request = http_request

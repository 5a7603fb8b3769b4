"""Links that lead into the network of this machine, in every writing, and what keeps them out."""

from __future__ import annotations

import ast
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

from sfa.children import address
from sfa.errors import CODES
from tests.fake_internet.hosts.media import HOST

SONG = f"https://{HOST}/song.mp3"
INTERNAL = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "１２７.０.０.１",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[::7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST.",
    "db.localhost",
    "printer.local",
    "metadata.google.internal",
    "nas",
    "router.home.arpa",
]


def refused(url: str, **how) -> address.AddressRefused:
    with pytest.raises(address.AddressRefused) as error:
        address.check(url, **how)
    assert error.value.code in CODES
    assert str(error.value).endswith(".")
    assert error.value.fix
    return error.value


@pytest.mark.parametrize("host", INTERNAL)
def test_no_writing_of_an_inner_address_gets_past_a_proxy_or_without(host, net, monkeypatch):
    assert refused(f"http://{host}/").code == "internal_address"
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name)
    assert refused(f"https://{host}/x").code == "internal_address"


@pytest.mark.parametrize(
    "url", ["https://93.184.216.34/a", "http://[2606:4700::1111]/", "https://[64:ff9b::5db8:d822]"]
)
def test_addresses_that_are_open_to_all_are_let_through(url):
    address.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "data:text/plain,hello",
        "//example.org/",
        "example.org",
        "http://",
        "http://me:secret@example.org/",
        "http://example.org:22/",
        "https://example.org:8443/",
        "http://example.org:99999/",
        "http://example.org\\@127.0.0.1/",
        "http://exa mple.org/",
        "http://example.org/\nHost: inner",
        "http://a..b/",
        f"http://{'a' * 70}.org/",
    ],
)
def test_what_is_no_link_is_not_looked_up(url):
    assert refused(url).code == "bad_url"


def test_other_ports_can_be_allowed(net):
    address.check(f"https://{HOST}:8443/", ports={443, 8443})
    assert refused(f"http://{HOST}/", ports={443}).code == "bad_url"


def test_behind_a_proxy_nobody_resolves_the_name(net):
    address.check(SONG)


def test_hosts_that_go_past_the_proxy_are_resolved(net, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, HOST)
    assert refused(SONG).code == "network"


@pytest.mark.parametrize(
    "found, code", [(["93.184.216.34", "10.0.0.7"], "internal_address"), (["93.184.216.34"], None)]
)
def test_every_address_of_a_name_counts(found, code, monkeypatch):
    """No name on a machine without a network has an address: here the resolver says what it is told to."""
    monkeypatch.setattr("urllib.request.getproxies", dict)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (one, 80)) for one in found])
    if code:
        assert refused("http://shop.example/").code == code
    else:
        address.check("http://shop.example/")


def test_the_opener_opens_through_the_proxy(net):
    with address.opener().open(SONG, timeout=10) as answer:
        assert answer.status == 200
        assert answer.read(3)


@pytest.mark.parametrize("hops", [1, 5])
def test_the_opener_follows_redirects_that_stay_outside(net, hops):
    with address.opener().open(f"https://{HOST}/redirects/{hops}", timeout=10) as answer:
        assert answer.url == SONG


def test_the_opener_is_not_led_inside(net):
    for to in (net.internal_url, "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"):
        with pytest.raises((address.AddressRefused, urllib.error.URLError)):
            address.opener().open(f"https://{HOST}/redirect?to={to}", timeout=10)
    assert not net.calls(kind="internal")


def test_the_opener_tells_an_error_as_one(net):
    with pytest.raises(urllib.error.HTTPError) as error:
        address.opener().open(f"https://{HOST}/missing.mp3", timeout=10)
    assert error.value.code == 404
    error.value.close()


def in_a_child(program: str, env: dict[str, str]) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": "src", **env},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


FENCED = """
import socket, sys, urllib.request
from sfa.children import address
address.fence()
def tried(what):
    try: what()
    except address.AddressRefused as error: return error.code
    except OSError: return "open"
    return "open"
"""


def test_the_fence_holds_connections_however_they_are_made():
    told = in_a_child(
        FENCED
        + "listener = socket.create_server(('127.0.0.1', 0))\n"
        + "place = listener.getsockname()\n"
        + "print(tried(lambda: socket.create_connection(place)),\n"
        + "      tried(lambda: socket.create_connection(('localhost', place[1]))),\n"
        + "      tried(lambda: socket.socket().connect(('localhost', place[1]))),\n"
        + "      tried(lambda: urllib.request.build_opener().open(f'http://127.0.0.1:{place[1]}')),\n"
        + "      tried(lambda: socket.socketpair()))",
        {"no_proxy": "*"},
    )
    assert told == "internal_address internal_address internal_address bad_url open"


def test_the_fence_lets_the_proxy_through_and_no_redirect_past_it(net):
    told = in_a_child(
        FENCED
        + "read = lambda url: urllib.request.urlopen(url).read(1)\n"
        + f"print(tried(lambda: read({SONG!r})), tried(lambda: read('https://{HOST}/redirect?to={net.internal_url}')))",
        net.env,
    )
    assert told == "open bad_url"
    assert len(net.calls(HOST)) == 2
    assert not net.calls(kind="internal")


def test_it_stands_alone():
    """The downloader's own Python loads it, where there is nothing of ours."""
    tree = ast.parse(Path(address.__file__).read_text())
    loaded = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    loaded |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in loaded} <= sys.stdlib_module_names

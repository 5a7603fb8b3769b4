from __future__ import annotations

import os
import socket
import threading
import time

import certifi
import pytest
import requests

from tests.fake_internet import world as ids
from tests.fake_internet.audio import heard

SONG = "https://media.fixture.example/song.mp3"
TRACK = f"https://open.spotify.com/embed/track/{ids.PLAIN}"


@pytest.fixture
def web():
    with requests.Session() as session:
        yield session


def test_a_host_that_does_not_exist_is_refused_and_told(net, web):
    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        web.get("https://example.com/", timeout=5)
    with pytest.raises(AssertionError, match=r"blocked: CONNECT https://example\.com:443"):
        net.assert_honest()
    net.expect("example.com")
    net.assert_honest()


def test_a_host_that_does_not_exist_is_refused_without_tls_too(net, web):
    assert web.get("http://10.0.0.1/admin", timeout=5).status_code == 502
    assert [row.kind for row in net.calls("10.0.0.1")] == ["blocked"]
    net.expect("10.0.0.1")


def test_a_known_host_on_another_port_is_another_host(net, web):
    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        web.get("https://media.fixture.example:8443/song.mp3", timeout=5)
    net.expect("media.fixture.example")


def test_what_nobody_has_modelled_fails_the_test_that_asks_for_it(net, web):
    assert web.get("https://open.spotify.com/get_access_token", timeout=5).status_code == 598
    with pytest.raises(AssertionError, match="unimplemented: GET"):
        net.assert_honest()
    net.expect("open.spotify.com")


def test_a_fault_of_the_double_is_no_answer_of_spotifys(net, web):
    net.world.track(ids.PLAIN).album = None
    assert web.get(TRACK, timeout=5).status_code == 599
    with pytest.raises(AssertionError, match="AttributeError"):
        net.assert_honest()
    net.expect("open.spotify.com")


def test_a_client_that_does_not_trust_us_is_told_apart(net, web):
    with pytest.raises(requests.exceptions.SSLError):
        web.get(SONG, timeout=5, verify=certifi.where())
    # The client leaves before the server has read that it was refused.
    until = time.monotonic() + 5
    while not net.calls(kind="tls-error") and time.monotonic() < until:
        time.sleep(0.01)
    with pytest.raises(AssertionError, match="tls-error"):
        net.assert_honest()
    net.expect("media.fixture.example")


def test_who_is_led_to_this_machine_is_caught(net, web):
    leads_inside = "https://media.fixture.example/redirect"
    for address, query in ((net.internal_url, None), (leads_inside, {"to": net.internal_url})):
        assert web.get(address, params=query, timeout=5).headers["Content-Type"] == "audio/mpeg"
    assert len(net.calls("127.0.0.1", kind="internal")) == 2
    with pytest.raises(AssertionError, match="internal: GET"):
        net.assert_honest()
    net.expect("127.0.0.1")


def test_a_connection_serves_many_requests(net, web):
    for _ in range(3):
        assert web.get(TRACK, timeout=5).ok
    pools = web.get_adapter(SONG).proxy_manager[net.proxy_url].pools
    assert sum(pools.get(key).num_connections for key in pools.keys())  # noqa: SIM118 - it is no dict == 1
    assert len(net.calls("open.spotify.com")) == 3


def test_a_file_comes_in_parts(net, web):
    whole = web.get(SONG, timeout=5).content
    part = web.get(SONG, headers={"Range": "bytes=100-199"}, timeout=5)
    assert (part.status_code, part.content) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert web.get(SONG, headers={"Range": "bytes=-50"}, timeout=5).content == whole[-50:]
    beyond = web.get(SONG, headers={"Range": f"bytes={len(whole)}-"}, timeout=5)
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    assert [row.range for row in net.calls(path="/song.mp3")][1:3] == ["bytes=100-199", "bytes=-50"]


def test_head_says_the_length_and_sends_nothing(net, web):
    said = web.head(SONG, timeout=5)
    assert int(said.headers["Content-Length"]) > 10_000
    assert net.calls(path="/song.mp3")[0].sent == 0


def test_a_body_may_come_in_chunks(net, web):
    form = iter([b"grant_type=client_cre", b"dentials&client_id=%s" % ids.DEV_APP.encode()])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = web.post("https://accounts.spotify.com/api/token", data=form, headers=kind, timeout=5)
    assert answer.json()["error"] == "invalid_client"
    assert net.calls(path="/api/token")[0].body.startswith(b"grant_type=client_credentials&client_id=d0d0")


def test_plain_http_is_led_to_https_as_it_really_is(net, web):
    answer = web.get("http://open.spotify.com/track/1", allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://open.spotify.com/track/1")
    assert web.get("http://media.fixture.example/song.mp3", timeout=5).ok


def test_a_fault_answers_instead_of_the_host_as_often_as_it_was_ordered(net, web):
    fault = net.add_fault(host="open.*", path="/embed/*", status=503, body="Down", times=2, skip=1)
    assert [web.get(TRACK, timeout=5).status_code for _ in range(4)] == [200, 503, 503, 200]
    assert fault.hits == 2


def test_a_fault_can_be_slow_to_answer(net, web):
    net.add_fault(host="media.fixture.example", delay_s=0.3)
    began = time.monotonic()
    assert web.get(SONG, timeout=5).ok
    assert time.monotonic() - began >= 0.3


def test_a_fault_can_be_slow_to_send(net, web):
    net.add_fault(path="/song.mp3", rate=200_000)
    began = time.monotonic()
    length = len(web.get(SONG, timeout=5).content)
    assert time.monotonic() - began >= 0.8 * length / 200_000


def test_a_fault_can_cut_an_answer_short(net, web):
    net.add_fault(path="/song.mp3", cut=1000)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="1000 bytes read"):
        web.get(SONG, timeout=5)
    assert net.calls(path="/song.mp3")[0].sent == 1000


def test_a_fault_can_drop_the_tunnel(net, web):
    net.add_fault(host="media.fixture.example", drop=True)
    with pytest.raises(requests.exceptions.ConnectionError):
        web.get(SONG, timeout=5)
    assert net.calls("media.fixture.example")[0].note == "dropped"
    assert web.get(SONG, timeout=5).ok


def test_trouble_that_nobody_met_fails_the_test_that_ordered_it(net):
    net.add_fault(host="api.spotify.com", status=500)
    with pytest.raises(AssertionError, match="never struck"):
        net.assert_honest()
    net.faults.clear()


def test_what_never_ends_ends_with_its_test(net):
    with requests.get("https://media.fixture.example/radio.mp3", stream=True, timeout=5) as radio:
        assert len(next(radio.iter_content(4096))) == 4096
        net.reset()
    assert not [t for t in threading.enumerate() if t.name.startswith("Thread-") and "_attend" in t.name]


def test_the_song_that_comes_is_the_one_that_was_promised(net, web, tmp_path):
    (tmp_path / "song.mp3").write_bytes(
        web.get("https://media.fixture.example/redirects/3", timeout=5).content
    )
    assert heard(tmp_path / "song.mp3").is_(net.world.media_sound)


def test_this_process_and_its_children_are_in_the_simulated_internet(net):
    assert all(os.environ[name] == value for name, value in net.env.items())
    assert os.environ["HOME"] == str(net.home)
    assert list(net.home.iterdir()) == []


def test_nothing_listens_but_on_loopback(net):
    port = int(net.proxy_url.rsplit(":", 1)[1])
    own = [info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)]
    for address in own:
        if not address.startswith("127."):
            with pytest.raises(OSError), socket.create_connection((address, port), timeout=2):
                pass

"""Trouble on the way to Spotify: what is tried again, what is waited for, and what it is called."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sfa.imports.sources import Pace, spotify
from sfa.imports.sources.refusals import Answered
from tests.fake_internet import world
from tests.fake_internet.faults import quota_exceeded, rate_limited
from tests.imports.ask import API, OPEN, keys_of, read, refusal

TOKENS = "accounts.spotify.com"
PLAIN = f"track/{world.PLAIN}"


@pytest.fixture
def keys(net):
    return keys_of(net, world.EXTENDED_APP)


def test_all_threads_share_one_pace():
    pace, begun = Pace(per_second=50), time.monotonic()
    threads = [threading.Thread(target=pace.wait) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun >= 5 / 50


@pytest.mark.parametrize(
    "trouble", [{"status": 503}, {"status": 500, "body": "oops"}, {"drop": True}, {"cut": 40}]
)
def test_what_passes_is_waited_out(net, keys, trouble):
    fault = net.add_fault(host=API, path="/v1/tracks/*", times=3, **trouble)
    assert read(PLAIN, keys=keys).title == "Copper Rain"
    assert fault.hits == 3


def test_a_server_that_stays_ill_is_left_after_four_tries(net, keys):
    fault = net.add_fault(host=API, status=502, times=None)
    error = refusal(PLAIN, keys=keys)
    assert (error.code, fault.hits) == ("upstream", 4)
    assert f"open.spotify.com/{PLAIN}" in str(error)


@pytest.mark.parametrize("host", [API, TOKENS])
def test_a_host_that_cannot_be_reached_is_named(net, keys, host):
    net.add_fault(host=host, drop=True, times=None)
    error = refusal(PLAIN, keys=keys)
    assert error.code == "network"
    assert host in str(error)


@pytest.mark.parametrize("host", [API, TOKENS])
def test_a_host_that_stays_silent_is_not_waited_for(net, keys, host, monkeypatch):
    monkeypatch.setattr(spotify, "TIMEOUTS_S", (2, 0.1))
    net.add_fault(host=host, delay_s=5, times=None)
    assert refusal(PLAIN, keys=keys).code == "network"


def test_a_host_that_cannot_prove_who_it_is_is_not_asked_again(net, keys, monkeypatch):
    net.expect(TOKENS)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE")
    assert refusal(PLAIN, keys=keys).code == "tls"
    assert len(net.calls(TOKENS)) <= 1  # the far side may learn of it later than we


def test_a_short_pause_is_slept_through_once(net, keys):
    net.add_fault(**rate_limited(1))
    begun = time.monotonic()
    assert read(PLAIN, keys=keys).title == "Copper Rain"
    assert time.monotonic() - begun >= 1


def test_a_second_pause_is_for_all_workers(net, keys):
    net.add_fault(**rate_limited(0) | {"times": 2})
    assert refusal(PLAIN, keys=keys).code == "rate_limited"
    assert len(net.calls(API)) == 2


@pytest.mark.parametrize("fault, code", [(rate_limited, "rate_limited"), (quota_exceeded, "quota_exceeded")])
def test_a_long_pause_is_told_with_its_end(net, keys, fault, code):
    net.add_fault(**fault(7200))
    error = refusal(PLAIN, keys=keys)
    assert (error.code, error.facts["far_side"]) == (code, f"spotify:{keys.client_id}")
    assert abs(error.facts["retry_at"] - datetime.now(UTC) - timedelta(hours=2)) < timedelta(seconds=30)
    assert "2 h" in str(error)
    assert len(net.calls(API)) == 1


def test_a_quota_is_never_slept_through(net, keys):
    net.add_fault(**quota_exceeded(1))
    assert refusal(PLAIN, keys=keys).code == "quota_exceeded"


@pytest.mark.parametrize("host", [TOKENS, OPEN])
def test_pauses_of_other_doors_count_as_well(net, keys, host):
    net.add_fault(host=host, status=429, headers={"Retry-After": "90"})
    error = refusal(PLAIN, keys=keys if host == TOKENS else None)
    assert (error.code, len(net.calls(host))) == ("rate_limited", 1)
    assert error.facts["far_side"] == (f"spotify:{keys.client_id}" if host == TOKENS else "spotify")


@pytest.mark.parametrize(
    "said, seconds", [("7", 7), (" 3600 ", 3600), ("", 5), ("soon", 5), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
)
def test_pauses_in_any_writing(said, seconds):
    assert Answered(429, "", retry_after=said).pause_s == seconds


def test_a_quota_without_an_end_is_an_hour():
    assert Answered(429, "", reason="QUOTA_EXCEEDED").pause_s == 3600


@pytest.mark.parametrize(
    "link, app, status, body, code",
    [
        (
            PLAIN,
            world.EXTENDED_APP,
            404,
            {"error": {"message": "Resource not found"}},
            "not_found_or_private",
        ),
        (PLAIN, world.EXTENDED_APP, 403, "the user may not be registered.", "not_allowlisted"),
        (PLAIN, world.EXTENDED_APP, 403, {"error": {"message": "Insufficient client scope"}}, "needs_login"),
        (PLAIN, world.EXTENDED_APP, 403, {"error": {"message": "Forbidden"}}, "refused"),
        (PLAIN, world.EXTENDED_APP, 400, {"error": {"message": "Invalid limit"}}, "refused"),
        (PLAIN, world.EXTENDED_APP, 200, "<html>", "upstream"),
        (PLAIN, world.EXTENDED_APP, 200, "[1]", "upstream"),
        (PLAIN, world.EXTENDED_APP, 400, {"error": "a word"}, "upstream"),
        (PLAIN, world.LAPSED_APP, None, None, "owner_premium"),
    ],
)
def test_what_spotify_says_is_told_apart(net, link, app, status, body, code):
    if status:
        net.add_fault(host=API, status=status, body=body)
    assert refusal(link, keys=keys_of(net, app)).code == code
    assert len(net.calls(API)) == 1


@pytest.mark.parametrize(
    "message, code",
    [("The access token expired", "bad_keys"), ("Valid user authentication required", "needs_login")],
)
def test_a_new_token_that_is_refused_as_well_is_the_end(net, keys, message, code):
    net.add_fault(host=API, status=401, body={"error": {"message": message}}, times=2)
    assert refusal(PLAIN, keys=keys).code == code
    assert len(net.calls(TOKENS)) == 2


@pytest.mark.parametrize("wrong", [{"client_id": "9" * 32}, {"client_secret": "no"}])
def test_keys_that_are_wrong_are_named(net, keys, wrong):
    error = refusal(PLAIN, keys=replace(keys, **wrong))
    assert error.code == "bad_keys"
    assert not net.calls(API)


@pytest.mark.parametrize("body", ["<html>", {"token_type": "Bearer"}, "[]"])
def test_a_token_that_is_none_is_not_understood(net, keys, body):
    net.add_fault(host=TOKENS, body=body)
    assert refusal(PLAIN, keys=keys).code == "upstream"

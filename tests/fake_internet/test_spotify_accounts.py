from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import spotipy
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyClientCredentials, SpotifyOauthError, SpotifyPKCE

from tests.fake_internet import world as ids
from tests.fake_internet.tokens import CONSENT_S

CALLBACK = "http://127.0.0.1:8765/callback"  # registered without its port
SCOPES = "playlist-read-private playlist-read-collaborative"


def person(client_id=ids.DEV_APP, **other) -> SpotifyPKCE:
    told = {"redirect_uri": CALLBACK, "scope": SCOPES, "state": "once", "requests_timeout": 5, **other}
    return SpotifyPKCE(client_id, cache_handler=MemoryCacheHandler(), open_browser=False, **told)


def agrees(auth: SpotifyPKCE) -> str:
    """Where the browser is sent after the page on which a person agrees."""
    answer = requests.get(auth.get_authorize_url(), allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def signed_in(auth: SpotifyPKCE) -> dict[str, object]:
    _, code = auth.parse_auth_response_url(agrees(auth))
    auth.get_access_token(code, check_cache=False)
    return auth.cache_handler.get_cached_token()


def test_an_application_gets_a_token_for_the_keys_that_its_operator_set(net, monkeypatch):
    for name, value in net.keys(ids.DEV_APP).items():
        monkeypatch.setenv(name, value)
    auth = SpotifyClientCredentials(cache_handler=MemoryCacheHandler())
    token = auth.get_access_token(as_dict=False)
    assert spotipy.Spotify(auth=token).track(ids.PLAIN)["name"] == "Copper Rain"
    assert net.calls("accounts.spotify.com")[0].status == 200


@pytest.mark.parametrize(
    "client, secret, said",
    [
        (ids.DEV_APP, "guessed", "Invalid client secret"),
        ("0" * 32, "dev-secret", "Invalid client"),
    ],
)
def test_an_application_with_bad_keys_gets_none(net, client, secret, said):
    auth = SpotifyClientCredentials(client, secret, cache_handler=MemoryCacheHandler())
    with pytest.raises(SpotifyOauthError, match=said) as refused:
        auth.get_access_token(as_dict=False)
    assert refused.value.error == "invalid_client"


def test_a_person_agrees_and_is_known_by_their_token(net):
    auth = person()
    back = agrees(auth)
    assert back.startswith(f"{CALLBACK}?")
    state, code = auth.parse_auth_response_url(back)
    assert state == "once"
    auth.get_access_token(code, check_cache=False)
    with requests.Session() as session:
        assert spotipy.Spotify(auth_manager=auth, requests_session=session).me()["id"] == ids.LISTENER
    assert set(auth.cache_handler.get_cached_token()["scope"].split()) == set(SCOPES.split())


def test_a_person_may_refuse(net):
    net.consent = False
    said = parse_qs(urlsplit(agrees(person())).query)
    assert said == {"error": ["access_denied"], "state": ["once"]}


def test_a_code_is_good_once(net):
    auth = person()
    _, code = auth.parse_auth_response_url(agrees(auth))
    auth.get_access_token(code, check_cache=False)
    with pytest.raises(SpotifyOauthError, match="Invalid authorization code"):
        auth.get_access_token(code, check_cache=False)


def test_a_code_is_good_for_ten_minutes(net):
    auth = person()
    _, code = auth.parse_auth_response_url(agrees(auth))
    net.advance(601)
    with pytest.raises(SpotifyOauthError, match="Authorization code expired"):
        auth.get_access_token(code, check_cache=False)


def test_who_took_the_code_cannot_use_it_without_the_verifier(net):
    auth, thief = person(), person()
    _, code = auth.parse_auth_response_url(agrees(auth))
    with pytest.raises(SpotifyOauthError, match="code_verifier was incorrect"):
        thief.get_access_token(code, check_cache=False)


@pytest.mark.parametrize(
    "to",
    ["http://localhost:8765/callback", "http://127.0.0.1:8765/elsewhere", "https://evil.example/callback"],
)
def test_a_person_is_sent_nowhere_but_where_the_application_has_said(net, to):
    answer = requests.get(person(redirect_uri=to).get_authorize_url(), allow_redirects=False, timeout=5)
    assert (answer.status_code, answer.text) == (400, "INVALID_CLIENT: Invalid redirect URI")


def test_refreshing_gives_another_refresh_token_and_ends_the_first(net):
    auth = person()
    first = signed_in(auth)
    second = auth.refresh_access_token(first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    with pytest.raises(SpotifyOauthError, match="Invalid refresh token"):
        auth.refresh_access_token(first["refresh_token"])
    auth.refresh_access_token(second["refresh_token"])


def test_a_consent_ends_after_half_a_year_however_often_it_was_refreshed(net):
    auth = person()
    token = signed_in(auth)
    net.advance(CONSENT_S - 60)
    token = auth.refresh_access_token(token["refresh_token"])
    net.advance(120)
    with pytest.raises(SpotifyOauthError) as refused:
        auth.refresh_access_token(token["refresh_token"])
    assert refused.value.error == "invalid_grant"


def test_a_consent_ends_when_the_person_takes_it_back(net):
    auth = person()
    token = signed_in(auth)
    net.tokens.revoke(net.signed_in)
    with pytest.raises(SpotifyOauthError, match="Refresh token revoked"):
        auth.refresh_access_token(token["refresh_token"])


def test_a_consent_of_an_earlier_day_can_be_given_by_the_test(net):
    token = net.user_token(ids.DEV_APP, scopes=SCOPES)
    again = person().refresh_access_token(token["refresh_token"])
    assert again["access_token"] != token["access_token"]

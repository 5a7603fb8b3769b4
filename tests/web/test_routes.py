from __future__ import annotations

import dataclasses

import httpx
import pytest
from litestar.routes import HTTPRoute

import web
from sfa.errors import BadSettings
from sfa.web.guards import answers_to, at_home, is_ours
from tests.web.conftest import served

TABLE = {
    ("POST", "/tracks/{track_id:uuid}/places"),
    ("GET", "/imports"),
    ("POST", "/imports"),
    ("GET", "/imports/{import_id:uuid}"),
    ("GET", "/imports/{import_id:uuid}/cover"),
    ("POST", "/imports/{import_id:uuid}/take"),
    ("POST", "/imports/{import_id:uuid}/again"),
    ("POST", "/imports/{import_id:uuid}/forget"),
    ("GET", "/"),
    ("GET", "/acts"),
    ("GET", "/acts/{act_id:int}/toast"),
    ("GET", "/events"),
    ("GET", "/healthz"),
    ("GET", "/library"),
    ("GET", "/library/more"),
    ("GET", "/notices"),
    ("GET", "/playlists/{playlist_id:uuid}"),
    ("GET", "/tracks/{track_id:uuid}/description"),
    ("GET", "/tracks/{track_id:uuid}/player"),
    ("POST", "/crates"),
    ("POST", "/crates/{crate_id:uuid}/drop"),
    ("POST", "/library/do"),
    ("POST", "/notices/seen"),
    ("POST", "/playlists"),
    ("POST", "/playlists/{playlist_id:uuid}/drop"),
    ("POST", "/playlists/{playlist_id:uuid}/move"),
    ("POST", "/playlists/{playlist_id:uuid}/name"),
    ("POST", "/playlists/{playlist_id:uuid}/out"),
    ("POST", "/queues/{queue:str}/{what:str}"),
    ("POST", "/separations/{run_id:int}/choose"),
    ("POST", "/tracks/{track_id:uuid}/cover"),
    ("POST", "/tracks/{track_id:uuid}/cover/drop"),
    ("POST", "/tracks/{track_id:uuid}/description"),
    ("GET", "/separations/{run_id:int}/pack/{rev:str}/{span:str}"),
    ("GET", "/stems/{stem_id:uuid}/as/{fmt:str}"),
    ("GET", "/stems/{stem_id:uuid}/audio"),
    ("GET", "/stems/{stem_id:uuid}/peaks"),
    ("GET", "/tracks/{track_id:uuid}"),
    ("GET", "/tracks/{track_id:uuid}/corrections"),
    ("GET", "/tracks/{track_id:uuid}/cover"),
    ("GET", "/tracks/{track_id:uuid}/corrections/{what:str}/edit"),
    ("GET", "/tracks/{track_id:uuid}/curves/{name:str}"),
    ("GET", "/tracks/{track_id:uuid}/deck.stem.m4a"),
    ("GET", "/tracks/{track_id:uuid}/mix"),
    ("GET", "/tracks/{track_id:uuid}/mix/file"),
    ("GET", "/tracks/{track_id:uuid}/mix/level"),
    ("GET", "/tracks/{track_id:uuid}/peaks"),
    ("GET", "/tracks/{track_id:uuid}/plots/{name:str}"),
    ("GET", "/tracks/{track_id:uuid}/plots/{name:str}/picture"),
    ("GET", "/tracks/{track_id:uuid}/plots/{name:str}/table"),
    ("GET", "/tracks/{track_id:uuid}/readings.json"),
    ("GET", "/tracks/{track_id:uuid}/readings.mid"),
    ("GET", "/tracks/{track_id:uuid}/row"),
    ("GET", "/tracks/{track_id:uuid}/source"),
    ("GET", "/tracks/{track_id:uuid}/stages"),
    ("GET", "/tracks/{track_id:uuid}/stems.zip"),
    ("GET", "/tracks/{track_id:uuid}/tables/{name:str}"),
    ("GET", "/uploads"),
    ("DELETE", "/uploads/{upload_id:uuid}"),
    ("PATCH", "/uploads/{upload_id:uuid}"),
    ("POST", "/uploads"),
    ("POST", "/uploads/known"),
    ("POST", "/acts/{act_id:int}/undo"),
    ("POST", "/demo"),
    ("POST", "/recognise"),
    ("POST", "/tracks"),
    ("POST", "/tracks/{track_id:uuid}/cancel"),
    ("POST", "/tracks/{track_id:uuid}/corrections/{what:str}"),
    ("POST", "/tracks/{track_id:uuid}/corrections/{what:str}/draft"),
    ("POST", "/tracks/{track_id:uuid}/corrections/{what:str}/restore"),
    ("POST", "/tracks/{track_id:uuid}/retry"),
    ("POST", "/tracks/{track_id:uuid}/separation"),
}


def handlers(settings):
    for route in web.make_app(settings).routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            yield route.path, handler


def test_the_route_table_is_this_one(settings):
    table = {
        (method, path)
        for path, handler in handlers(settings)
        for method in handler.http_methods
        if method not in ("OPTIONS", "HEAD") and not path.startswith("/static/")
    }
    assert table == TABLE


def test_every_route_is_guarded(settings):
    for path, handler in handlers(settings):
        if "OPTIONS" not in handler.http_methods:
            guards = [getattr(guard, "func", guard) for guard in handler.resolve_guards()]
            assert at_home in guards, path


@pytest.mark.parametrize(
    ("host", "own", "answer"),
    [
        ("localhost:4000", "127.0.0.1", True),
        ("127.0.0.1:4000", "127.0.0.1", True),
        ("[::1]:4000", "127.0.0.1", True),
        ("studio.lan", "studio.lan", True),
        ("evil.example:4000", "127.0.0.1", False),
        ("192.168.1.5:4000", "127.0.0.1", False),
        ("192.168.1.5:4000", "0.0.0.0", True),
        ("evil.example", "0.0.0.0", False),
        ("localhost.evil.example", "127.0.0.1", False),
        ("", "127.0.0.1", False),
        ("[broken", "127.0.0.1", False),
    ],
)
def test_only_names_of_this_studio_are_answered(host, own, answer):
    assert answers_to(host, own) is answer


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost:4000"}, True),
        ({"origin": "http://localhost:4000"}, True),
        ({}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://localhost:3000"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://localhost:3000"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
    ],
)
def test_only_our_own_pages_may_change_something(headers, answer):
    assert is_ours(headers, "localhost:4000") is answer


async def test_a_name_that_was_bound_to_this_machine_elsewhere_is_turned_away(site):
    answer = await site.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "SFA_HOST" in answer.text


@pytest.mark.parametrize("host", ["localhost:bar", "foo:bar", "[", "localhost:99999999"])
async def test_a_host_that_is_no_host_is_turned_away_with_a_sentence(site, host):
    answer = await site.get("/", headers={"Host": host})
    assert answer.status_code in {200, 421}
    assert "<!doctype html>" in answer.text.lower()


async def test_another_site_cannot_make_a_browser_upload(site, pool):
    answer = await site.post("/tracks", headers={"Origin": "http://evil.example"}, files={"file": b"x"})
    assert answer.status_code == 403
    async with pool.connection() as conn:
        assert (await (await conn.execute("select count(*) from tracks")).fetchone())[0] == 0


@pytest.mark.parametrize("path", ["/", "/nowhere", "/healthz", "/tracks/not-an-id"])
async def test_every_answer_forbids_scripts_that_are_not_ours(site, path):
    headers = (await site.get(path)).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_static_files_are_kept_for_ever_under_a_name_that_changes_with_them(site):
    page = (await site.get("/")).text
    style = next(
        part.split('"')[0] for part in page.split('href="') if part.startswith("/static/") and ".css" in part
    )
    answer = await site.get(style)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert (await site.get("/static/00000000/css/base.css")).status_code == 404


async def test_no_path_leads_out_of_the_static_folder(site):
    from sfa.web.templates import STATIC_URL

    for path in ["/../sql.py", "/%2e%2e/sql.py", "/..%2fsql.py", "//etc/passwd"]:
        assert (await site.get(STATIC_URL + path)).status_code == 404


async def test_health_is_the_databases_health(settings):
    async with served(settings) as (address, _), httpx.AsyncClient(base_url=address) as site:
        assert (await site.get("/healthz")).status_code == 200


async def test_without_its_database_the_site_is_up_and_says_so(settings):
    nowhere = dataclasses.replace(settings, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    async with served(nowhere) as (address, _), httpx.AsyncClient(base_url=address, timeout=30) as site:
        assert (await site.get("/healthz")).status_code == 503
        page = await site.get("/")
        assert page.status_code == 503
        assert "The database does not answer." in page.text


def test_without_database_url_there_is_a_sentence(settings):
    with pytest.raises(BadSettings, match="DATABASE_URL is not set"):
        web.make_app(dataclasses.replace(settings, database_url=None))

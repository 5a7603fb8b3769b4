"""A link is asked by a real worker: far sides that answer, that want a pause, and that are not there."""

from __future__ import annotations

import pytest

from sfa import db, imports
from sfa.library.recognise import recognise_one
from tests.conftest import until
from tests.fake_internet import faults
from tests.fake_internet import world as ids
from tests.fake_internet.internet import YT_DLP_ARGS

STATE = "select state::text from imports where id = %(id)s"
SPOTIFY = "open.spotify.com"


async def ask(pool, account, link: str):
    async with db.transaction(pool) as conn:
        return await imports.ask(conn, account_id=account, ref=recognise_one(link).ref)


async def told(pool, account, import_id):
    async with pool.connection() as conn:
        mine = {"account_id": account, "import_id": import_id}
        return await imports.import_by_id(conn, **mine), await imports.entries(conn, **mine)


async def no_more_waiting(pool) -> None:
    async with db.transaction(pool) as conn:
        await conn.execute("update far_sides set closed_until = now()")
        await conn.execute("update procrastinate_jobs set scheduled_at = now() where status = 'todo'")


@pytest.fixture
def asking(net, worker):
    """An internet, and a worker in it."""
    worker("download", env=net.env | {"SFA_YTDLP_ARGS": YT_DLP_ARGS})
    return net


async def test_an_album_is_shown_with_its_songs_and_its_cover(asking, pool, account):
    import_id = await ask(pool, account, f"https://{SPOTIFY}/album/{ids.SHORT_ALBUM}?si=1")
    await until(pool, STATE, "ready", id=import_id)
    album = asking.world.album(ids.SHORT_ALBUM)
    found, entries = await told(pool, account, import_id)
    assert (found.title, found.total, found.complete, found.via) == (album.name, 3, True, "embed")
    assert [entry.title for entry in entries] == [track.name for track in album.tracks]
    assert all(entry.can_be_taken and entry.duration_ms for entry in entries)
    assert found.sha256
    async with pool.connection() as conn:
        assert (await imports.cover(conn, account_id=account, import_id=import_id))[:3] == b"\xff\xd8\xff"


async def test_a_short_link_becomes_what_it_leads_to(asking, pool, account):
    import_id = await ask(pool, account, f"https://spotify.link/{ids.SHORT_TO_ALBUM}")
    await until(pool, STATE, "ready", id=import_id)
    found, _ = await told(pool, account, import_id)
    assert found.kind == "album"
    assert found.url.startswith(f"https://{SPOTIFY}/album/")


@pytest.mark.usefixtures("downloader")
async def test_a_sound_file_and_a_video_are_looked_at(asking, pool, account):
    video = asking.world.track(ids.PLAIN).video
    for link, title in [
        ("https://media.fixture.example/song.mp3", None),
        (f"https://youtu.be/{video.id}", asking.world.track(ids.PLAIN).name),
    ]:
        import_id = await ask(pool, account, link)
        await until(pool, STATE, "ready", id=import_id)
        found, (entry,) = await told(pool, account, import_id)
        assert (found.via, found.total, entry.can_be_taken) == ("page", 1, True)
        assert title is None or title in found.title


@pytest.mark.usefixtures("downloader")
async def test_a_link_into_the_network_of_this_machine_is_refused(asking, pool, account):
    import_id = await ask(pool, account, "http://192.168.1.1/song.mp3")
    await until(pool, STATE, "failed", id=import_id)
    found, _ = await told(pool, account, import_id)
    assert found.error_code == "internal_address"


async def test_a_list_that_the_far_side_cuts_says_so(asking, pool, account):
    import_id = await ask(pool, account, f"https://{SPOTIFY}/playlist/{ids.LONG_PLAYLIST}")
    await until(pool, STATE, "ready", id=import_id)
    found, entries = await told(pool, account, import_id)
    assert (found.complete, len(entries)) == (False, 100)
    assert "100" in found.why_incomplete


async def test_what_is_not_there_ends_in_a_sentence(asking, pool, account):
    import_id = await ask(pool, account, f"https://{SPOTIFY}/track/{ids.ABSENT}")
    await until(pool, STATE, "failed", id=import_id)
    found, _ = await told(pool, account, import_id)
    assert found.error_code == "not_found_or_private"
    assert found.error
    assert found.fix


async def test_a_long_pause_is_kept_by_everybody_and_then_it_goes_on(asking, pool, account):
    wants_a_day = faults.rate_limited(86_400) | {"host": SPOTIFY}
    asking.add_fault(path=f"/embed/album/{ids.SHORT_ALBUM}", **wants_a_day)
    waits = "select wait_until > now() + interval '23 hours' from imports where id = %(id)s"
    import_id = await ask(pool, account, f"https://{SPOTIFY}/album/{ids.SHORT_ALBUM}")
    await until(pool, waits, id=import_id)
    found, _ = await told(pool, account, import_id)
    assert found.state == "resolving"
    assert found.note
    other = await ask(pool, account, f"https://{SPOTIFY}/track/{ids.PLAIN}")
    await until(pool, waits, id=other)
    assert not asking.calls(host=SPOTIFY, path=f"/embed/track/{ids.PLAIN}")
    await no_more_waiting(pool)
    await until(pool, STATE, "ready", id=import_id)
    await until(pool, STATE, "ready", id=other)


async def test_a_far_side_that_stumbles_is_asked_again(asking, pool, account):
    asking.add_fault(host=SPOTIFY, status=503, times=4)
    import_id = await ask(pool, account, f"https://{SPOTIFY}/track/{ids.PLAIN}")
    await until(pool, "select attempts::int from imports where id = %(id)s", 1, id=import_id)
    await no_more_waiting(pool)
    await until(pool, STATE, "ready", id=import_id)

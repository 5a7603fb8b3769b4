"""From a link to its sound, by the real task and its real children; what a person reads when it fails."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from procrastinate import JobContext
from procrastinate.jobs import Job
from psycopg.rows import dict_row

from sfa import accounts, db, downloads, media, runs
from sfa.children.supervise import Children
from sfa.downloads import store, tasks
from sfa.errors import NotFound
from sfa.queue import app
from sfa.runs.work import Tools
from sfa.settings import Settings
from tests.downloads.origins import add_link, add_song, downloaders, is_there
from tests.fake_internet import world as ids
from tests.fake_internet.audio import heard, picture, tags
from tests.fake_internet.hosts.media import TAGS
from tests.fake_internet.internet import YT_DLP_ARGS
from tests.make import add_account

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEDIA = "https://media.fixture.example"
STREAMS = "*.googlevideo.com"
PLAYERS = "/youtubei/v1/player"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def children(fake_internet, downloader, tmp_path_factory):
    children = Children(fake_internet.environment(tmp_path_factory.mktemp("home")))
    yield children
    await children.close()


@pytest.fixture
def settings(database, tmp_path):
    env = {"SFA_DATA": str(tmp_path / "data"), "DATABASE_URL": database, "SFA_YTDLP_ARGS": YT_DLP_ARGS}
    return Settings.from_env({**env, "SFA_MAX_UPLOAD_MB": "1"})


@pytest_asyncio.fixture(loop_scope="module")
async def pool(settings):
    async with db.open_pool(settings.database_url, size=4, name="sfa test") as pool:
        yield pool


@pytest_asyncio.fixture(loop_scope="module")
async def account(pool):
    async with pool.connection() as conn:
        return await accounts.owner_id(conn)


class Studio:
    """The library, and a hand that carries out its fetches."""

    def __init__(self, settings, pool, account, children, net):
        self.settings, self.pool, self.account, self.net = settings, pool, account, net
        self.tools = Tools(settings=settings, pool=pool, children=children, name="test")

    async def row(self, query, **params):
        async with self.pool.connection() as conn:
            return await (await conn.cursor(row_factory=dict_row).execute(query, params)).fetchone()

    async def add(self, id, **changes):
        return await add_song(self.pool, self.account, self.net.world.track(id), **changes)

    async def add_web(self, url, **more):
        return await add_link(
            self.pool, self.account, source="web", ref_id=url, url=url, title=url.rpartition("/")[2], **more
        )

    async def run_of(self, track):
        return await self.row(
            "select * from runs where track_id = %(track)s and stage = 'fetch'", track=track
        )

    async def fetch(self, track):
        """Carry the run out as a worker would; the run afterwards."""
        run = await self.run_of(track)
        job = Job(
            id=run["job_id"], queue="download", lock=None, queueing_lock=None, task_name="downloads.fetch"
        )
        context = JobContext(
            app=app,
            job=job,
            start_timestamp=time.time(),
            additional_context={"tools": self.tools},
            abort_reason=lambda: None,
        )
        await tasks.fetch.func(context, run_id=run["id"])
        assert list(self.settings.work.iterdir()) == []
        return await self.run_of(track)

    async def sound_of(self, track):
        found = await self.row("select sha256, file_name from tracks where id = %(track)s", track=track)
        return media.blob(self.settings, found["sha256"]), found["file_name"]

    async def candidates(self, track):
        async with self.pool.connection() as conn:
            return await downloads.candidates_of_track(conn, account_id=self.account, track_id=track)

    async def choose(self, track, url):
        async with db.transaction(self.pool) as conn:
            await downloads.choose(conn, account_id=self.account, track_id=track, url=url)


@pytest.fixture
def studio(settings, pool, account, children, net):
    return Studio(settings, pool, account, children, net)


async def test_song_is_found_fetched_listened_to_and_handed_on(studio, net):
    track = await studio.add(ids.PLAIN)
    run = await studio.fetch(track)
    assert (run["state"], run["error"]) == ("done", None)
    sound, name = await studio.sound_of(track)
    assert heard(sound).is_(net.world.track(ids.PLAIN).sound)
    assert (tags(sound)["title"], name) == ("Copper Rain", "Copper Rain.opus")
    assert picture(sound) == net.studio.cover(net.world.track(ids.PLAIN).album.colour, 640)
    [one] = await studio.candidates(track)
    assert (one.url, one.provider, one.doubt, one.taken) == (
        "https://music.youtube.com/watch?v=vPlainSong0",
        "youtube-music",
        None,
        True,
    )
    decode = "select state::text from runs where track_id = %(track)s and stage = 'decode'"
    assert await studio.row(decode, track=track) == {"state": "queued"}


async def test_what_is_there_is_not_fetched_again(studio, net):
    track = await studio.add(ids.PLAIN)
    await studio.fetch(track)
    asked = len(net.calls())
    async with db.transaction(studio.pool) as conn:
        await conn.execute("update runs set state = 'cancelled' where stage = 'fetch'")
        await conn.execute("select sfa.retry(%s)", [track])
    assert (await studio.fetch(track))["state"] == "done"
    assert len(net.calls()) == asked


async def test_only_another_length_is_found_and_a_person_says_that_it_will_do(studio, net):
    track = await studio.add(ids.WRONG_LENGTH)
    run = await studio.fetch(track)
    assert run["error_code"] == "match_doubtful"
    assert run["error"].startswith("Asked: “Long Way Round” by Ada Quill, 0:08. Best found: “Long Way Round”")
    assert net.calls(STREAMS) == []
    [one] = await studio.candidates(track)
    assert one.doubt == "It lasts 0:15, not 0:08."
    await studio.choose(track, one.url)
    assert (await studio.fetch(track))["state"] == "done"
    sound, _ = await studio.sound_of(track)
    assert heard(sound).is_(net.world.track(ids.WRONG_LENGTH).video.sound)
    assert [place.taken for place in await studio.candidates(track) if place.url == one.url] == [True]


async def test_what_came_is_measured_whatever_was_promised(studio, net):
    """Found at the right length, and then it plays something else."""
    track = await studio.add(ids.PLAIN)
    other = net.studio.song(net.world.track(ids.WRONG_LENGTH).video.sound, "webm")
    net.add_fault(host=STREAMS, body=other, headers={"Content-Type": "audio/webm"}, times=None)
    run = await studio.fetch(track)
    assert run["error_code"] == "match_doubtful"
    assert "What came lasts 0:15." in run["error"]
    assert (await studio.row("select sha256 from tracks"))["sha256"] is None


async def test_nothing_found_says_what_was_looked_for(studio):
    track = await studio.add(ids.NO_SOURCE)
    run = await studio.fetch(track)
    assert (run["error_code"], run["error"]) == (
        "no_match",
        "Nothing was found that could be “Unheard Ledger” by Ada Quill.",
    )
    assert run["fix"] == "Give a link to it, or add a file of your own."


@pytest.mark.parametrize(
    ("id", "code"), [(ids.PRIVATE_VIDEO, "source_private"), (ids.REGION_LOCKED, "source_region")]
)
async def test_what_youtube_keeps_back_is_said_at_its_place_too(studio, id, code):
    track = await studio.add(id)
    run = await studio.fetch(track)
    assert (run["state"], run["error_code"], run["attempts"]) == ("failed", code, 1)
    [one] = await studio.candidates(track)
    assert one.doubt == run["error"]


async def test_the_next_place_is_asked_when_the_best_keeps_it_back(studio, net):
    track = net.world.track(ids.PRIVATE_VIDEO)
    twin = net.world.track(ids.PLAIN).video
    twin.title, twin.isrc, twin.sound = track.name, track.isrc, net.world.next_sound(track.sound.seconds)
    added = await studio.add(ids.PRIVATE_VIDEO)
    assert (await studio.fetch(added))["state"] == "done"
    sound, _ = await studio.sound_of(added)
    assert heard(sound).is_(twin.sound)


async def test_robot_check_closes_youtube_for_everybody_and_costs_no_attempt(studio, net):
    caught, other = await studio.add(ids.BOT_CHECK), await studio.add(ids.PLAIN)
    run = await studio.fetch(caught)
    assert (run["state"], run["attempts"]) == ("queued", 0)
    asked = len(net.calls())
    waiting = await studio.fetch(other)
    assert len(net.calls()) == asked, "nothing leaves while it is closed"
    until = (await studio.row("select closed_until from far_sides where name = 'youtube'"))["closed_until"]
    assert timedelta(minutes=14) < until - datetime.now(UTC) <= timedelta(minutes=15)
    assert waiting["note"] == run["note"] == f"YouTube asks for a pause until {until.astimezone():%H:%M}."
    when = "select scheduled_at from procrastinate_jobs where id = %(job)s"
    for one in (run, waiting):
        at = (await studio.row(when, job=one["job_id"]))["scheduled_at"]
        assert abs(at - until) < timedelta(seconds=3)
    async with db.transaction(studio.pool) as conn:
        await conn.execute("update far_sides set closed_until = now()")
    assert (await studio.fetch(other))["state"] == "done"


async def test_a_pause_of_youtube_holds_up_nothing_else(studio):
    async with db.transaction(studio.pool) as conn:
        until = datetime.now(UTC) + timedelta(hours=1)
        await store.close(conn, "youtube", until=until, code="source_rate_limited", why="robots")
    assert (await studio.fetch(await studio.add_web(f"{MEDIA}/song.mp3")))["state"] == "done"


async def test_a_file_on_the_net_is_taken_with_its_own_title(studio, net):
    track = await studio.add_web(f"{MEDIA}/song.flac")
    assert (await studio.fetch(track))["state"] == "done"
    sound, name = await studio.sound_of(track)
    assert sound.read_bytes() == net.studio.song(net.world.media_sound, "flac", TAGS)
    assert name == "song.flac"


async def test_a_link_that_a_person_gives_for_a_song_sounds_so_and_is_called_as_asked(studio, net):
    track = await studio.add(ids.NO_SOURCE, sound_url=f"{MEDIA}/song.mp3")
    assert (await studio.fetch(track))["state"] == "done"
    sound, _ = await studio.sound_of(track)
    assert heard(sound).is_(net.world.media_sound)
    assert tags(sound)["title"] == "Unheard Ledger"
    assert net.calls("music.youtube.com") == []


async def test_a_video_is_fetched_from_where_it_is(studio, net):
    video = net.world.track(ids.VIDEO_ONLY).video
    track = await add_link(
        studio.pool, studio.account, source="youtube", ref_id=video.id, url=video.url, title=video.title
    )
    assert (await studio.fetch(track))["state"] == "done"
    sound, name = await studio.sound_of(track)
    assert heard(sound).is_(video.sound)
    assert name == "Ada Quill - Camera Lucida.opus"
    assert net.calls("music.youtube.com") == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("silent.mp4", "no_sound"),
        ("broken.mp3", "not_audio"),
        ("huge.mp3", "too_large"),
        ("radio.mp3", "live_stream"),
    ],
)
async def test_what_is_no_song_never_reaches_the_library(studio, name, code):
    track = await studio.add_web(f"{MEDIA}/{name}")
    run = await studio.fetch(track)
    assert (run["state"], run["error_code"]) == ("failed", code)
    assert name in run["error"]
    assert (await studio.row("select count(*) as n from blobs"))["n"] == 0


async def test_scraps_are_no_song(studio, net):
    net.add_fault(path="/song.mp3", body=net.studio.song(net.world.media_sound, "mp3")[:9000], times=None,
                  headers={"Content-Type": "audio/mpeg"})  # fmt: skip
    run = await studio.fetch(await studio.add_web(f"{MEDIA}/song.mp3"))
    assert (run["error_code"], "9000 bytes" in run["error"]) == ("truncated", True)


async def test_the_same_file_for_two_links_names_the_other(studio):
    first, second = [await studio.add_web(f"{MEDIA}/{name}") for name in ("song.mp3", "redirects/2")]
    await studio.fetch(first)
    run = await studio.fetch(second)
    assert run["error"] == "“2” is in the library already, as “song.mp3”: the same file came for both."


async def test_network_that_is_down_is_tried_again_by_itself(studio, net):
    net.add_fault(host="music.youtube.com", drop=True, times=None)
    run = await studio.fetch(await studio.add(ids.PLAIN))
    assert (run["state"], run["attempts"]) == ("queued", 1)
    assert "YouTube cannot be reached" in run["note"]


@pytest_asyncio.fixture(loop_scope="module")
async def halfway(studio, net):
    """A song whose stream has begun, and takes seven seconds more; its fetch, and the process of that."""
    net.add_fault(host=STREAMS, rate=10_000)
    track = await studio.add(ids.PLAIN)
    fetching = asyncio.create_task(studio.fetch(track))
    while not (await studio.row("select coalesce(max(done), 0) > 0.12 as it from progress"))["it"]:
        await asyncio.sleep(0.1)
    [leader] = (process for process in downloaders(os.getpid()) if process.name() != "bash")
    return track, fetching, leader


async def test_cancelled_in_the_middle_it_leaves_nothing(studio, halfway):
    track, fetching, child = halfway
    async with db.transaction(studio.pool) as conn:
        await runs.cancel(conn, account_id=studio.account, track_id=track)
    run = await fetching
    assert (run["state"], is_there(child)) == ("cancelled", False)
    assert downloaders(os.getpid()) == media.every_blob(studio.settings) == []


@pytest.mark.faults
async def test_a_downloader_that_is_killed_is_started_again(studio, net, halfway):
    track, fetching, child = halfway
    os.kill(child.pid, signal.SIGKILL)
    run = await fetching
    assert (run["state"], run["attempts"]) == ("queued", 1)
    assert "killed by SIGKILL" in run["note"]
    assert (await studio.fetch(track))["state"] == "done"
    assert heard((await studio.sound_of(track))[0]).is_(net.world.track(ids.PLAIN).sound)


async def test_without_a_downloader_there_is_a_sentence(studio, tmp_path):
    studio.tools = replace(studio.tools, settings=replace(studio.settings, downloader=tmp_path / "python"))
    run = await studio.fetch(await studio.add(ids.PLAIN))
    assert (run["error_code"], run["fix"]) == ("downloader_missing", "./sfa setup --all")


async def test_a_link_is_looked_at_for_whoever_imports(studio, net, tmp_path):
    home = tmp_path / "look"
    home.mkdir()
    found = await downloads.look(studio.tools.children, studio.settings, home, f"{MEDIA}/song.mp3", most=10)
    assert (found["kind"], found["title"]) == ("track", "song")


async def test_of_two_pauses_the_longer_counts(pool):
    soon, late = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (5, 50))
    async with db.transaction(pool) as conn:
        for until in (soon, late, soon):
            await store.close(conn, "youtube", until=until, code="source_rate_limited", why="robots")
        assert await store.closed_until(conn, "youtube") == late
        assert await store.closed_until(conn, "spotify") is None


async def test_nobody_chooses_for_somebody_elses_track(studio):
    track = await studio.add(ids.PLAIN)
    async with db.transaction(studio.pool) as conn:
        other = await add_account(conn)
        with pytest.raises(NotFound):
            await downloads.choose(conn, account_id=other, track_id=track, url=f"{MEDIA}/song.mp3")
        assert await downloads.candidates_of_track(conn, account_id=other, track_id=track) == []

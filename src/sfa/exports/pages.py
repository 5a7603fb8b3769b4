"""What is taken away: stems, mixes, readings. Nothing is written; the heavy part is a child's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from jinja2 import Environment
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template

from sfa import accounts, analysis, corrections, db, library, media, names
from sfa.children.pour import Flow
from sfa.errors import NotFound, Refused
from sfa.exports import asked, document, making, score, store, tables
from sfa.exports.level import Level, level_of, measured, told
from sfa.exports.naming import distinct, safe_name, song_name
from sfa.exports.outgoing import Download, Events, begun, file_pieces, holding, while_there, whole
from sfa.exports.zipping import Entry, length_of, zipped
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.web import guards, ranges
from sfa.web.reach import Frame

_FRESH = {"Cache-Control": "no-store"}


@get("/stems/{stem_id:uuid}/as/{fmt:str}")
async def stem(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    settings: NamedDependency[Settings],
    stem_id: FromPath[UUID],
    fmt: FromPath[str],
) -> Response[Any]:
    """One stem: FLAC as it is stored, WAV with as many bits as that has, MP3 of 320 kbit/s."""
    fmt = asked.format_of(fmt)
    async with _reading(pool) as (conn, account_id):
        song, one = await store.song_of_stem(conn, account_id=account_id, stem_id=stem_id)
    making.check_files(settings, [one])
    name = f"{safe_name(f'{song.track.title} - {one.name}')}.{fmt}"
    if fmt == "flac":
        sound = ranges.Sound(media.blob(settings, one.sha256), one.sha256, making.MEDIA_TYPES[fmt], name)
        return ranges.answer(request, sound, download=True)
    _of_ours(request)
    wanted = making.stem_request(settings, song, one, fmt)
    async with holding() as held:
        held.enter_context(making.BENCH.place())
        pieces = await while_there(request, begun(making.converted(wanted), held))
        media_type = making.MEDIA_TYPES[fmt]
        return Download(pieces, held, name=name, media_type=media_type, bytes=making.wav_bytes(wanted))


@get("/tracks/{track_id:uuid}/stems.zip")
async def archive(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
    fmt: FromQuery[str] = "flac",
    run: FromQuery[int | None] = None,
    stem: FromQuery[list[str] | None] = None,
    ticked: FromQuery[bool] = False,
    readings: FromQuery[bool] = False,
    midi: FromQuery[bool] = False,
) -> Response[Any]:
    """Stems of one separation, with the readings beside them where asked for.

    Those named; where none is, all of them, unless a form says that what is named is what was `ticked`.
    """
    fmt = asked.format_of(fmt)
    async with _reading(pool) as (conn, account_id):
        song = await store.song_of_track(conn, account_id=account_id, track_id=track_id, run_id=run)
        wanted = readings or midi
        read = (
            await corrections.readings_of_track(conn, account_id=account_id, track_id=track_id)
            if wanted
            else None
        )
    stems = [] if ticked and not stem else asked.stems_of(song, stem or [])
    making.check_files(settings, stems)
    entries = _sounds(settings, song, stems, fmt)
    if readings and read:
        text = await asyncio.to_thread(document.of_track, song.track, read, song.made, song.stems)
        entries.append(_entry(song, "readings.json", text.encode()))
    if midi and read and read.by_name:
        entries.append(_entry(song, "readings.mid", await _score(song.track, read)))
    if not entries:
        raise Refused("Nothing was chosen for the zip.", fix="Tick a stem, or what is to lie beside them.")
    async with holding() as held:
        if fmt != "flac":
            _of_ours(request)
            held.enter_context(making.BENCH.place())
        pieces = await while_there(request, begun(zipped(entries, song.track.created_at), held))
        name = f"{song_name(song.track)} - stems.zip"
        return Download(pieces, held, name=name, media_type="application/zip", bytes=length_of(entries))


@get("/tracks/{track_id:uuid}/mix")
async def mix(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    frame: NamedDependency[Frame],
    track_id: FromPath[UUID],
    run: FromQuery[int | None] = None,
) -> Template:
    """The form of an own mix, filled in with what the address says."""
    async with _reading(pool) as (conn, account_id):
        song = await store.song_of_track(conn, account_id=account_id, track_id=track_id, run_id=run)
    return await _form(request, frame, song, asked.mix_of(song, _asked(request)))


@get("/tracks/{track_id:uuid}/mix/file")
async def mix_file(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    frame: NamedDependency[Frame],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
    fmt: FromQuery[str] = "wav",
    run: FromQuery[int | None] = None,
) -> Response[Any] | Template:
    """The mix itself; the form again, with an offer, where it would pass full scale."""
    fmt = asked.format_of(fmt)
    _of_ours(request)
    async with _reading(pool) as (conn, account_id):
        song = await store.song_of_track(conn, account_id=account_id, track_id=track_id, run_id=run)
    wanted = asked.mix_of(song, _asked(request))
    making.check_files(settings, [one.stem for one in wanted.voices])
    order = making.mix_request(settings, song, wanted, fmt)
    async with holding() as held:
        held.enter_context(making.BENCH.place())
        flow = await while_there(request, Flow.open(making.PROGRAM, order))
        held.push_async_callback(flow.end)
        if over := flow.said.get("over"):
            making.PEAKS.keep(wanted, over["peak"])
            await held.aclose()
            return await _form(request, frame, song, wanted, level_of(over), status=422)
        if flow.said["peak"] is not None:
            making.PEAKS.keep(wanted, flow.said["peak"])
        lowered_db = flow.said["lowered_db"]
        size = None if lowered_db else making.wav_bytes(order)  # it tells so in its tags
        return Download(
            await begun(flow.pieces(), held),
            held,
            name=f"{song_name(song.track)} - mix.{fmt}",
            media_type=making.MEDIA_TYPES[fmt],
            bytes=size,
            headers={"X-Lowered-Db": f"{-lowered_db:.1f}"},
        )


@get("/tracks/{track_id:uuid}/mix/level")
async def mix_level(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    frame: NamedDependency[Frame],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
    run: FromQuery[int | None] = None,
) -> Response[Any] | Template:
    """How loud the mix becomes: told as it is measured, or, to a plain form, with the form."""
    _of_ours(request)
    async with _reading(pool) as (conn, account_id):
        song = await store.song_of_track(conn, account_id=account_id, track_id=track_id, run_id=run)
    wanted = asked.mix_of(song, _asked(request))
    making.check_files(settings, [one.stem for one in wanted.voices])
    order = making.mix_request(settings, song, wanted, "wav") | {"level_only": True}
    async with holding() as held:
        held.enter_context(making.BENCH.place())
        if "hx-request" not in request.headers:
            level = await while_there(request, measured(order))
            await held.aclose()
            making.PEAKS.keep(wanted, level["peak"])
            return await _form(request, frame, song, wanted, level)
        partial = _environment(request).get_template("exports/_level.html")
        stop = f"/tracks/{track_id}/mix?{urlencode(_asked(request))}"

        def render(**context: Any) -> str:
            nothing = {"share": None, "level": None, "offer": None, "wrong": None, "stop": stop}
            return partial.render(nothing | context)

        def keep(level: Level) -> str | None:
            making.PEAKS.keep(wanted, level["peak"])
            return _offer(request, song, wanted, level)

        events = told(order, render, keep)
        return Events(events, held)


@get("/tracks/{track_id:uuid}/deck.stem.m4a")
async def stem_file(
    request: Request[Any, Any, Any],
    pool: NamedDependency[db.Pool],
    settings: NamedDependency[Settings],
    track_id: FromPath[UUID],
    codec: FromQuery[str] = "aac",
    run: FromQuery[int | None] = None,
) -> Response[Any]:
    """The original and four stems for a deck; made before it is sent, for an MP4 is written in leaps."""
    if codec not in ("aac", "alac"):
        raise Refused(f"{names.shown(codec)} is no coding of stem files.", fix="Ask for aac or alac.")
    _of_ours(request)
    async with _reading(pool) as (conn, account_id):
        song = await store.song_of_track(conn, account_id=account_id, track_id=track_id, run_id=run)
        source = await library.sound_of_track(conn, account_id=account_id, track_id=track_id)
    making.check_files(settings, song.stems)
    async with holding() as held:
        held.enter_context(making.BENCH.place())
        folder = held.enter_context(media.arriving(settings))
        path = media.blob(settings, source.sha256)
        wanted = making.stem_file_request(
            settings, song, source=path, name=PurePath(source.file_name).name, codec=codec, folder=folder
        )
        flow = await while_there(request, Flow.open(making.PROGRAM, wanted))
        await flow.end()
        return Download(
            file_pieces(folder / "made.stem.m4a"),
            held,
            name=f"{song_name(song.track)}.stem.m4a",
            media_type="audio/mp4",
            bytes=flow.said["bytes"],
            headers={"X-Lowered-Db": f"{-flow.said['lowered_db']:.1f}"},
        )


@get("/tracks/{track_id:uuid}/readings.mid")
async def midi(pool: NamedDependency[db.Pool], track_id: FromPath[UUID]) -> Response[Any]:
    """Tempo map, chords, sections and click, in time with the sound."""
    async with _reading(pool) as (conn, account_id):
        track, read = await _track_and_readings(conn, account_id, track_id)
    data = await _score(track, read)
    return _saved(data, f"{song_name(track)}.mid", "audio/midi")


@get("/tracks/{track_id:uuid}/readings.json")
async def readings(pool: NamedDependency[db.Pool], track_id: FromPath[UUID]) -> Response[Any]:
    """The words of `./sfa forge --json`, for one track."""
    async with _reading(pool) as (conn, account_id):
        track, read = await _track_and_readings(conn, account_id, track_id)
        try:
            song = await store.song_of_track(conn, account_id=account_id, track_id=track_id, run_id=None)
        except NotFound:  # read, and not separated yet
            song = None
    parts = (song.made, song.stems) if song else (None, [])
    text = await asyncio.to_thread(document.of_track, track, read, *parts)
    return _saved(text.encode(), f"{song_name(track)}.json", "application/json")


@get("/tracks/{track_id:uuid}/tables/{name:str}")
async def table(
    pool: NamedDependency[db.Pool], track_id: FromPath[UUID], name: FromPath[str]
) -> Response[Any]:
    """Beats, chords or sections as CSV."""
    name = name.removesuffix(".csv")
    if name not in tables.TABLES:
        raise NotFound(
            f"There is no table of {names.shown(name)}.", fix="There are beats, chords and sections."
        )
    async with _reading(pool) as (conn, account_id):
        track, read = await _track_and_readings(conn, account_id, track_id)
    reading = read.by_name.get(name)
    if reading is None or reading.absent is not None:
        why = f": {reading.absent}" if reading and reading.absent else "."
        raise NotFound(f"This track has no {name}{why}", fix="The other tables may be there.")
    text = await asyncio.to_thread(tables.table, read, name)
    return _saved(text.encode(), f"{song_name(track)} - {name}.csv", "text/csv")


@asynccontextmanager
async def _reading(pool: db.Pool) -> AsyncIterator[tuple[Conn, UUID]]:
    """A snapshot of one's own, which is over before a child begins: those take minutes."""
    async with db.snapshot(pool) as conn:
        yield conn, await accounts.owner_id(conn)


def _of_ours(request: Request[Any, Any, Any]) -> None:
    """Whether a page of this studio asks. A picture on a foreign page could else keep the machine busy."""
    if not guards.is_ours(dict(request.headers), request.headers.get("host", "")):
        raise guards.FromElsewhere(
            "Another site asked this studio for work, so nothing was done.", fix="Use the studio's own page."
        )


def _asked(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {key: value for key, value in request.query_params.items() if isinstance(value, str)}


async def _form(
    request: Request[Any, Any, Any],
    frame: Frame,
    song: store.Song,
    wanted: asked.Mix,
    level: Level | None = None,
    *,
    status: int = 200,
) -> Template:
    context = {
        "song": song,
        "mix": wanted,
        "said": {"fmt": "wav", "from": "", "to": ""} | _asked(request),
        "level": level,
        "offer": level and _offer(request, song, wanted, level),
        "shell": await frame(),
    }
    return Template("exports/mix.html", context=context, status_code=status, headers=_FRESH)


def _offer(request: Request[Any, Any, Any], song: store.Song, wanted: asked.Mix, level: Level) -> str | None:
    """Where a mix that is too loud can be had that much lower."""
    if not level["by_db"]:
        return None
    trim = {"trim": f"{wanted.trim_db - level['by_db']:.1f}"}
    return f"/tracks/{song.track.id}/mix/file?{urlencode(_asked(request) | trim)}"


async def _track_and_readings(
    conn: Conn, account_id: UUID, track_id: UUID
) -> tuple[library.Track, analysis.Readings]:
    track = await library.track_by_id(conn, account_id=account_id, track_id=track_id)
    read = await corrections.readings_of_track(conn, account_id=account_id, track_id=track_id)
    if not read.by_name:
        raise NotFound("This track has not been read yet.", fix="Readings appear once it has been analysed.")
    return track, read


def _environment(request: Request[Any, Any, Any]) -> Environment:
    engine = request.app.template_engine
    assert isinstance(engine, JinjaTemplateEngine)
    return engine.engine


async def _score(track: library.Track, read: analysis.Readings) -> bytes:
    length_s = track.duration_s or 0.0
    return await asyncio.to_thread(score.score_of, read, title=track.title, duration_s=length_s)


def _saved(data: bytes, name: str, media_type: str) -> Response[Any]:
    headers = {"Content-Disposition": ranges.disposition("attachment", name), **_FRESH}
    return Response(data, media_type=media_type, headers=headers)


def _sounds(settings: Settings, song: store.Song, stems: list[Any], fmt: str) -> list[Entry]:
    """The stems as entries of an archive, in a folder that bears the song's name."""
    made = []
    for one, name in zip(stems, distinct(stem.name for stem in stems), strict=True):
        path = f"{song_name(song.track)}/{name}.{fmt}"
        if fmt == "flac":
            made.append(Entry(path, one.bytes, _file(settings, one.sha256)))
        else:
            wanted = making.stem_request(settings, song, one, fmt)
            made.append(Entry(path, making.wav_bytes(wanted), _conversion(wanted)))
    return made


def _file(settings: Settings, sha256: str) -> Callable[[], AsyncGenerator[bytes, None]]:
    return lambda: file_pieces(media.blob(settings, sha256))


def _conversion(wanted: making.Request) -> Callable[[], AsyncGenerator[bytes, None]]:
    return lambda: making.converted(wanted)


def _entry(song: store.Song, name: str, data: bytes) -> Entry:
    return Entry(f"{song_name(song.track)}/{name}", len(data), lambda: whole(data))


routes = [stem, archive, mix, mix_level, mix_file, stem_file, midi, readings, table]

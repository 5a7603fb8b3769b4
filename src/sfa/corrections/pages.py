"""A person corrects what was read: forms that work with and without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from sfa import acts, corrections
from sfa.corrections import grammar, spans
from sfa.corrections.difference import differences
from sfa.corrections.edits import Form, draft_in, edit_of, field, length_of, spans_now
from sfa.corrections.rows import Song
from sfa.errors import NotFound, Refused
from sfa.sql import Conn
from sfa.web import mishaps
from sfa.web.reach import Frame

_FRESH = {"Cache-Control": "no-store"}
_LISTS = {"chords": grammar.NO_CHORD, "sections": "–"}  # and what stands between two of them


@get("/tracks/{track_id:uuid}/corrections")
async def index(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    act: FromQuery[int | None] = None,
    saved: FromQuery[bool] = False,
) -> Template:
    """What can be corrected. `act` was just done, and is told with the way back; `saved`: in the editor."""
    song = await corrections.song_of(conn, account_id=account_id, track_id=track_id)
    done = await acts.act_by_id(conn, account_id=account_id, act_id=act) if act is not None else None
    return Template(
        "corrections/_answer.html", context={"song": song, "act": done, "saved": saved}, headers=_FRESH
    )


@post("/tracks/{track_id:uuid}/corrections/{what:str}", status_code=303)
async def correct(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    frame: NamedDependency[Frame],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    what: FromPath[str],
) -> Redirect | Template:
    form = await _form(request)
    try:
        act = await corrections.correct(
            conn, account_id=account_id, track_id=track_id, what=what, seen=_version(form), form=form
        )
    except corrections.Clash as clash:
        return await _clash(request, frame, clash, form)
    return _done(request, track_id, what, act)


@post("/tracks/{track_id:uuid}/corrections/{what:str}/restore", status_code=303)
async def restore(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    frame: NamedDependency[Frame],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    what: FromPath[str],
) -> Redirect | Template:
    form = await _form(request)
    try:
        act = await corrections.restore(
            conn, account_id=account_id, track_id=track_id, what=what, seen=_version(form)
        )
    except corrections.Clash as clash:
        return await _clash(request, frame, clash, form)
    return _done(request, track_id, what, act)


@get("/tracks/{track_id:uuid}/corrections/{what:str}/edit")
async def edit(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    frame: NamedDependency[Frame],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    what: FromPath[str],
) -> Template:
    """The chords or the sections as rows."""
    gap = _gap(what)
    song = await corrections.song_of(conn, account_id=account_id, track_id=track_id)
    draft = spans.draft_of(spans_now(song, what), end_s=length_of(song), gap=gap)
    return await _editor(
        request, frame, song, what, draft, version=song.version(edit_of(what).part), snap=True
    )


@post("/tracks/{track_id:uuid}/corrections/{what:str}/draft", status_code=200)
async def draft(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    frame: NamedDependency[Frame],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
    what: FromPath[str],
) -> Template:
    """The rows as they were sent, with one more or less of them. Nothing is saved."""
    _gap(what)
    form = await _form(request)
    song = await corrections.song_of(conn, account_id=account_id, track_id=track_id)
    rows = spans.bounded(_changed(draft_in(form), field(form, "do"), field(form, "at_s"), song))
    return await _editor(
        request, frame, song, what, rows, version=_version(form), snap=bool(field(form, "snap"))
    )


def _changed(rows: spans.Draft, do: str, at: str, song: Song) -> spans.Draft:
    end_s, beats = length_of(song), song.effective.beats
    verb, _, number = do.partition(":")
    if verb == "add":
        return spans.add(rows, at, end_s=end_s, beats=beats)
    row = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else -1
    if not 0 <= row < len(rows.rows):
        raise Refused("There is no such row.", fix="Open the editor again.")
    if verb == "split":
        return spans.split(rows, row, at, end_s=end_s, beats=beats)
    return {"merge": spans.merge, "delete": spans.delete}.get(verb, lambda same, _: same)(rows, row)


async def _editor(
    request: Request[Any, Any, Any],
    frame: Frame,
    song: Song,
    what: str,
    rows: spans.Draft,
    *,
    version: int,
    snap: bool,
) -> Template:
    context = {"song": song, "what": what, "draft": rows, "version": version, "snap": snap}
    if "hx-request" in request.headers:
        return Template("corrections/_spans.html", context=context, headers=_FRESH)
    return Template("corrections/edit.html", context=context | {"shell": await frame()}, headers=_FRESH)


async def _clash(
    request: Request[Any, Any, Any], frame: Frame, clash: corrections.Clash, form: Form
) -> Template:
    """Both versions, and a way to take either: theirs is there already, mine is sent again upon it."""
    base = f"/tracks/{clash.song.track_id}"
    is_list, is_page = clash.part in _LISTS, "hx-request" not in request.headers
    theirs = (
        f"{base}/corrections/{clash.part}/edit" if is_list else base if is_page else f"{base}/corrections"
    )
    mine = [(name, value) for name in form if name != "version" for value in form[name]]
    context = {
        "name": clash.song.title,
        "differences": differences(clash.song, clash.part, clash.mine),
        "age_s": clash.song.versions[clash.part].age_s,
        "mine": [("version", clash.song.version(clash.part)), *mine],
        "theirs": theirs,
        "into": "#correction-editor" if is_list else None,
    }
    return await mishaps.show_clash(request, frame, clash, context)


def _done(request: Request[Any, Any, Any], track_id: UUID, what: str, act: int | None) -> Redirect:
    if "hx-request" not in request.headers:
        return Redirect(f"/tracks/{track_id}#corrections", status_code=303)
    told = ["saved=true"] * (what in _LISTS) + ([] if act is None else [f"act={act}"])
    return Redirect(f"/tracks/{track_id}/corrections?{'&'.join(told)}", status_code=303)


async def _form(request: Request[Any, Any, Any]) -> Form:
    """All values of each field, in order, as text."""
    sent = await request.form()
    return {name: [str(value) for value in sent.getall(name)] for name in dict.fromkeys(sent.keys())}


def _version(form: Form) -> int:
    text = field(form, "version")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused("The form does not say what it was made upon.", fix="Load the page again.")
    return int(text)


def _gap(what: str) -> str:
    if what not in _LISTS:
        raise NotFound("There is nothing like that to edit.", fix="Chords and sections can be edited.")
    return _LISTS[what]


routes = [index, correct, restore, edit, draft]

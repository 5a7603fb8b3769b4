"""What is done to one track or to many at once. What changes the library can be undone."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Request, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from sfa import acts, catalogue, library, playlists
from sfa.catalogue import store
from sfa.corrections.difference import Difference
from sfa.errors import Refused
from sfa.names import clean
from sfa.sql import Conn
from sfa.studio.answers import FRESH, answer, came_to_nothing, carry_out
from sfa.studio.cards import card_of
from sfa.web import forms, mishaps
from sfa.web.reach import Frame
from sfa.web.words import count

_MOST = 20_000  # tracks that one act may be about
_FIELDS = {"title": 500, "artist": 500, "album": 500, "year": 10, "genre": 200, "comment": 4000}
_EMPTY = "–"
_NONE = "None of these tracks is there any more, so nothing was done."


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done, and to which tracks."""

    conn: Conn
    account_id: UUID
    track_ids: list[UUID]
    form: FormMultiDict

    @property
    def whose(self) -> dict[str, Any]:
        return {"account_id": self.account_id, "track_ids": self.track_ids}

    async def act(self, work: Awaitable[int], words: Callable[[str], str], in_vain: str = _NONE) -> int:
        return await carry_out(self.conn, self.account_id, work, words, in_vain=in_vain)

    def tag(self) -> str:
        name = forms.filled(self.form, "tag", 60).lstrip("#").strip()
        if not name:
            raise Refused("The tag is empty.", fix="Write a word, then try again.")
        return name


async def _trash(asked: Asked) -> str | int:
    return await asked.act(store.trash(asked.conn, **asked.whose), lambda tracks: f"Deleted {tracks}")


async def _restore(asked: Asked) -> str | int:
    return await asked.act(store.restore(asked.conn, **asked.whose), lambda tracks: f"Brought {tracks} back")


async def _purge(asked: Asked) -> str | int:
    gone = await store.purge(asked.conn, **asked.whose)
    if not gone:
        raise came_to_nothing(_NONE)
    return f"{count(gone, 'track')} deleted for good. The files go with the next sweep."


async def _tag(asked: Asked) -> str | int:
    name = asked.tag()
    return await asked.act(
        store.tag_tracks(asked.conn, **asked.whose, name=name),
        lambda tracks: f"Tagged {tracks} #{name}",
        f"These have the tag #{name} already, so nothing was done.",
    )


async def _untag(asked: Asked) -> str | int:
    name = asked.tag()
    return await asked.act(
        store.untag_tracks(asked.conn, **asked.whose, name=name),
        lambda tracks: f"Took the tag #{name} off {tracks}",
        f"None of these has the tag #{name}, so nothing was done.",
    )


async def _to_playlist(asked: Asked) -> str | int:
    async def put() -> int:
        try:
            playlist_id = UUID(str(asked.form.get("playlist") or ""))
        except ValueError:
            name = forms.filled(asked.form, "name", 120)
            playlist_id = await playlists.make(asked.conn, account_id=asked.account_id, name=name)
        return await playlists.append(asked.conn, **asked.whose, playlist_id=playlist_id)

    return await asked.act(put(), lambda tracks: f"Put {tracks} into a playlist")


async def _separate(asked: Asked) -> str | int:
    model = forms.filled(asked.form, "model", 100)
    fresh = await library.separate_again(asked.conn, **asked.whose, model=model)
    if not fresh:
        raise came_to_nothing(f"These have stems of {model} already, or are being separated with it.")
    return f"{count(fresh, 'track')} will be separated with {model}."


def _driven(what: store.Drive, sentence: str, in_vain: str) -> Callable[[Asked], Awaitable[str | int]]:
    async def drive(asked: Asked) -> str | int:
        steps = await store.drive(asked.conn, **asked.whose, what=what)
        if not steps:
            raise came_to_nothing(in_vain)
        return sentence.format(count(steps, "step"))

    return drive


_WHAT: dict[str, Callable[[Asked], Awaitable[str | int]]] = {
    "trash": _trash,
    "restore": _restore,
    "purge": _purge,
    "tag": _tag,
    "untag": _untag,
    "playlist": _to_playlist,
    "separate": _separate,
    "retry": _driven("retry", "{} tried again.", "Nothing of these has failed or was cancelled."),
    "cancel": _driven("cancel", "{} cancelled.", "Nothing of these is under way."),
    "first": _driven("first", "{} go first.", "Nothing of these waits for its turn."),
    "later": _driven("later", "{} take their ordinary turn.", "Nothing of these waits for its turn."),
}


@post("/library/do", status_code=200)
async def do(
    request: Request[Any, Any, Any], conn: NamedDependency[Conn], account_id: NamedDependency[UUID]
) -> Any:
    """`what` to `id`, again and again; or, with `all`, to everything that `filter` lets through."""
    form = await request.form()
    act = _WHAT.get(str(form.get("what")))
    if act is None:
        raise Refused("That is nothing that can be done to tracks.", fix="Load the page again.")
    track_ids = await _chosen(conn, account_id, form)
    done = await act(Asked(conn, account_id, track_ids, form))
    back = f"/library?{form.get('filter') or ''}".rstrip("?")
    return await answer(request, conn, account_id, done, back=back)


async def _chosen(conn: Conn, account_id: UUID, form: FormMultiDict) -> list[UUID]:
    if form.get("all"):
        wanted = catalogue.parse(parse_qsl(str(form.get("filter") or "")))
        return await catalogue.every_match(conn, account_id=account_id, wanted=wanted, at_most=_MOST)
    try:
        found = [UUID(str(value)) for value in form.getall("id", [])]
    except ValueError as error:
        raise Refused("One of these is no track.", fix="Load the page again.") from error
    if not found:
        raise Refused("No track is selected.", fix="Choose some, then try again.")
    return list(dict.fromkeys(found))


@get("/tracks/{track_id:uuid}/description")
async def description(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], track_id: FromPath[UUID]
) -> Template:
    said = await catalogue.description(conn, account_id=account_id, track_id=track_id)
    card = await card_of(conn, account_id=account_id, track_id=track_id)
    return Template(
        "studio/_description.html",
        context={"said": said, "card": card, "track_id": track_id},
        headers=FRESH,
    )


@post("/tracks/{track_id:uuid}/description", status_code=200)
async def describe(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    frame: NamedDependency[Frame],
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
) -> Any:
    """Each field comes with what it was when the form was loaded: what others wrote since stays."""
    form = await request.form()
    whose = {"account_id": account_id, "track_id": track_id}
    said = _described(form)
    seen = {field: _seen(form, field) for field in said}
    back = f"/tracks/{track_id}"
    try:
        then, changed = await store.revised(conn, **whose, seen=seen, said=said)
    except catalogue.DescriptionClash as clash:
        return await _clash(request, frame, clash, form)
    if not changed:
        return await answer(request, conn, account_id, "Nothing was changed.", back=back)
    act = await acts.begin(conn, account_id=account_id, said=f"Edited “{then.title}”")
    await store.describe(conn, **whose, said=then, by_hand=changed)
    return await answer(request, conn, account_id, act, back=back)


def _described(form: FormMultiDict) -> dict[str, str | int | None]:
    """The fields that the form has, each as a track has it."""
    said: dict[str, str | int | None] = {
        field: forms.text(form, field, longest) for field, longest in _FIELDS.items() if field in form
    }
    if said.get("title", "") is None:
        raise Refused("A track without a title cannot be found again.", fix="Write a title.")
    year = said.get("year")
    if year is not None:
        if not re.fullmatch("[12][0-9]{3}", str(year)):
            raise Refused(f"{year} is no year.", fix="Write it with four digits, or leave it empty.")
        said["year"] = int(year)
    return said


def _seen(form: FormMultiDict, field: str) -> str | None:
    if (was := form.get(f"was_{field}")) is None:
        raise Refused("The form does not say what it was made upon.", fix="Load the page again.")
    return clean(str(was), 5000)


async def _clash(
    request: Request[Any, Any, Any], frame: Frame, clash: catalogue.DescriptionClash, form: FormMultiDict
) -> Template:
    """Both, upon what is there now: all of mine, or mine without the fields in which we differ."""
    theirs = {field: clash.theirs.said(field) or "" for field in clash.fields}
    mine = {name: str(value) for name, value in form.items()}
    mine |= {f"was_{field}": value for field, value in theirs.items()}
    context = {
        "name": clash.theirs.title,
        "differences": [
            Difference(_called(field), [clash.mine.said(field) or _EMPTY], [theirs[field] or _EMPTY])
            for field in clash.fields
        ],
        "age_s": None,
        "mine": mine.items(),
        "theirs": (mine | theirs).items(),
        "into": None,
    }
    return await mishaps.show_clash(request, frame, clash, context)


def _called(field: str) -> str:
    return "Notes" if field == "comment" else field.capitalize()


routes = [do, description, describe]

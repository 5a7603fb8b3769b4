"""What is done to one track or to many at once. What changes the library can be undone."""

from __future__ import annotations

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
from sfa.errors import Refused
from sfa.names import clean
from sfa.sql import Conn
from sfa.studio.answers import FRESH, answer
from sfa.studio.cards import card_of
from sfa.web.words import count

_MOST = 20_000  # tracks that one act may be about


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done, and to which tracks."""

    conn: Conn
    account_id: UUID
    track_ids: list[UUID]
    form: FormMultiDict

    @property
    def tracks(self) -> str:
        return count(len(self.track_ids), "track")

    def text(self, name: str, longest: int) -> str:
        """A field that has to be there.

        Raises
        ------
        Refused
            When it is empty or too long.
        """
        said = clean(str(self.form.get(name) or ""), 5000) or ""
        if not said:
            raise Refused(f"The {name} is empty.", fix="Write one, then try again.")
        if len(said) > longest:
            raise Refused(f"The {name} is longer than {longest} letters.", fix="Write a shorter one.")
        return said


async def _trash(asked: Asked) -> str | int:
    act = await acts.begin(asked.conn, account_id=asked.account_id, said=f"Deleted {asked.tracks}")
    await store.trash(asked.conn, account_id=asked.account_id, track_ids=asked.track_ids)
    return act


async def _restore(asked: Asked) -> str | int:
    act = await acts.begin(asked.conn, account_id=asked.account_id, said=f"Brought {asked.tracks} back")
    await store.restore(asked.conn, account_id=asked.account_id, track_ids=asked.track_ids)
    return act


async def _purge(asked: Asked) -> str | int:
    gone = await store.purge(asked.conn, account_id=asked.account_id, track_ids=asked.track_ids)
    return f"{count(gone, 'track')} deleted for good. The files go with the next sweep."


async def _tag(asked: Asked) -> str | int:
    name = asked.text("tag", 60).lstrip("#").strip()
    if not name:
        raise Refused("The tag is empty.", fix="Write a word, then try again.")
    act = await acts.begin(asked.conn, account_id=asked.account_id, said=f"Tagged {asked.tracks} #{name}")
    await store.tag_tracks(asked.conn, account_id=asked.account_id, track_ids=asked.track_ids, name=name)
    return act


async def _untag(asked: Asked) -> str | int:
    act = await acts.begin(asked.conn, account_id=asked.account_id, said=f"Took a tag off {asked.tracks}")
    tag_id = asked.text("tag", 18)
    if not (tag_id.isascii() and tag_id.isdigit()):
        raise Refused("There is no such tag.", fix="Load the page again.")
    await store.untag_tracks(
        asked.conn, account_id=asked.account_id, track_ids=asked.track_ids, tag_id=int(tag_id)
    )
    return act


async def _to_playlist(asked: Asked) -> str | int:
    given = str(asked.form.get("playlist") or "")
    act = await acts.begin(
        asked.conn, account_id=asked.account_id, said=f"Put {asked.tracks} into a playlist"
    )
    try:
        playlist_id = UUID(given)
    except ValueError:
        name = asked.text("name", 120)
        playlist_id = await playlists.make(asked.conn, account_id=asked.account_id, name=name)
    await playlists.append(
        asked.conn, account_id=asked.account_id, playlist_id=playlist_id, track_ids=asked.track_ids
    )
    return act


async def _separate(asked: Asked) -> str | int:
    model = asked.text("model", 80)
    for track_id in asked.track_ids:
        await library.forge_again(asked.conn, account_id=asked.account_id, track_id=track_id, model=model)
    return f"{asked.tracks} will be separated with {model}."


def _driven(what: store.Drive, sentence: str) -> Callable[[Asked], Awaitable[str | int]]:
    async def drive(asked: Asked) -> str | int:
        steps = await store.drive(
            asked.conn, account_id=asked.account_id, track_ids=asked.track_ids, what=what
        )
        return sentence.format(tracks=asked.tracks, steps=count(steps, "step"))

    return drive


_WHAT: dict[str, Callable[[Asked], Awaitable[str | int]]] = {
    "trash": _trash,
    "restore": _restore,
    "purge": _purge,
    "tag": _tag,
    "untag": _untag,
    "playlist": _to_playlist,
    "separate": _separate,
    "retry": _driven("retry", "{steps} of {tracks} tried again."),
    "cancel": _driven("cancel", "{steps} of {tracks} cancelled."),
    "first": _driven("first", "{tracks} go first: {steps} moved up."),
    "later": _driven("later", "{tracks} take their ordinary turn: {steps} moved."),
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
    return await answer(request, conn, account_id, done, back=f"/library?{form.get('filter') or ''}")


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
    account_id: NamedDependency[UUID],
    track_id: FromPath[UUID],
) -> Any:
    form = await request.form()
    said = _described(form)
    act = await acts.begin(conn, account_id=account_id, said=f"Edited “{said.title}”")
    await store.describe(conn, account_id=account_id, track_id=track_id, said=said)
    return await answer(request, conn, account_id, act, back=f"/tracks/{track_id}")


def _described(form: FormMultiDict) -> catalogue.Description:
    def text(name: str, longest: int) -> str | None:
        said = clean(str(form.get(name) or ""), 5000)
        if said and len(said) > longest:
            raise Refused(f"The {name} is longer than {longest} letters.", fix="Write less.")
        return said

    title = text("title", 500)
    if title is None:
        raise Refused("A track without a title cannot be found again.", fix="Write a title.")
    year = text("year", 10)
    if year is not None and not (year.isascii() and year.isdigit() and 1000 <= int(year) <= 2999):
        raise Refused(f"{year} is no year.", fix="Write it with four digits, or leave it empty.")
    return catalogue.Description(
        title=title,
        artist=text("artist", 500),
        album=text("album", 500),
        year=int(year) if year else None,
        genre=text("genre", 200),
        comment=text("comment", 4000),
    )


routes = [do, description, describe]

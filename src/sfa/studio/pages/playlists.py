"""Playlists and crates."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from sfa import acts, catalogue, playlists
from sfa.errors import Refused
from sfa.playlists import store
from sfa.settings import Settings
from sfa.sql import Conn
from sfa.studio.answers import FRESH, answer, carry_out, lead, told
from sfa.studio.shelf import ordered_cards
from sfa.studio.shell import shell_of
from sfa.web import forms

_LONGEST = 120


@get("/playlists/{playlist_id:uuid}")
async def show(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    settings: NamedDependency[Settings],
    playlist_id: FromPath[UUID],
) -> Template:
    found = await playlists.playlist(conn, account_id=account_id, playlist_id=playlist_id)
    items = await playlists.items(conn, account_id=account_id, playlist_id=playlist_id)
    cards = await ordered_cards(conn, account_id=account_id, track_ids=[item.track_id for item in items])
    return Template(
        "studio/playlist.html",
        context={
            "playlist": found,
            "entries": list(zip(items, cards, strict=True)),
            **await told(request, conn, account_id),
            "shell": await shell_of(
                conn,
                account_id=account_id,
                here=f"/playlists/{playlist_id}",
                limit=settings.max_upload_bytes,
            ),
        },
        headers=FRESH,
    )


@post("/playlists", status_code=303)
async def make(
    request: Request[Any, Any, Any], conn: NamedDependency[Conn], account_id: NamedDependency[UUID]
) -> Redirect:
    name = forms.filled(await request.form(), "name", _LONGEST)
    act = await acts.begin(conn, account_id=account_id, said=f"Made the playlist “{name}”")
    playlist_id = await store.make(conn, account_id=account_id, name=name)
    return lead(f"/playlists/{playlist_id}", act)


@post("/playlists/{playlist_id:uuid}/name", status_code=303)
async def rename(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    playlist_id: FromPath[UUID],
) -> Redirect:
    name = forms.filled(await request.form(), "name", _LONGEST)
    act = await acts.begin(conn, account_id=account_id, said=f"Called a playlist “{name}”")
    await store.rename(conn, account_id=account_id, playlist_id=playlist_id, name=name)
    return lead(f"/playlists/{playlist_id}", act)


@post("/playlists/{playlist_id:uuid}/drop", status_code=303)
async def drop(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], playlist_id: FromPath[UUID]
) -> Redirect:
    found = await playlists.playlist(conn, account_id=account_id, playlist_id=playlist_id)
    act = await acts.begin(conn, account_id=account_id, said=f"Deleted the playlist “{found.name}”")
    await store.drop(conn, account_id=account_id, playlist_id=playlist_id)
    return lead("/library", act)


@post("/playlists/{playlist_id:uuid}/out", status_code=200)
async def take_out(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    playlist_id: FromPath[UUID],
) -> Any:
    item_ids = _numbers((await request.form()).getall("item", []))
    act = await carry_out(
        conn,
        account_id,
        store.take_out(conn, account_id=account_id, playlist_id=playlist_id, item_ids=item_ids),
        lambda tracks: f"Took {tracks} out of a playlist",
        in_vain="That is not in the playlist any more, so nothing was done.",
    )
    return await answer(request, conn, account_id, act, back=f"/playlists/{playlist_id}")


@post("/playlists/{playlist_id:uuid}/move", status_code=200)
async def move(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    playlist_id: FromPath[UUID],
) -> Any:
    """`item` to the place before the item `before`; without that, to the end."""
    form = await request.form()
    (item_id,) = _numbers([form.get("item")])
    before = _numbers([form["before"]])[0] if form.get("before") else None
    act = await acts.begin(conn, account_id=account_id, said="Moved a track in a playlist")
    await store.move(conn, account_id=account_id, playlist_id=playlist_id, item_id=item_id, before=before)
    return await answer(request, conn, account_id, act, back=f"/playlists/{playlist_id}")


@post("/crates", status_code=303)
async def make_crate(
    request: Request[Any, Any, Any], conn: NamedDependency[Conn], account_id: NamedDependency[UUID]
) -> Redirect:
    """Under the name of a crate that is there, this takes the place of its filter."""
    form = await request.form()
    name = forms.filled(form, "name", _LONGEST)
    wanted = catalogue.parse(parse_qsl(str(form.get("filter") or "")))
    act = await acts.begin(conn, account_id=account_id, said=f"Made the crate “{name}”")
    if not await store.keep_crate(conn, account_id=account_id, name=name, filter=wanted.query()):
        await acts.say(conn, act_id=act, said=f"Changed what is in the crate “{name}”")
    return lead(f"/library?{wanted.query()}".rstrip("?"), act)


@post("/crates/{crate_id:uuid}/drop", status_code=303)
async def drop_crate(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], crate_id: FromPath[UUID]
) -> Redirect:
    crate = await playlists.crate(conn, account_id=account_id, crate_id=crate_id)
    act = await acts.begin(conn, account_id=account_id, said=f"Deleted the crate “{crate.name}”")
    await store.drop_crate(conn, account_id=account_id, crate_id=crate_id)
    return lead("/library", act)


def _numbers(texts: list[Any]) -> list[int]:
    try:
        found = [int(str(text)) for text in texts]
    except ValueError as error:
        raise Refused("One of these is no entry of a playlist.", fix="Load the page again.") from error
    if not found:
        raise Refused("No track is selected.", fix="Choose some, then try again.")
    return found


routes = [show, make, rename, drop, take_out, move, make_crate, drop_crate]

"""Links: looked at, chosen from, taken in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect, Template

from sfa import imports
from sfa.errors import Refused
from sfa.library.recognise import recognise_pasted
from sfa.sql import Conn
from sfa.web.reach import Frame

_FRESH = {"Cache-Control": "no-store"}
_LONGEST = 2000  # of a link that is remembered


@get("/imports")
async def index(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], frame: NamedDependency[Frame]
) -> Template:
    """The links that were given, newest first."""
    context = {
        "imports": await imports.newest(conn, account_id=account_id),
        "shell": await frame("/imports", "imports"),
    }
    return Template("imports/index.html", context=context, headers=_FRESH)


@post("/imports", status_code=303, request_max_body_size=1 << 20)
async def ask(
    request: Request[Any, Any, Any], conn: NamedDependency[Conn], account_id: NamedDependency[UUID]
) -> Redirect:
    """Have the links in a text looked at; nothing is fetched before somebody has chosen."""
    text = "\n".join(str(part) for part in (await request.form()).getall("text", []))
    refs = [one.ref for one in recognise_pasted(text).found if one.ref is not None]
    if not refs:
        raise Refused("There is no link in it that leads to music.", fix="Copy the link once more, whole.")
    if long := next((ref for ref in refs if len(ref.id) > _LONGEST), None):
        raise Refused(
            f"The link to {long.host} has more than {_LONGEST:,} letters.",
            code="bad_url",
            fix="Links end behind the name of a file or a page mostly; leave out what comes behind a “?”.",
        )
    asked = [await imports.ask(conn, account_id=account_id, ref=ref) for ref in refs]
    return Redirect(f"/imports/{asked[0]}" if len(asked) == 1 else "/imports", status_code=303)


@get("/imports/{import_id:uuid}")
async def show(
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    frame: NamedDependency[Frame],
    import_id: FromPath[UUID],
) -> Template:
    """What a link holds, and what of it is in the library."""
    context = {
        "import": await imports.import_by_id(conn, account_id=account_id, import_id=import_id),
        "entries": await imports.entries(conn, account_id=account_id, import_id=import_id),
        "shell": await frame("/imports", f"import&link={import_id}"),
    }
    return Template("imports/show.html", context=context, headers=_FRESH)


@get("/imports/{import_id:uuid}/cover")
async def cover(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], import_id: FromPath[UUID]
) -> Response[bytes]:
    small = await imports.cover(conn, account_id=account_id, import_id=import_id)
    return Response(small, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})


@post("/imports/{import_id:uuid}/take", status_code=303, request_max_body_size=1 << 20)
async def take(
    request: Request[Any, Any, Any],
    conn: NamedDependency[Conn],
    account_id: NamedDependency[UUID],
    import_id: FromPath[UUID],
) -> Redirect:
    """Make tracks of what was ticked; they are fetched, separated and analysed without further ado."""
    await imports.import_by_id(conn, account_id=account_id, import_id=import_id)
    form = await request.form()
    chosen = [str(value) for value in form.getall("position", [])]
    if not all(value.isascii() and value.isdigit() and len(value) < 8 for value in chosen):
        raise Refused("The form names an entry that cannot be.", fix="Load the page again.")
    await imports.take(
        conn,
        account_id=account_id,
        import_id=import_id,
        positions=[int(value) for value in chosen],
        step="step" in form,
    )
    return Redirect(await _place_of(conn, account_id, import_id), status_code=303)


async def _place_of(conn: Conn, account_id: UUID, import_id: UUID) -> str:
    """Where what was taken can be watched: its playlist, or its track."""
    one = await imports.import_by_id(conn, account_id=account_id, import_id=import_id)
    if one.playlist_id is not None:
        return f"/playlists/{one.playlist_id}"
    held = await imports.entries(conn, account_id=account_id, import_id=import_id)
    tracks = {entry.known for entry in held if entry.known is not None}
    return f"/tracks/{tracks.pop()}" if len(tracks) == 1 else "/"


@post("/imports/{import_id:uuid}/again", status_code=303)
async def again(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], import_id: FromPath[UUID]
) -> Redirect:
    """Ask the far side once more."""
    await imports.ask_again(conn, account_id=account_id, import_id=import_id)
    return Redirect(f"/imports/{import_id}", status_code=303)


@post("/imports/{import_id:uuid}/forget", status_code=303)
async def forget(
    conn: NamedDependency[Conn], account_id: NamedDependency[UUID], import_id: FromPath[UUID]
) -> Redirect:
    """Take it off the list. Its tracks and its playlist stay."""
    await imports.forget(conn, account_id=account_id, import_id=import_id)
    return Redirect("/imports", status_code=303)


routes = [index, ask, show, cover, take, again, forget]

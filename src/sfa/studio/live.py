"""What the pages of this room look like after a change: the same partials as on first load."""

from __future__ import annotations

from uuid import UUID

import jinja2

from sfa import catalogue, imports, library, notices
from sfa.errors import NotFound
from sfa.events import Change, Cursor, Frames, Topic
from sfa.sql import Conn
from sfa.studio import store
from sfa.studio.cards import card_of, cards_of, strip
from sfa.studio.desk import desk_of
from sfa.studio.sheet import sheet_of


class Pages:
    """The rooms, as the hub of live updates asks them."""

    def __init__(self, templates: jinja2.Environment) -> None:
        self._templates = templates

    async def cursor(self, conn: Conn) -> Cursor:
        return await store.cursor(conn)

    async def changed(self, conn: Conn, since: int | None) -> list[Change]:
        return await store.changed(conn, since)

    async def moving(self, conn: Conn) -> list[Change]:
        return await store.moving(conn)

    async def frames(self, conn: Conn, topic: Topic, changes: list[Change]) -> Frames:
        frames = {"strip": self._partial("studio/_strip.html", "#strip", strip=await strip(conn))}
        if topic.page in ("import", "imports"):
            return frames | await self._imports(conn, topic)
        if not changes:
            return frames
        news = await notices.count_unseen(conn, account_id=topic.account_id) or ""
        frames["news"] = self._partial("shell/_number.html", "#n-news", name="news", number=news)
        if topic.track_id is not None:
            show = self._sheet if changes[0].whole else self._stages
            try:
                return frames | await show(conn, topic.account_id, topic.track_id)
            except NotFound:  # it is in the trash
                return frames | {"stages": self._partial("studio/_gone.html", "#stages")}
        counts = await catalogue.counts(conn, account_id=topic.account_id)
        for name in ("moving", "failed", "trash"):
            number = getattr(counts, name) or ""
            frames[name] = self._partial("shell/_number.html", f"#n-{name}", name=name, number=number)
        if topic.page == "desk":
            return frames | await self._desk(conn, topic.account_id)
        return frames | await self._rows(conn, topic.account_id, changes)

    async def _imports(self, conn: Conn, topic: Topic) -> Frames:
        if topic.import_id is None:
            found = await imports.newest(conn, account_id=topic.account_id)
            return {"imports": self._partial("imports/_imports.html", "#imports", imports=found)}
        mine = {"account_id": topic.account_id, "import_id": topic.import_id}
        try:
            one = await imports.import_by_id(conn, **mine)
        except NotFound:  # forgotten in another tab
            return {}
        held = await imports.entries(conn, **mine)
        context = {"import": one, "entries": held}
        return {"import": self._partial("imports/_import.html", "#import", **context)}

    async def _desk(self, conn: Conn, account_id: UUID) -> Frames:
        desk = await desk_of(conn, account_id=account_id)
        return {
            part: self._partial(f"studio/_{part}.html", f"#{part}", desk=desk) for part in ("queue", "lately")
        }

    async def _rows(self, conn: Conn, account_id: UUID, changes: list[Change]) -> Frames:
        ids = [change.track_id for change in changes]
        tracks = await library.tracks_by_ids(conn, account_id=account_id, track_ids=ids)
        cards = await cards_of(conn, account_id=account_id, tracks=tracks)
        there = {track.id for track in tracks}
        gone = {
            str(track_id): f'<hx-partial hx-target="#track-{track_id}" hx-swap="delete"></hx-partial>'
            for track_id in ids
            if track_id not in there
        }
        # Oldest first, so that a page to which several are new ends up with the newest on top.
        return gone | {
            str(card.track.id): self._partial("studio/_row.html", f"#track-{card.track.id}", card=card)
            for card in reversed(cards)
        }

    async def _stages(self, conn: Conn, account_id: UUID, track_id: UUID) -> Frames:
        card = await card_of(conn, account_id=account_id, track_id=track_id)
        return {"stages": self._partial("studio/_stages.html", "#stages", card=card)}

    async def _sheet(self, conn: Conn, account_id: UUID, track_id: UUID) -> Frames:
        sheet = await sheet_of(conn, account_id=account_id, track_id=track_id)
        parts = {
            part: self._partial(f"studio/_{part}.html", f"#{part}", sheet=sheet)
            for part in ("head", "player", "readings")
        }
        if sheet.places is not None:
            parts["places"] = self._partial("downloads/_places.html", "#places", sheet=sheet)
        return {**parts, "stages": self._partial("studio/_stages.html", "#stages", card=sheet.card)}

    def _partial(self, template: str, target: str, **context: object) -> str:
        html = self._templates.get_template(template).render(**context)
        return f'<hx-partial hx-target="{target}" hx-swap="outerMorph">{html}</hx-partial>'

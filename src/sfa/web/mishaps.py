"""What went wrong, as a page or as a notice on one: a sentence, the way out, never a traceback."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response import Template
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from sfa.errors import NotFound, Refused, SfaError
from sfa.web.guards import FromElsewhere, NotHere
from sfa.web.reach import Frame

log = structlog.get_logger()

_STATUS: dict[type[SfaError], int] = {NotFound: 404, Refused: 422, NotHere: 421, FromElsewhere: 403}
_STATUS_OF_CODE = {"too_large": 413, "disk_full": 507, "busy": 503}
_HTTP = {
    404: ("There is nothing at this address.", "Go back to the library."),
    405: ("This address cannot be used that way.", "Go back to the library."),
    413: ("That is more than this studio takes.", "Send less at once."),
}
# How the states of PostgreSQL begin; most others that psycopg calls operational errors are faults of ours.
_AWAY = ("08", "57P")
_MEANWHILE = ("40", "55P03")
_FULL = "53100"
_UNREADABLE = ("The request could not be understood.", "Go back and try again.")


def show_sfa(request: Request[Any, Any, Any], error: SfaError) -> Template:
    """A fault of the input, or of the person's request: said as its author wrote it."""
    code = getattr(error, "code", "")
    status = _STATUS_OF_CODE.get(code) or next((_STATUS[c] for c in type(error).__mro__ if c in _STATUS), 500)
    log.info("request.refused", status=status, reason=str(error), path=request.scope["path"], **error.facts)
    return answer(request, status, str(error), error.fix)


def show_http(request: Request[Any, Any, Any], error: HTTPException) -> Template:
    """What the framework refused before a handler saw it. Its own words are for programmers."""
    status = 404 if _is_bad_address(error) else error.status_code
    if status >= 500:
        return show_unknown(request, error)
    sentence, fix = _HTTP.get(status, _UNREADABLE)
    return answer(request, status, sentence, fix)


def show_operational(request: Request[Any, Any, Any], error: OperationalError) -> Template:
    """The database could not carry it out: it is away, or full, or somebody else was in the way."""
    state = error.sqlstate
    if state is None or state.startswith(_AWAY):
        return show_away(request, error)
    if state.startswith(_MEANWHILE):
        log.warning("database.meanwhile", state=state, path=request.scope["path"])
        sentence = "Something else was changing the same things at this moment, so nothing was changed."
        return answer(request, 409, sentence, "Try again.")
    if state == _FULL:
        log.error("database.full", path=request.scope["path"])
        return answer(
            request, 507, "The disk of the database is full, so nothing was changed.", "Make room on it."
        )
    return show_unknown(request, error)


def show_away(request: Request[Any, Any, Any], error: Exception) -> Template:
    """The database is restarting, or was never there."""
    log.warning("database.away", reason=str(error).partition("\n")[0], path=request.scope["path"])
    answered = answer(
        request,
        503,
        "The database does not answer.",
        "Wait a moment and load the page again. If it stays away, ./sfa doctor says why. Work is not lost.",
    )
    answered.headers["Retry-After"] = "2"
    return answered


def show_unknown(request: Request[Any, Any, Any], error: Exception) -> Template:
    """A fault of ours. The page carries an id by which the log line is found."""
    request_id = uuid4().hex[:8]
    log.error("request.failed", request_id=request_id, path=request.scope["path"], exc_info=error)
    return answer(
        request,
        500,
        "Something broke in this studio; it is not your doing.",
        f"Try again. If it breaks again, the log has the reason under {request_id}.",
    )


async def show_clash(
    request: Request[Any, Any, Any], frame: Frame, clash: Refused, context: dict[str, Any]
) -> Template:
    """Both versions of what two have changed, and a way to take either; `context`: see errors/_clash.html."""
    context |= {"sentence": str(clash), "fix": clash.fix, "action": request.url.path}
    headers = {"Cache-Control": "no-store"}
    if "hx-request" not in request.headers:
        context["shell"] = await frame()
        return Template("errors/clash.html", context=context, status_code=409, headers=headers)
    headers |= {"HX-Retarget": "#notices", "HX-Reswap": "beforeend"}
    return Template("errors/_clash.html", context=context, status_code=409, headers=headers)


def _is_bad_address(error: HTTPException) -> bool:
    """A path whose id is no id: for a person simply a page that is not there."""
    return (
        error.status_code == 400
        and isinstance(error.extra, list)
        and any(isinstance(fault, dict) and fault.get("source") == "path" for fault in error.extra)
    )


def answer(request: Request[Any, Any, Any], status: int, sentence: str, fix: str) -> Template:
    """A notice for a script, a page for everybody else."""
    context = {"sentence": sentence, "fix": fix, "status": status}
    if "hx-request" in request.headers:
        # By its address: with its stream extension htmx accepts a stream in answer to anything.
        is_stream = request.scope["path"] == "/events"  # which is tried again, and shows that
        place = {"HX-Reswap": "none"} if is_stream else {"HX-Retarget": "#notices", "HX-Reswap": "beforeend"}
        headers = place | {"Cache-Control": "no-store"}
        return Template("errors/_notice.html", context=context, status_code=status, headers=headers)
    return Template(
        "errors/page.html", context=context, status_code=status, headers={"Cache-Control": "no-store"}
    )


Handlers = dict[int | type[Exception], Any]
HANDLERS: Handlers = {
    SfaError: show_sfa,
    HTTPException: show_http,
    OperationalError: show_operational,
    PoolTimeout: show_away,
    Exception: show_unknown,
}

"""Fields of forms as one line of text each, as any database takes it."""

from __future__ import annotations

from litestar.datastructures import FormMultiDict

from sfa.errors import Refused
from sfa.names import clean


def text(form: FormMultiDict, name: str, longest: int) -> str | None:
    """A field, or None where nothing is written in it.

    Raises
    ------
    Refused
        When it is too long.
    """
    said = clean(str(form.get(name) or ""), longest + 1)
    if said is not None and len(said) > longest:
        raise Refused(f"The {name} is longer than {longest} letters.", fix="Write less.")
    return said


def filled(form: FormMultiDict, name: str, longest: int) -> str:
    """A field that has to be there.

    Raises
    ------
    Refused
        When it is empty or too long.
    """
    said = text(form, name, longest)
    if said is None:
        raise Refused(f"The {name} is empty.", fix="Write one, then try again.")
    return said

"""Why a model cannot be used, as a code, a sentence and a way out."""

from __future__ import annotations


class CannotSeparate(Exception):
    """The model, its weights or its engine cannot be had.

    `code` is a key of `sfa.errors.CODES`, `str(error)` the sentence with the
    name of the model and the fact, `fix` the way out.
    """

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix

"""Engines that take a recording apart into stems, and the catalogue of their models."""

from __future__ import annotations

from sfa.separators.errors import CannotSeparate
from sfa.separators.fetch import get
from sfa.separators.models import Model, Weights, catalogue, find
from sfa.separators.register import add

__all__ = ["CannotSeparate", "Model", "Weights", "add", "catalogue", "find", "get"]

"""Those who are asked what a link holds. Blocking, without a database: for a thread of a worker."""

from sfa.imports.sources.asking import Pace
from sfa.imports.sources.keys import KeptInMemory, Keys, TokenCache
from sfa.imports.sources.resolving import resolve

__all__ = ["KeptInMemory", "Keys", "Pace", "TokenCache", "resolve"]

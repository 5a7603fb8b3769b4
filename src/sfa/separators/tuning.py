"""What a child sets before torch is imported: a third of the CPU time of a separation on a busy machine."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8


def before_torch() -> None:
    """Settings that are read once, when torch and its libraries are loaded."""
    # Threads that have nothing to do would otherwise spin, and take the core that the last one needs.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    _keep_pages()


def _keep_pages() -> None:
    """Have glibc keep what it once took from the kernel.

    By default every large tensor is a fresh mapping: each page of it faults and
    is zeroed again, hundreds of thousands of times in a segment. One arena, no
    mappings and no trimming leave the pages where the next tensor finds them.
    Does nothing where the C library is another.
    """
    if (mallopt := _from_libc("mallopt")) is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(_M_TOP_PAD, 64 << 20)


def give_back() -> None:
    """Between jobs: return to the kernel what no tensor holds any more."""
    if (malloc_trim := _from_libc("malloc_trim")) is not None:
        malloc_trim(0)


def _from_libc(name: str) -> Callable[..., object] | None:
    if sys.platform != "linux":
        return None
    try:
        function: Callable[..., object] | None = getattr(ctypes.CDLL("libc.so.6"), name, None)
    except OSError:
        return None  # musl
    return function

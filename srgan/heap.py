"""What glibc keeps of the memory that was given back to it: as little as can be had.

A setting of the whole process, so it is for programs to make, not for a library that others use.
"""

import contextlib
import ctypes

# mallopt's numbers, from malloc.h
_MMAP_THRESHOLD = -3
_ARENA_MAX = -8

_OWN_MAPPING_BYTES = 256 * 1024
_ARENAS = 2


def give_back() -> None:
    """Let pictures have mappings of their own, which the system gets back when they are freed.

    Without this glibc raises the size from which that is so to the largest it has met, up to
    32 MiB, and every thread starts a heap of its own: pages of freed pictures then stay scattered
    over all of them. Where the C library is another one, it is left as it is.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, _OWN_MAPPING_BYTES)
        mallopt(_ARENA_MAX, _ARENAS)

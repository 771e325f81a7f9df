"""How the process keeps its memory while it serves.

Nothing here changes what is done, only what it costs.
"""

import contextlib
import ctypes
import gc

_LARGE = 4 << 20  #: octets from which memory goes back to the system as soon as it is free
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc
_YOUNG = 10_000  #: objects made between two looks for cycles among the youngest


def settle() -> None:
    """Once everything is loaded: what is there stays, so do not look through it for garbage again and again; and give
    back what large messages leave behind.

    glibc would raise its threshold to the largest message that it saw, and keep as much for ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _LARGE)

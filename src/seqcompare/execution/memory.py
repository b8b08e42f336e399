"""Memory of a process: how it gets it, keeps it and runs out of it."""

import ctypes
import sys

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # glibc's malloc.h


def keep_freed_memory() -> None:
    """Let glibc keep what is freed instead of handing it back to the system.

    A training step frees and takes the same megabytes again and again; handed back, every page of
    them costs a page fault the next time. Call it before the first step. Does nothing without
    glibc.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(M_TOP_PAD, 2**26)


def give_back_freed_memory() -> None:
    """Hand what glibc has kept back to the system. Does nothing without glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def is_out_of_memory(error: BaseException) -> bool:
    """Did a call end because there was no memory? torch says so in a RuntimeError."""
    says_so = "memory" in str(error) or "alloc" in str(error)
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and says_so)

"""Asks the system never to write the memory of this process to a file, for the key is in it.

Linux: no core file, and no `ptrace` or reading of /proc/<pid> by another program of the same user. Elsewhere,
what the system offers. None of it stops an administrator, nor a laptop that hibernates.
"""

import contextlib
import sys

PR_SET_DUMPABLE = 4
SEM_QUIET = 0x0001 | 0x0002
"""Windows: no dialog and no error report, which could hold a dump."""


def refuse_dumps() -> None:
    """For the process that is about to hold the key; it holds until it ends or runs another program."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(SEM_QUIET)
        return
    import resource

    # Where a pipe takes the dumps, the limit counts for nothing: the process itself must refuse.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)

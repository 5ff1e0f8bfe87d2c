"""Keep a native library's chatter off standard error.

LiteRT tells of each plug-in it looks for, without a level that can be set from Python
(google-ai-edge/LiteRT#7420), and once more when the process ends.
"""

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_CHATTER = (b"INFO: ", b"WARNING: [")


@contextmanager
def hushed() -> Iterator[None]:
    """Meanwhile, pass on to standard error all lines but those that begin like chatter."""
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)  # what is more than a pipe holds gets lost, rather than hangs
    os.dup2(writer, 2)
    os.close(writer)
    try:
        yield
    finally:
        os.dup2(kept, 2)  # which closes the pipe's last writing end
        os.close(kept)
        with os.fdopen(reader, "rb") as said:
            for line in said:
                if not line.startswith(_CHATTER):
                    os.write(2, line)


@cache
def hush_exit() -> None:
    """At the very end, when no Python can filter any more, cut native code off standard error.

    Python's own messages still get there.
    """

    @atexit.register
    def cut_off() -> None:
        if sys.stderr is None:
            return
        sys.stderr.flush()
        try:
            sys.stderr = open(os.dup(2), "w", buffering=1)  # noqa: SIM115
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        except OSError:  # there is no standard error
            return

"""Keep a native library's chatter off standard error.

LiteRT tells of each plug-in it looks for, without a level that can be set from Python
(google-ai-edge/LiteRT#7420), and once more when the process ends.
"""

import atexit
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache

_CHATTER = (b"INFO: ", b"WARNING: [")


@contextmanager
def hushed() -> Iterator[None]:
    """Afterwards, pass on what was said on standard error, but for lines that begin like chatter.

    Where no file can be opened for it, all is passed on as it comes.
    """
    if sys.stderr is not None:
        sys.stderr.flush()
    with ExitStack() as open_files:
        try:
            kept = os.dup(2)
            open_files.callback(os.close, kept)
            said = open_files.enter_context(tempfile.TemporaryFile())
        except OSError:  # there is no standard error, or no room
            yield
            return
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            said.seek(0)
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
            sys.stderr = open(  # noqa: SIM115
                os.dup(2), "w", 1, encoding=sys.stderr.encoding, errors="backslashreplace"
            )
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        except OSError:  # there is no standard error
            return

"""Worker processes of this machine end with the process that started the run."""

import functools
import os
import platform
import threading
import time

_SECONDS = 1.0

Launcher = tuple[str, int]


def this_process() -> Launcher:
    """The machine's name and the process's number."""
    return platform.node(), os.getpid()


@functools.cache
def end_with(launcher: Launcher) -> None:
    """End this process soon after `launcher`, if that runs on this machine and is another one.

    Beam's workers finish what they have been given first, which may take an hour; every picture is
    written whole or not at all, so that nothing is lost but a picture's time.
    """
    machine, number = launcher
    if machine == platform.node() and number != os.getpid() and _runs(number):
        threading.Thread(target=_watch, args=(number,), name="orphans", daemon=True).start()


def _watch(number: int) -> None:
    while _runs(number):
        time.sleep(_SECONDS)
    os._exit(1)


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

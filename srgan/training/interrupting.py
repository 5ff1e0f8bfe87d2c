"""Being stopped, by Ctrl-C or by a machine that shuts down, only where nothing is torn."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stoppable() -> Iterator[None]:
    """Within the block SIGTERM and SIGINT are KeyboardInterrupt.

    SIGINT is so anyway, but where a script starts it in the background: shells ignore it there.
    """
    with _handled(SIGNALS, signal.default_int_handler):
        yield


@contextmanager
def whole() -> Iterator[None]:
    """A block that is not interrupted: KeyboardInterrupt comes at its end.

    A step that is torn has changed one network and not the other, or has given memory away for
    which the new values are not there yet. Who asks twice is not made to wait.
    """
    asked: list[int] = []

    def wait(number: int, frame: Any) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        print("\nstopping after this step; once more stops at once", file=sys.stderr)

    with _handled(SIGNALS, wait):
        yield
    if asked:
        raise KeyboardInterrupt


@contextmanager
def _handled(signals: tuple[signal.Signals, ...], handler: Any) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # others are told nothing
        yield
        return
    before = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)

"""Where the server's networks work: in a process of their own, wherever the system has such."""

import sys
from collections.abc import Callable

from srgan.inference import Engine, make_engine
from srgan.litert import LiteRTEngine


def make_engine_apart() -> tuple[Engine, Callable[[], None]]:
    """The engine that SRGAN_ENGINE names, see `make_engine`, LiteRT's in a process of its own; and
    what ends that.

    Windows hands no sockets down to other processes: there, all engines work in this one.
    """
    engine = make_engine()
    if sys.platform != "win32" and isinstance(engine, LiteRTEngine):
        from srgan.apart.engine import LiteRTApart

        apart = LiteRTApart()
        return apart, apart.close
    return engine, lambda: None

"""LiteRT's process: `python -m srgan.apart.worker FD` runs the windows that come over a socket."""

import contextlib
import faulthandler
import importlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from srgan import heap
from srgan.channel import OUT_OF_MEMORY, Channel, Closed
from srgan.cores import cores
from srgan.errors import SrganError
from srgan.litert import LiteRTEngine
from srgan.zoo import Network, Tail


def main(make: Callable[[int], LiteRTEngine] = LiteRTEngine) -> None:
    """Answer until the other end hangs up, with the engine that `make` makes for all cores."""
    _prepare()
    heap.give_back()
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    engine = make(cores())
    try:
        channel.send({"ready": True})
        while True:
            _answer(channel, engine)
    except Closed:
        return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _prepare() -> None:
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.SIG_IGN)  # they are for the server, which then hangs up
    os.set_blocking(sys.stderr.fileno(), False)  # where nobody listens, less is said
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # nobody's picture is left in a core dump
    with contextlib.suppress(OSError):
        # where memory ends, this goes before the server, and after those that read pictures
        Path("/proc/self/oom_score_adj").write_text("500")
    importlib.import_module("ai_edge_litert.compiled_model")  # now, while nobody relies on it


def _answer(channel: Channel, engine: LiteRTEngine) -> None:
    asked = channel.header()
    network, shape = _network(**asked["network"]), asked["shape"]
    windows = None if shape is None else channel.take(4 * prod(shape)).view(np.float32)
    before = engine.seconds
    try:
        if windows is None:
            engine.load(network)
            told, parts = {}, []
        else:
            result = engine.run(network, windows.reshape(shape))
            told, parts = {"shape": result.shape, "seconds": engine.seconds - before}, [result]
    except SrganError as error:
        told, parts = {"error": type(error).__name__, "sentence": str(error)}, []
    channel.send(told, *parts)


def _network(folder: str, tail: dict[str, Any] | None, **facts: Any) -> Network:
    return Network(folder=Path(folder), tail=None if tail is None else Tail(**tail), **facts)


if __name__ == "__main__":
    main()

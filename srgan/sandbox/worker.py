"""A worker: `python -m srgan.sandbox.worker FD` decodes and encodes what comes over a socket."""

import contextlib
import faulthandler
import os
import resource
import signal
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import AvifImagePlugin

from srgan import imaging
from srgan.channel import OUT_OF_MEMORY, Channel, Closed
from srgan.errors import SrganError
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.sandbox import landlock, parcel
from srgan.sandbox.parcel import Facts

_VIRTUAL_MEMORY = Path("/proc/self/statm")  # in pages; its first number


def main() -> None:
    """Answer until the other end hangs up."""
    _prepare()
    statm = os.open(_VIRTUAL_MEMORY, os.O_RDONLY) if _VIRTUAL_MEMORY.exists() else None
    landlock.shut_out()
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    try:
        channel.send({"ready": True})
        while True:
            _answer(channel, statm)
    except Closed:
        return
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _prepare() -> None:
    """What needs no limits: imports that Pillow puts off, and tables that codecs make."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then hangs up
    os.set_blocking(sys.stderr.fileno(), False)  # where nobody listens, less is said
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # nobody's picture is left in a core dump
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nor in any other file
    with contextlib.suppress(OSError):  # where the machine's memory ends, this goes first
        Path("/proc/self/oom_score_adj").write_text("1000")
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the stacks of a thread for each core count as memory
    small = Picture(np.zeros((16, 16, 3), np.uint8), np.zeros((16, 16), np.uint8))
    for format in imaging.OUTPUT_FORMATS:
        imaging.decode(imaging.encode(small, format), Limits())


def _answer(channel: Channel, statm: int | None) -> None:
    asked = channel.header()
    _confine(asked["seconds"], asked["memory"], statm)
    try:
        told, parts = (_decoded if asked["do"] == "decode" else _encoded)(channel, asked)
    except SrganError as error:
        told, parts = {"error": type(error).__name__, "sentence": str(error)}, []
    signal.setitimer(signal.ITIMER_PROF, 0)
    channel.send(told, *parts)


def _decoded(channel: Channel, asked: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    data = channel.take(asked["nbytes"]).tobytes()
    picture = imaging.decode(data, Limits(**asked["limits"]))
    return asdict(Facts.of(picture)), parcel.pixels(picture)


def _encoded(channel: Channel, asked: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    file = imaging.encode(Facts(**asked["facts"]).receive(channel), **asked["options"])
    return {"nbytes": len(file)}, [file]


def _confine(seconds: float, memory: int, statm: int | None) -> None:
    """Let the kernel end this process after `seconds` of processor time, a codec's loop included,
    and refuse it more than `memory` bytes beyond what it has now, where `statm` tells that.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    if statm is not None:
        now = int(os.pread(statm, 100, 0).split()[0]) * resource.getpagesize()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (now + memory, most))


if __name__ == "__main__":
    main()

"""A worker whose decoder has every fault that a decoder can have; the file says which."""

import importlib
import os
import signal
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from srgan import imaging, memory
from srgan.imaging import Picture
from srgan.sandbox import landlock, worker

MARK = b"\x89PNG fault: "
_good_decode = imaging.decode


def is_open(number):
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def reach_out():
    """Everything that a codec which was taken over might try, and may not."""
    tries: list[Callable[[], object]] = [
        Path(name).read_bytes for name in ("/etc/passwd", "/proc/self/environ")
    ]
    tries += [lambda: os.listdir("/tmp"), lambda: os.mkdir("/tmp/srgan-reaches-out")]
    if landlock.version() >= 4:
        tries += [lambda: socket.create_connection(("127.0.0.1", 9), 1)]
        tries += [lambda: socket.create_server(("127.0.0.1", 0))]
    if landlock.version() >= 6:
        tries += [lambda: os.kill(os.getppid(), 0)]
    for number, attempt in enumerate(tries):
        try:
            attempt()
        except PermissionError:
            continue
        raise AssertionError(f"the attempt {number} was allowed")
    assert importlib.import_module("colorsys")  # what programs consist of is still there


def decode(data, limits):
    if not data.startswith(MARK):
        return _good_decode(data, limits)
    fault = data.removeprefix(MARK).decode()
    format = "PNG"
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "abort":
        os.abort()
    elif fault == "be killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault == "spin":
        while True:
            pass
    elif fault == "stand still":
        time.sleep(1000)
    elif fault == "nap":
        time.sleep(3)
    elif fault == "eat":
        eaten = []
        while True:
            eaten.append(np.empty(10_000_000, np.uint8))
    elif fault == "take 100 MB":
        np.ones(100_000_000, np.uint8)
    elif fault == "write a file":
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(b"what nobody should find")
    elif fault == "make a mistake":
        raise AssertionError("a mistake of ours")
    elif fault == "lie":
        format = "SVG"
    elif fault == "point at nothing":
        memory.address = lambda own: 8
        return Picture(np.zeros((1000, 1000, 3), np.uint8), None, format)
    elif fault == "talk":
        for _ in range(1000):
            try:
                os.write(2, b"TIFFReadDirectory: Warning, Unknown field. " * 100)
            except BlockingIOError:
                break
    elif fault == "look around":
        assert "SRGAN_TEST_SECRET" not in os.environ
        # the three, the socket, its own statm, and from version 3.5 on libffi's library
        assert sum(map(is_open, range(1000))) <= 6
    elif fault == "reach out":
        reach_out()
    return Picture(np.full((2, 3, 3), 7, np.uint8), None, format)


if __name__ == "__main__":
    imaging.decode = decode
    worker.main()

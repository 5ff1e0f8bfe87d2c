"""A worker whose decoder has every fault that a decoder can have; the file says which."""

import os
import signal
import tempfile
import time

import numpy as np

from srgan import imaging, memory
from srgan.imaging import Picture
from srgan.sandbox import worker

MARK = b"\x89PNG fault: "
_good_decode = imaging.decode


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
    elif fault == "write a file":
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(b"what nobody should find")
    elif fault == "make a mistake":
        raise AssertionError("a mistake of ours")
    elif fault == "lie":
        format = "GIF"
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
        assert len(os.listdir("/dev/fd")) <= 5  # the three, the socket, and the listing itself
    return Picture(np.full((2, 3, 3), 7, np.uint8), None, format)


if __name__ == "__main__":
    imaging.decode = decode
    worker.main()

"""LiteRT's process with every fault that it can have; the network's name says which."""

import os
import signal

import numpy as np

from srgan.apart import worker
from srgan.litert import LiteRTEngine


class Nonsense(np.ndarray):
    @property  # type: ignore[misc]
    def shape(self):  # type: ignore[override]
        return "none"


class FaultyEngine(LiteRTEngine):
    def run(self, network, windows):
        if network.name == "be killed":
            os.kill(os.getpid(), signal.SIGKILL)
        elif network.name == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif network.name == "fail":
            raise ZeroDivisionError
        elif network.name == "have no memory":
            raise MemoryError
        elif network.name == "talk nonsense":
            return windows.view(Nonsense)
        return super().run(network, windows)


if __name__ == "__main__":
    worker.main(FaultyEngine)

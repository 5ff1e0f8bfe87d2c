"""What a measurement of speed depends on: the machine and its arithmetic."""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from srgan.cores import cores
from srgan.errors import BadOption


@dataclass(frozen=True)
class Machine:
    """processor: its name; cores: those this process may use; gflops: see `matrix_product_rate`."""

    processor: str
    system: str
    cores: int
    gflops: float


def describe() -> Machine:
    """Measure this machine; takes about a second."""
    return Machine(
        _processor(), f"{platform.system()} {platform.machine()}", cores(), matrix_product_rate()
    )


def matrix_product_rate(size: int = 1536, rounds: int = 7) -> float:
    """NumPy's float32 product of two `size` × `size` matrices, in 10⁹ operations a second.

    A multiplication and an addition are two operations; the median of `rounds`, after one more
    that does not count.
    """
    a = np.random.default_rng(0).random((size, size), np.float32)
    b = a.T.copy()
    seconds = []
    for _ in range(rounds + 1):
        started = perf_counter()
        a @ b
        seconds.append(perf_counter() - started)
    return 2 * size**3 / median(seconds[1:]) / 1e9


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes, children not counted.

    Raises BadOption on Windows, which does not tell.
    """
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage's would include what the parent had when it started this process.
        line = next(it for it in status.read_text().splitlines() if it.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        raise BadOption("What memory a picture takes is measured on Linux and macOS only.")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()

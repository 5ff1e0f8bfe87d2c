"""How much memory there is, and how much a picture takes."""

import os
import sys
from pathlib import Path

# Reckoned, and on the safe side: the paper's network takes 0.4 GB for a window of 128 pixels, and a
# process with its libraries 0.2. A pixel of the input takes 3 bytes decoded, and 16 times 3 in the
# result, as much again in OpenCV's order, and up to twice that while it is encoded.
_BYTES_OF_A_WORKER = 700_000_000
_BYTES_A_PIXEL = 200

_SHARE_TO_USE = 0.8
_UNLIMITED = 1 << 60  # cgroup v1 writes a number about as large where there is no limit


def needed(pixels: int) -> int:
    """The most bytes that a worker may take while it upscales a picture of so many pixels."""
    return _BYTES_OF_A_WORKER + _BYTES_A_PIXEL * pixels


def to_spend(root: Path = Path("/")) -> int:
    """The bytes that pictures may take together: a share of what is free on this machine.

    Where the process is in a container, its limit counts. `root` is where /proc and /sys are.
    """
    free = [_free_of_the_machine(root), *_free_of_the_container(root)]
    return int(min(free) * _SHARE_TO_USE)


def _free_of_the_machine(root: Path) -> int:
    try:
        for line in (root / "proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # not Linux
    if sys.platform == "win32":
        return 4_000_000_000  # no machine of the last ten years has less
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _free_of_the_container(root: Path) -> list[int]:
    """For cgroups of version 2 and 1."""
    folder = root / "sys/fs/cgroup"
    for limit, used in (
        (folder / "memory.max", folder / "memory.current"),
        (folder / "memory/memory.limit_in_bytes", folder / "memory/memory.usage_in_bytes"),
    ):
        try:
            most = int(limit.read_text())
            if most < _UNLIMITED:
                return [max(0, most - int(used.read_text()))]
        except (OSError, ValueError):
            continue  # there is no such file, or it says "max"
    return []

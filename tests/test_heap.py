import subprocess
import sys
from pathlib import Path

import pytest

# After one large array glibc takes the next large ones from its heap, where small ones pin them.
FREED_BETWEEN_SMALL_ONES = """
import os, sys
import numpy as np
from srgan import heap
if sys.argv[1] == "give back":
    heap.give_back()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
np.ones(30_000_000, np.uint8)
before = resident()
pictures, small = [], []
for _ in range(40):
    pictures.append(np.ones(2_000_000, np.uint8))
    small.append(np.ones(100_000, np.uint8))
pictures.clear()
print(resident() - before)
"""


def kept(how):
    command = [sys.executable, "-c", FREED_BETWEEN_SMALL_ONES, how]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


def test_the_memory_of_freed_pictures_goes_back_to_the_system():
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell how much memory a process keeps")
    assert kept("give back") < 15_000_000


def test_that_is_not_so_by_itself_with_glibc():
    if not sys.platform.startswith("linux") or not Path("/lib64/ld-linux-x86-64.so.2").exists():
        pytest.skip("this system's C library is not glibc")
    assert kept("as it is") > 60_000_000

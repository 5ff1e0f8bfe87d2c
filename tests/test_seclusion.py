"""Other processes of the same user may not look into the server; it may look into its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 65534
SECRET = "what a visitor sent"
ROOT = Path(__file__).parents[1]

SERVER = """
import ctypes, os, subprocess, sys
from srgan.seclusion import shut_memory
if os.geteuid() == 0:  # who may look into everything
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # open again: a change of user shuts it too
if sys.argv[1] == "shut":
    shut_memory()
child = subprocess.Popen(["sleep", "60"], env={"CHILDS": "own"})
print(child.pid, flush=True)
try:
    sys.stdin.read()
    print(open(f"/proc/{child.pid}/environ").read(), flush=True)
finally:
    child.kill()
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("state", ["open", "shut"])
def test_a_worker_cannot_look_into_the_server(state):
    same_user = NOBODY if os.geteuid() == 0 else None
    packages = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, state],
        env={"SECRET": SECRET, "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    try:
        assert server.stdout
        assert server.stdout.readline()
        look = ["cat", f"/proc/{server.pid}/environ"]
        seen = subprocess.run(look, capture_output=True, text=True, user=same_user, group=same_user)
        assert (SECRET in seen.stdout) == (state == "open")
        said, _ = server.communicate("", timeout=60)
        assert "CHILDS=own" in said
    finally:
        server.kill()
        server.wait()

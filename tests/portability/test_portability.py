"""The program without what Windows and macOS lack, as far as Python tells it: see lacking.py.

Whether all that is used is there, mypy says of both (`make lint`).
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srgan import Options, Upscaler
from tests.imaging import pictures
from tests.load.visitor import ask
from tests.serving import ROOT, free_port, started, wait_until_healthy

SYSTEMS = ["win32", "darwin"]


def upscale(system, *arguments, cwd):
    command = [sys.executable, "-m", "tests.portability.lacking", system, "upscale", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path):
    for name, size in (("a.png", (20, 15)), ("b.jpg", (15, 20))):
        Image.fromarray(pictures.photo(*size)).save(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("system", SYSTEMS)
def test_pictures_in_the_shell(system, folder):
    done = upscale(system, "*.*", "-o", "large", "--denoise", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("2 pictures upscaled")
    with Image.open(folder / "large" / "a.png") as image:
        expected = Upscaler().upscale(pictures.photo(20, 15), Options(denoise=1)).rgb
        np.testing.assert_array_equal(np.asarray(image), expected)


def test_several_processes(folder):
    done = upscale("win32", "a.png", "b.jpg", "-o", "large", "--workers", "2", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert sorted(it.name for it in (folder / "large").glob("*.*g")) == ["a.png", "b.jpg"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_server(system, tmp_path_factory):
    port = free_port()
    serve = ["serve", "--address", "127.0.0.1", "--port", str(port)]
    command = ["-m", "tests.portability.lacking", system, *serve]
    with started(command, tmp_path_factory) as server:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(address, server.process, server.log)
        file = pictures.saved(pictures.photo(20, 15), "PNG")
        answer = ask(address, "POST", "/v1/upscale", file)
        assert answer.status == 200, answer
        threads = Path(f"/proc/{server.process.pid}/task")
        if threads.exists():
            # Windows has no sandbox, and LiteRT works in the server's process.
            children = "".join(it.read_text() for it in threads.glob("*/children"))
            assert bool(children) == (system == "darwin")
    assert server.process.returncode == 0

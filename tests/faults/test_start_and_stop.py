"""The real server's beginning and end, as those see it who start it and those who use it."""

import io
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.load.visitor import Visitor, ask
from tests.serving import ROOT, free_port, started, wait_until_healthy

SERVE = ["-m", "srgan", "serve", "--address", "127.0.0.1", "--port"]


def damage(models):
    file = models / "faithful.tflite"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    return "The network faithful in .* is damaged or was changed"


def lose(models):
    (models / "faithful-fast.tflite").unlink()
    return "The network faithful-fast cannot be read"


def garble(models):
    (models / "manifest.json").write_text("{")
    return "The list of networks in .* is damaged"


@pytest.mark.parametrize("harm", [damage, lose, garble])
def test_a_network_that_is_not_right_is_told_in_a_sentence(harm, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "models", tmp_path / "models")
    said = harm(tmp_path / "models")
    environment = {"SRGAN_MODELS": str(tmp_path / "models"), "SRGAN_LOG": "json"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, *SERVE, str(free_port())]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode not in (0, -signal.SIGTERM)
    assert "Traceback" not in ended.stdout + ended.stderr
    (line, *_) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert line["severity"] == "ERROR"
    assert line["message"].startswith("The server cannot start. The ")
    assert re.search(said, line["message"])


def test_an_address_that_is_taken_is_told_in_a_sentence():
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        command = [sys.executable, *SERVE, str(port)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "Address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_name_that_no_visitor_can_use_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setenv("SRGAN_HOSTS", "localhost:8501")
    command = [sys.executable, *SERVE, str(free_port())]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "SRGAN_HOSTS has 'localhost:8501'" in ended.stderr
    assert "Traceback" not in ended.stderr


def noise(side, seed=0):
    out = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_sigterm_under_load(tmp_path_factory):
    """Nothing new is begun, everybody gets a picture or a sentence, and the end is a good one."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        started([*SERVE, str(port)], tmp_path_factory, SRGAN_LOG="json") as server,
        ThreadPoolExecutor(20) as clients,
    ):
        wait_until_healthy(address, server.process, server.log)
        assert ask(address, "GET", "/v1/health").json == {"status": "ready"}
        # as many as programs may have in line; together more than there is time for
        sizes = [8] + [160] * 13
        asked = [
            clients.submit(ask, address, "POST", "/v1/upscale?model=faithful", noise(side))
            for side in sizes
        ]
        for one in asked[:2]:  # the others are in line by then
            one.result()
        server.process.send_signal(signal.SIGTERM)
        signalled = time.monotonic()
        while ask(address, "GET", "/v1/health").json != {"status": "stopping"}:
            time.sleep(0.05)
        late = ask(address, "POST", "/v1/upscale", noise(8))
        assert (late.status, late.json["error"]) == (503, "Stopping")
        assert int(late.headers["retry-after"]) > 0
        answers = [one.result() for one in asked]
        server.process.wait(timeout=60)
        print(f"ended {time.monotonic() - signalled:.1f} s after SIGTERM")
        assert server.process.returncode == 0
        lines = server.log.read_text().splitlines()
    for side, answer in zip(sizes, answers, strict=True):
        if answer.status == 200:
            assert Image.open(io.BytesIO(answer.body)).size == (4 * side, 4 * side)
        else:
            assert (answer.status, answer.json["error"]) == (503, "Stopping")
            assert int(answer.headers["retry-after"]) > 0
    assert answers[0].status == 200
    assert not [line for line in lines if "Traceback" in line]


def test_requests_that_are_on_their_way_at_sigterm_get_a_sentence(tmp_path_factory):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        started([*SERVE, str(port)], tmp_path_factory) as server,
        ThreadPoolExecutor(20) as clients,
    ):
        wait_until_healthy(address, server.process, server.log)
        server.process.send_signal(signal.SIGTERM)  # nothing is under way
        asked = [clients.submit(ask, address, "POST", "/v1/upscale", noise(64)) for _ in range(4)]
        for answer in (one.result() for one in asked):
            assert answer.status == 200 or answer.json["error"] == "Stopping"
        server.process.wait(timeout=60)
        assert server.process.returncode == 0


def below(pid):
    """The processes that `pid` has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return " ".join((task / "children").read_text() for task in tasks).split()


def holds_litert(pid):
    return "ai_edge_litert" in Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_it_stops_at_once_when_nothing_is_under_way(tmp_path_factory):
    port = free_port()
    with started([*SERVE, str(port)], tmp_path_factory) as server:
        wait_until_healthy(f"http://127.0.0.1:{port}", server.process, server.log)
        children = below(server.process.pid)
        assert [holds_litert(child) for child in children].count(True) == 1
        with suppress(PermissionError):  # it is shut to others of its user; root may look
            assert not holds_litert(server.process.pid)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=60)
        assert server.process.returncode == 0
        assert "Traceback" not in server.log.read_text()
        assert not any(Path(f"/proc/{child}").exists() for child in children)


def test_sigterm_under_downloads(tmp_path_factory):
    """Each is finished, or refused with a sentence, and the end waits for no thread."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        started([*SERVE, str(port)], tmp_path_factory, SRGAN_LOG="json") as server,
        ThreadPoolExecutor(30) as clients,
    ):
        wait_until_healthy(address, server.process, server.log)
        with Visitor(address) as visitor:
            assert visitor.upload("a.png", noise(480)).status == 204
            visitor.press("Upscale")
            link = visitor.wait_for("link_button", "Download")
            slowly = f"/{link.url}".replace("format=PNG", "format=WEBP")
            asked = [clients.submit(ask, address, "GET", slowly) for _ in range(30)]
            wait(asked, return_when=FIRST_COMPLETED)  # the others are in line by then
            server.process.send_signal(signal.SIGTERM)
            answers = [one.result() for one in asked]
        server.process.wait(timeout=60)
        assert server.process.returncode == 0
        lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    for answer in answers:
        if answer.status == 200:
            assert Image.open(io.BytesIO(answer.body)).size == (1920, 1920)
        else:
            assert answer.status == 503
            assert int(answer.headers["retry-after"]) > 0
    assert [line for line in lines if line["severity"] not in ("INFO", "WARNING")] == []

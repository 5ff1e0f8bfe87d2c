"""The page and other apps, served for tests."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

ROOT = Path(__file__).parents[1]
START_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def page_served(tmp_path_factory, **environment):
    """The address of the page, served as `make run` serves it."""
    port = free_port()
    command = ["-m", "srgan", "serve", "--address", "127.0.0.1", "--port", str(port)]
    with serving(port, command, tmp_path_factory, **environment) as address:
        yield address


@contextmanager
def serving(port, arguments, tmp_path_factory, **environment):
    """Run Python with `arguments` until the page answers at `port`, and end it afterwards."""
    with started(arguments, tmp_path_factory, **environment) as server:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(address, server.process, server.log)
        yield address


@dataclass(frozen=True)
class Started:
    """A server's process, and the file with all that it has written."""

    process: subprocess.Popen
    log: Path


@contextmanager
def started(arguments, tmp_path_factory, **environment):
    """Run Python with `arguments` and `environment`, and end it afterwards."""
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Started(process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        finally:
            process.kill()


def wait_until_healthy(address, process, log):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server did not start:\n{log.read_text()}")


def resident(pid):
    """Bytes in memory of a process and its children."""
    pages, pids = 0, [pid]
    for current in pids:
        try:
            pages += int(Path(f"/proc/{current}/statm").read_text().split()[1])
            for task in Path(f"/proc/{current}/task").iterdir():
                pids += map(int, (task / "children").read_text().split())
        except OSError:
            continue  # it has just ended
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def app_served(app):
    """The port of an ASGI app, or of one with its configuration, in a thread of this process."""
    if not isinstance(app, uvicorn.Config):
        app = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical")
    server = uvicorn.Server(app)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()

"""Clients that go at the worst moment take nothing along but their own request."""

import io
import socket
import time
import uuid

import numpy as np
import pytest
from PIL import Image

from srgan.web import api
from tests.fakes import SOON
from tests.load.visitor import Visitor, ask
from tests.serving import free_port, started, wait_until_healthy

HEAD = b"POST /upscale HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


def picture(size=(12, 9)):
    out = io.BytesIO()
    noise = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(out, "PNG")
    return out.getvalue()


def begin(address, data):
    """A request of which only `data` is sent."""
    host, _, port = address.removeprefix("http://").partition(":")
    line = socket.create_connection((host, int(port)), timeout=SOON)
    line.sendall(HEAD % len(picture()) + data)
    return line


def reset(line):
    """Go as a machine goes that is switched off: without saying so."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.close()


def eventually(what):
    end = time.monotonic() + SOON
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def works(address):
    """Whether the next visitor is served."""
    answer = ask(address, "POST", "/upscale", picture())
    return answer.status == 200 and Image.open(io.BytesIO(answer.body)).size == (48, 36)


@pytest.mark.parametrize("go", [reset, socket.socket.close])
@pytest.mark.parametrize("sent", [0, 1, 300])
def test_gone_during_the_upload(address, service, go, sent):
    lines = [begin(address, picture()[:sent]) for _ in range(10)]
    for line in lines:
        go(line)
    assert works(address)
    assert service.runs == 1


def test_gone_during_the_upload_to_the_page(tmp_path_factory):
    """As a tab that is closed; an error in the log would have a new release taken back."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    serve = ["-m", "srgan", "serve", "--address", "127.0.0.1", "--port", str(port)]
    with started(serve, tmp_path_factory) as server:
        wait_until_healthy(address, server.process, server.log)
        with Visitor(address) as visitor:
            path = f"/_stcore/upload_file/{visitor.session_id}/{uuid.uuid4()}"
            headers = "".join(f"{name}: {value}\r\n" for name, value in visitor.headers.items())
            head = f"PUT {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}"
            form = "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n"
            for go in (reset, socket.socket.close):
                line = socket.create_connection(("127.0.0.1", port), timeout=SOON)
                line.sendall((head + form).encode() + b"--x\r\n")
                time.sleep(0.5)  # for the reading to begin
                go(line)
            assert visitor.upload("a.png", picture()).status == 204
        server.process.terminate()
        server.process.wait(timeout=60)
        assert "Traceback" not in server.log.read_text()
        assert " ERROR " not in server.log.read_text()


@pytest.mark.parametrize("go", [reset, socket.socket.close])
def test_gone_during_the_work(address, service, go):
    service.upscaler.go.clear()
    line = begin(address, picture())
    assert service.upscaler.first_tile.wait(SOON)
    go(line)
    (job,) = service.queue._working
    eventually(job._stop.is_set)
    service.upscaler.go.set()
    eventually(lambda: not service.queue.busy)
    assert job.state == "cancelled"
    assert works(address)


@pytest.mark.parametrize("go", [reset, socket.socket.close])
def test_gone_during_the_download(address, service, go, monkeypatch):
    monkeypatch.setattr(api, "_made", lambda *_: api.Made(bytes(100_000_000), noisy=False))
    line = begin(address, picture())
    assert line.recv(1000).startswith(b"HTTP/1.1 200")
    go(line)
    monkeypatch.undo()
    assert works(address)


def test_those_who_go_give_their_places_back(address, service):
    service.upscaler.go.clear()
    lines = [begin(address, picture()) for _ in range(4)]
    eventually(lambda: len(service.queue._waiting) == 3)
    assert ask(address, "POST", "/upscale", picture()).status == 429
    for line in lines:
        reset(line)
    service.upscaler.go.set()
    eventually(lambda: not service.queue.busy)
    assert works(address)

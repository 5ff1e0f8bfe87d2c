"""The server's end, as those see it who are being answered."""

import gc
import http.client
import logging
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from srgan.imaging import Picture
from srgan.upscaler import Options
from srgan.web import archive, handout, lifecycle, server
from srgan.web.batch import Batch, Made
from srgan.web.jobs import JobQueue
from srgan.web.results import Result
from srgan.web.service import Service
from srgan.web.turns import Stopping
from srgan.web.wanted import Wanted
from tests.fakes import SOON, FakeUpscaler
from tests.web.test_archive import get
from tests.web.test_batch import batch_of, dropped, finish

PNG = Wanted("PNG")


@dataclass
class Running:
    port: int
    service: Service
    stop: Callable[[], None]
    wait: Callable[[], None]


async def endless(_request):
    def pieces():
        while True:
            yield bytes(1_000_000)

    return StreamingResponse(pieces())


@pytest.fixture
def seconds(monkeypatch):
    """Set how long the end may take: `seconds(finish, answer)`."""

    def change(finish, answer=SOON):
        monkeypatch.setattr(lifecycle, "FINISH_SECONDS", finish)
        monkeypatch.setattr(lifecycle, "ANSWER_SECONDS", answer)

    change(SOON)
    return change


@pytest.fixture
def running(monkeypatch, seconds):
    """The server with downloads, an answer without an end, and an upscaler that only enlarges."""
    upscaler: Any = FakeUpscaler()
    service = Service(upscaler, JobQueue())
    monkeypatch.setattr(lifecycle, "service", lambda: service)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    app = Starlette(
        routes=[
            Route("/endless", endless),
            *handout.routes(lambda: service),
            *archive.routes(lambda: service),
        ],
        exception_handlers=server.exception_handlers,
    )

    def start():
        one = lifecycle.Server(lifecycle.configuration(app, "127.0.0.1", 0))
        thread = threading.Thread(target=one.run)
        thread.start()
        while not one.started:
            assert thread.is_alive()
            time.sleep(0.01)

        def stop():
            one.should_exit = True

        def wait():
            thread.join(SOON)
            assert not thread.is_alive()

        started.append(stop)
        return Running(one.servers[0].sockets[0].getsockname()[1], service, stop, wait)

    started: list[Callable[[], None]] = []
    yield start
    for stop in started:
        stop()


@pytest.fixture
def gate(monkeypatch):
    """Holds every download until it is opened; has whether one was begun."""
    begun, go = threading.Event(), threading.Event()

    def encoded(*_):
        begun.set()
        assert go.wait(SOON)
        return b"made"

    monkeypatch.setattr(Result, "encoded", encoded)
    yield begun, go
    go.set()


def result():
    return Result.of(Picture(np.zeros((4, 4, 3), np.uint8)), 1.0)


def errors(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_download_that_is_under_way_is_finished_and_no_other_begun(running, gate, caplog):
    begun, go = gate
    served, made = running(), result()
    address = handout.address(made, "a.png", PNG)
    with ThreadPoolExecutor(1) as client:
        first = client.submit(get, served.port, address)
        assert begun.wait(SOON)
        served.stop()
        while not served.service.stopping:
            time.sleep(0.01)
        status, _, body = get(served.port, address)
        assert (status, body.decode()) == (503, str(Stopping()))
        time.sleep(2 * lifecycle.LINGER_SECONDS)  # it would have ended by then
        go.set()
        assert first.result()[::2] == (200, b"made")
    served.wait()
    assert errors(caplog) == []


def test_what_is_not_made_in_time_gets_a_sentence_without_waiting_for_it(
    running, seconds, gate, caplog
):
    begun, go = gate
    seconds(0.1)
    served, made = running(), result()
    address = handout.address(made, "a.png", PNG)
    with ThreadPoolExecutor(5) as crowd:
        asked = [crowd.submit(get, served.port, address) for _ in range(5)]
        assert begun.wait(SOON)
        served.stop()
        for one in asked:
            status, headers, body = one.result()
            assert (status, body.decode()) == (503, str(Stopping()))
            assert int(headers["retry-after"]) > 0
        served.wait()
        assert not go.is_set()
    assert errors(caplog) == []
    assert lifecycle._still_at_work()  # so the process ends without waiting for that thread


def test_an_archive_that_is_broken_off_does_not_look_whole(running, seconds, monkeypatch, caplog):
    seconds(0.1, 0.1)
    served = running()
    batch = two_pictures(served.service)
    second, go = threading.Event(), threading.Event()
    whole = Made.file

    def file(made, *wanted):
        if made.source.name == "b.png":
            second.set()
            assert go.wait(SOON)
        return whole(made, *wanted)

    monkeypatch.setattr(Made, "file", file)
    with ThreadPoolExecutor(1) as client:
        asked = client.submit(get, served.port, archive.address(batch, PNG))
        assert second.wait(SOON)
        served.stop()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            asked.result()
    served.wait()
    assert errors(caplog) == []
    go.set()


def two_pictures(service) -> Batch:
    batch = batch_of(dropped("a.png"), dropped("b.png"))
    batch.start(Options())
    finish(batch, service)
    batch.offered = Options()
    return batch


def test_who_does_not_take_the_answer_is_cut(running, seconds, caplog):
    seconds(0.1, 0.1)
    served = running()
    with socket.create_connection(("127.0.0.1", served.port), timeout=SOON) as line:
        line.sendall(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 200 ")
        served.stop()
        served.wait()
    assert errors(caplog) == []

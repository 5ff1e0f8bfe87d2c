"""The address of one result, over HTTP."""

import gc
import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from srgan.errors import CodecUnavailable
from srgan.imaging import Picture
from srgan.limits import limits
from srgan.web import handout, server
from srgan.web.results import Result
from srgan.web.turns import Stopping
from srgan.web.wanted import Wanted
from tests.serving import app_served
from tests.web.test_archive import get
from tests.web.test_batch import service

__all__ = ["service"]


@pytest.fixture
def port(service):
    routes, handlers = handout.routes(lambda: service), server.exception_handlers
    with app_served(Starlette(routes=routes, exception_handlers=handlers)) as port:
        yield port


def made():
    pixels = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)
    return Result.of(Picture(pixels), 1.0)


@pytest.fixture
def result():
    return made()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_result_comes_in_the_format_asked_for(port, result, format):
    status, headers, body = get(port, handout.address(result, "a.x", Wanted(format)))
    assert (status, headers["content-type"]) == (200, f"image/{format.lower()}")
    assert int(headers["content-length"]) == len(body)
    with Image.open(io.BytesIO(body)) as picture:
        assert (picture.format, picture.size) == (format, (9, 6))


@pytest.mark.parametrize("name", ["photo.png", 'Größe 100%? #1; "a".png', "..png", "写真.png"])
def test_names_arrive_and_are_no_paths(port, result, name):
    _, headers, _ = get(port, handout.address(result, name, Wanted("PNG")))
    kind, _, told = headers["content-disposition"].partition("; filename*=UTF-8''")
    assert kind == "attachment"
    assert quote(name, safe="") == told


@pytest.mark.parametrize(
    "query", ["", "format=same&quality=0", "format=GIF", "format=JPEG&quality=" + "9" * 5000]
)
def test_what_no_page_asks_for_is_not_found(port, result, query):
    address = handout.address(result, "a.png", Wanted("PNG"))
    assert get(port, f"{address.partition('?')[0]}?{query}")[0] == 404


def test_a_result_that_is_gone_is_not_found(port):
    result = made()
    address = handout.address(result, "a.png", Wanted("PNG"))
    del result
    gc.collect()
    assert get(port, address)[0] == 404


def test_what_cannot_be_written_is_a_sentence(port, result, monkeypatch):
    def full(*_):
        raise CodecUnavailable("There is no room. Please try again later.")

    monkeypatch.setattr(Result, "encoded", full)
    status, headers, body = get(port, handout.address(result, "a.png", Wanted("PNG")))
    assert (status, body.decode()) == (503, "There is no room. Please try again later.")
    assert int(headers["retry-after"]) > 0


def test_a_crowd_of_downloads_is_made_a_few_at_a_time(port, result, monkeypatch):
    """And each holds a decoded picture for as long as it is made."""
    counting, at_once, most = threading.Lock(), 0, 0

    def encoded(*_):
        nonlocal at_once, most
        with counting:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.01)
        with counting:
            at_once -= 1
        return b"x"

    monkeypatch.setattr(Result, "encoded", encoded)
    address = handout.address(result, "a.png", Wanted("PNG"))
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda _: get(port, address)[0], range(20)))
    assert answers == [200] * 20
    assert most == limits().max_running


def test_no_download_begins_while_the_server_stops(port, result, service):
    service.stop()
    status, headers, body = get(port, handout.address(result, "a.png", Wanted("PNG")))
    assert (status, body.decode()) == (503, str(Stopping()))
    assert int(headers["retry-after"]) > 0

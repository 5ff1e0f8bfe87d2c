"""The address of one result, over HTTP."""

import gc
import io
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from srgan.errors import CodecUnavailable
from srgan.imaging import Picture
from srgan.web import handout
from srgan.web.results import Result
from srgan.web.wanted import Wanted
from tests.serving import app_served
from tests.web.test_archive import get


@pytest.fixture(scope="module")
def port():
    with app_served(Starlette(routes=handout.routes())) as port:
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
    status, _, body = get(port, handout.address(result, "a.png", Wanted("PNG")))
    assert (status, body.decode()) == (503, "There is no room. Please try again later.")

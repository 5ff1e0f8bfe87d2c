import gc
import http.client

import numpy as np
import pytest
from starlette.applications import Starlette

from srgan import imaging
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.web import pixels
from srgan.web.results import OnDisk, Result, Source
from tests.photos import photograph
from tests.serving import app_served


@pytest.fixture(scope="module")
def port():
    with app_served(Starlette(routes=pixels.routes())) as port:
        yield port


def get(port, address):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/{address}")
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def decoded(port, address):
    status, body = get(port, address)
    assert status == 200
    return imaging.decode(body, Limits())


@pytest.mark.parametrize("alpha", [False, True])
def test_the_tiles_together_are_the_result_to_the_last_pixel(port, alpha):
    rgb = photograph(1100, 1030)
    mask = np.arange(rgb[..., 0].size, dtype=np.uint8).reshape(rgb.shape[:2]) if alpha else None
    result = Result.of(Picture(rgb, mask), 1.0)
    address = pixels.address(result)
    rows = [[decoded(port, f"{address}/{column}/{row}") for column in (0, 1)] for row in (0, 1)]
    together = np.vstack([np.hstack([tile.rgb for tile in row]) for row in rows])
    np.testing.assert_array_equal(together, rgb)
    if mask is not None:
        together = np.vstack([np.hstack([tile.alpha for tile in row]) for row in rows])
        np.testing.assert_array_equal(together, mask)


def test_two_results_in_turn(port):
    shades = [Result.of(Picture(np.full((9, 9, 3), shade, np.uint8)), 1.0) for shade in (10, 20)]
    addresses = [pixels.address(result) for result in shades]
    seen = [decoded(port, f"{address}/0/0").rgb.max() for address in addresses * 2]
    assert seen == [10, 20, 10, 20]


def test_the_picture_before_is_whole_and_exact(port):
    rgb = photograph(1600, 40)  # wider than a preview
    source = Source.read("a.png", imaging.encode(Picture(rgb)), Limits())
    np.testing.assert_array_equal(decoded(port, pixels.address(source)).rgb, rgb)


def test_nothing_is_found_beyond_the_picture_or_without_its_secret(port):
    result = Result.of(Picture(np.zeros((9, 9, 3), np.uint8)), 1.0)
    address = pixels.address(result)
    assert get(port, f"{address}/0/0")[0] == 200
    for wrong in (f"{address}/0/1", f"{address}/1/0", address, "pixels/guess/0/0", "pixels/guess"):
        assert get(port, wrong)[0] == 404


def test_a_picture_that_its_session_has_dropped_is_gone(port):
    result = Result.of(Picture(np.zeros((9, 9, 3), np.uint8)), 1.0)
    address = pixels.address(result)
    del result
    gc.collect()
    assert get(port, f"{address}/0/0")[0] == 404


def test_what_nobody_looks_at_is_let_go(monkeypatch):
    monkeypatch.setattr(pixels, "IDLE_SECONDS", 0.0)
    kept = pixels._Decoded()
    monkeypatch.setattr(pixels, "_Decoded", lambda: kept)
    result = Result.of(Picture(np.zeros((9, 9, 3), np.uint8)), 1.0)
    with app_served(Starlette(routes=pixels.routes())) as port:
        assert get(port, f"{pixels.address(result)}/0/0")[0] == 200
    assert kept._latest is None


def test_no_two_pictures_share_a_secret():
    nothing = OnDisk(b"")
    results = [Result(nothing, (1, 1), b"", 0.0) for _ in range(2)]
    assert results[0].secret != results[1].secret
    assert results[0] == results[1]

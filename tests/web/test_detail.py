import threading
from typing import Any

import numpy as np
import pytest
from PIL import Image

from srgan import imaging
from srgan.errors import Cancelled
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.web import detail
from tests.fakes import FakeUpscaler
from tests.photos import photograph


def compare(picture, spot, stop=None):
    upscaler: Any = FakeUpscaler()
    reports: list[Any] = []
    stop = stop or threading.Event()
    shown = detail.compare(upscaler, picture, spot, 0.0, reports.append, stop)
    assert [(r.tiles_done, r.tiles_total) for r in reports] == [(1, 2), (2, 2)]
    return {name: imaging.decode(png, Limits()) for name, png in shown.items()}


@pytest.mark.parametrize(
    ("spot", "left", "top"),
    [((0, 0), 0, 0), ((100, 100), 204, 104), ((50, 50), 102, 52), ((10, 90), 20, 94)],
)
def test_every_detail_is_of_the_same_place(spot, left, top):
    picture = Picture(photograph(300, 200))
    shown = compare(picture, spot)
    assert list(shown) == [detail.INPUT, detail.BICUBIC, "faithful", "faithful-fast"]
    itself = picture.rgb[top : top + 96, left : left + 96]
    np.testing.assert_array_equal(shown[detail.INPUT].rgb[::4, ::4], itself)
    large = Image.fromarray(picture.rgb).resize((1200, 800), Image.Resampling.BICUBIC)
    inside = (slice(4 * top, 4 * top + 384), slice(4 * left, 4 * left + 384))
    for name, whole in (
        (detail.BICUBIC, np.asarray(large)),
        ("faithful", imaging.resize(picture, (1200, 800)).rgb),
    ):
        difference = shown[name].rgb.astype(int) - whole[inside]
        assert np.abs(difference).max() <= 1, name


@pytest.mark.parametrize("size", [(1, 1), (10, 300), (96, 96)])
def test_small_pictures_are_shown_as_far_as_they_go(size):
    expected = tuple(4 * min(96, side) for side in size)
    shown = compare(Picture(photograph(*size)), (100, 0))
    assert {picture.size for picture in shown.values()} == {expected}


def test_transparency_is_kept():
    alpha = np.full((100, 100), 128, np.uint8)
    for picture in compare(Picture(photograph(100, 100), alpha), (50, 50)).values():
        assert picture.alpha is not None
        assert (picture.alpha == 128).all()


def test_it_can_be_stopped():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        compare(Picture(photograph(100, 100)), (50, 50), stop)

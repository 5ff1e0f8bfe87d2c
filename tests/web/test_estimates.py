import numpy as np
import pytest

from srgan import imaging
from srgan.imaging import Picture
from srgan.web import estimates
from srgan.web.estimates import Rates
from tests.photos import gradient, photograph


def test_nothing_is_said_of_what_was_not_measured():
    rates = Rates()
    rates.add("fast", 1, 2)
    assert rates.seconds("slow", 1) is None


def test_time_grows_with_the_work_and_large_measurements_outweigh_small_ones():
    rates = Rates()
    rates.add("fast", 1, 11)
    assert rates.seconds("fast", 3) == 33
    rates.add("fast", 99, 89)
    assert rates.seconds("fast", 3) == 3


def test_only_the_latest_measurements_count():
    rates = Rates(latest=2)
    for seconds in (1000, 10, 20):
        rates.add("fast", 1, seconds)
    assert rates.seconds("fast", 1) == 15


def test_transparency_is_a_layer_of_its_own_where_it_has_a_shape():
    rgb, alpha = np.zeros((2, 2, 3), np.uint8), np.full((2, 2), 9, np.uint8)
    shaped = alpha.copy()
    shaped[0, 0] = 0
    pictures = [Picture(rgb), Picture(rgb, alpha), Picture(rgb, shaped)]
    assert [estimates.layers(picture) for picture in pictures] == [1, 1, 2]


@pytest.mark.parametrize("size", [(1, 1), (256, 256), (257, 3), (900, 700)])
def test_a_sample_is_small_and_from_all_over_the_picture(size):
    picture = Picture(gradient(*size))
    sample = estimates.sample(picture)
    assert sample.size == tuple(min(256, side) for side in size)
    for corner in ((0, 0), (-1, -1)):
        np.testing.assert_array_equal(sample.rgb[corner], picture.rgb[corner])


@pytest.mark.parametrize(("format", "quality"), [("PNG", None), ("JPEG", 90), ("WEBP", 50)])
@pytest.mark.parametrize("after", [(1600, 1200), (800, 600)])
def test_an_estimated_file_is_near_the_one_that_interpolation_makes(format, quality, after):
    picture = Picture(photograph(400, 300))
    estimate = estimates.file_size(estimates.sample(picture), picture.size, after, format, quality)
    truth = len(imaging.encode(imaging.resize(picture, after), format, quality))
    assert estimate == pytest.approx(truth, rel=0.3)

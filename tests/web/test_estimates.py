from collections import defaultdict
from statistics import median

import numpy as np
import pytest

from srgan import imaging
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.upscaler import Upscaler
from srgan.web import estimates
from srgan.web.estimates import Rates
from srgan.web.wanted import Wanted
from tests.photos import SAMPLE, gradient, photograph


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


def test_what_has_three_values_or_more_is_a_layer():
    values = np.arange(4, dtype=np.uint8).reshape(2, 2)
    photo, drawing = (np.repeat(it[:, :, np.newaxis], 3, axis=2) for it in (values, values // 2))
    given = [(photo, None), (photo, values // 2), (photo, values), (drawing, None)]
    assert [estimates.layers(Picture(rgb, alpha)) for rgb, alpha in given] == [1, 1, 2, 0]


@pytest.mark.parametrize("size", [(1, 1), (256, 256), (257, 3), (900, 700)])
def test_a_sample_is_small_and_from_all_over_the_picture(size):
    picture = Picture(gradient(*size))
    sample = estimates.sample(picture)
    assert sample.size == tuple(min(256, side) for side in size)
    for corner in ((0, 0), (-1, -1)):
        np.testing.assert_array_equal(sample.rgb[corner], picture.rgb[corner])


FILES = [Wanted("PNG"), Wanted("JPEG", 90), Wanted("JPEG", 60), Wanted("WEBP", 80)]


def off_by(pictures):
    """For each file of each picture, the share by which its estimate is too large."""
    upscaler = Upscaler()
    for picture in pictures:
        result, sample = upscaler.upscale(picture), estimates.sample(picture)
        for wanted in FILES:
            truth = len(wanted.written(result))
            estimate = estimates.file_size(sample, picture.size, result.size, wanted)
            yield wanted.format, estimate / truth - 1


def test_an_estimated_file_is_near_the_one_that_is_made_of_a_photograph():
    (picture,) = [imaging.decode(SAMPLE.read_bytes(), Limits())]
    for format, error in off_by([picture]):
        assert abs(error) < 0.15, format


@pytest.mark.slow
def test_estimated_files_of_photographs_are_right_on_the_whole(shared):
    paths = sorted((shared / "data" / "eval" / "Set14" / "LR").glob("*.png"))
    errors = defaultdict(list)
    for format, error in off_by(imaging.decode(path.read_bytes(), Limits()) for path in paths):
        errors[format].append(error)
    for format, of_all in errors.items():
        assert abs(median(of_all)) < 0.1, format
        assert sum(abs(error) < 0.25 for error in of_all) >= 0.8 * len(of_all), format


@pytest.mark.parametrize("after", [(1600, 1200), (800, 600)])
@pytest.mark.parametrize("wanted", FILES, ids=str)
def test_a_sample_stands_for_the_whole_picture(wanted, after):
    picture = Picture(photograph(400, 300))
    sampled, whole = (
        estimates.file_size(part, picture.size, after, wanted)
        for part in (estimates.sample(picture), picture)
    )
    assert sampled == pytest.approx(whole, rel=0.2)


def test_what_is_left_away_is_not_counted():
    pixels = photograph(200, 200)
    alpha = np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8)
    sample = estimates.sample(Picture(pixels, alpha))
    kept, flat = (
        estimates.file_size(sample, (200, 200), (800, 800), Wanted("PNG", transparency=kept))
        for kept in (True, False)
    )
    assert flat < kept

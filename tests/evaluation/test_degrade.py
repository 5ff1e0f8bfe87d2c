import numpy as np
import pytest

from srgan.evaluation.degrade import degrade

GRAY = np.full((128, 128, 3), 128, np.uint8)


def test_the_same_name_gives_the_same_picture_and_another_name_another():
    assert np.array_equal(degrade(GRAY, "a"), degrade(GRAY, "a"))
    assert not np.array_equal(degrade(GRAY, "a"), degrade(GRAY, "b"))


def test_it_is_a_picture_like_its_input_and_leaves_the_input_alone():
    before = GRAY.copy()
    result = degrade(GRAY, "a")
    assert result.shape == GRAY.shape
    assert result.dtype == np.uint8
    assert np.array_equal(GRAY, before)


def test_neither_noise_nor_jpeg_moves_the_colour():
    assert degrade(GRAY, "a").mean(axis=(0, 1)) == pytest.approx([128, 128, 128], abs=1)


def test_noise_and_jpeg_are_both_there():
    """JPEG of quality 40 rounds most of a flat block's noise away, but not all of it."""
    assert 2 < degrade(GRAY, "a").std() < 10


def test_black_and_white_do_not_wrap_around():
    assert degrade(np.zeros_like(GRAY), "a").max() < 128
    assert degrade(np.full_like(GRAY, 255), "a").min() > 128

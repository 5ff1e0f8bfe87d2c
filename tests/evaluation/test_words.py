"""The benchmark set that is drawn."""

import numpy as np

from srgan.evaluation.methods import BICUBIC
from srgan.evaluation.metrics import psnr_y
from srgan.evaluation.pages import CONTRAST
from srgan.evaluation.words import words
from srgan.training.data import low_resolution


def test_pages_are_the_same_every_time_and_all_different():
    first, again = ([page.read() for page in words().pairs] for _ in range(2))
    for (lr, hr), (same_lr, same_hr) in zip(first, again, strict=True):
        assert (lr.shape, hr.shape) == ((96, 96, 3), (384, 384, 3))
        np.testing.assert_array_equal(lr, same_lr)
        np.testing.assert_array_equal(hr, same_hr)
        np.testing.assert_array_equal(lr, low_resolution(hr))
    assert len({hr.tobytes() for _, hr in first}) == len({page.name for page in words().pairs})


def test_pages_have_words_on_them_that_are_hard_to_enlarge():
    for page in words().pairs:
        lr, hr = page.read()
        colours, counts = np.unique(hr.reshape(-1, 3), axis=0, return_counts=True)
        inked = np.abs(hr.astype(int) - colours[counts.argmax()]).max(2) > CONTRAST / 2
        assert 0.02 < inked.mean() < 0.6, page.name
        assert psnr_y(BICUBIC.enlarge(lr), hr) < 35, page.name

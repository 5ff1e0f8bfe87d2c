"""Colours under transparent pixels."""

import numpy as np

from srgan.imaging.hidden import fill_hidden


def test_visible_pixels_stay_and_hidden_ones_take_their_colour():
    random = np.random.default_rng(0)
    rgb = random.integers(0, 256, (33, 47, 3), np.uint8)
    alpha = np.zeros((33, 47), np.uint8)
    alpha[5:9, 40:44] = 200
    rgb[5:9, 40:44] = (10, 200, 90)
    filled = fill_hidden(rgb, alpha)
    assert (filled == (10, 200, 90)).all()


def test_nothing_hidden_or_nothing_visible_changes_nothing():
    rgb = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    for level in (0, 1, 255):
        assert (fill_hidden(rgb, np.full((3, 3), level, np.uint8)) == rgb).all()


def test_each_side_takes_its_own_colour():
    rgb = np.zeros((8, 32, 3), np.uint8)
    alpha = np.zeros((8, 32), np.uint8)
    rgb[:, 0], rgb[:, -1] = 250, 50
    alpha[:, 0] = alpha[:, -1] = 255
    filled = fill_hidden(rgb, alpha)[:, :, 0].astype(int)
    assert filled[:, 1].min() > 200
    assert filled[:, -2].max() < 100

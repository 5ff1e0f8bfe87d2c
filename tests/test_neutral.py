"""Where a result is kept gray."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from srgan.neutral import REACH, gray_around, keep_gray


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_gray_around_is_where_no_colour_is_near(height, width, coloured, seed):
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (2, height, width, 1), np.uint8).repeat(3, axis=3)
    for _ in range(coloured):
        place = tuple(random.integers(0, side) for side in pixels.shape)
        pixels[place] ^= 1
    colour = pixels.min(axis=3) != pixels.max(axis=3)
    found = gray_around(pixels)
    assert found.shape == pixels.shape[:3]
    for n, y, x in np.ndindex(found.shape):
        near = colour[n, max(0, y - REACH) : y + REACH + 1, max(0, x - REACH) : x + REACH + 1]
        assert found[n, y, x] == (not near.any())


def test_only_what_is_gray_around_is_made_gray():
    random = np.random.default_rng(3)
    before = random.uniform(0, 255, (2, 12, 8, 3)).astype(np.float32)
    where = random.random((2, 3, 2)) < 0.5
    made = before.copy()
    keep_gray(made, where)
    for n, y, x in np.ndindex(where.shape):
        part = np.s_[n, y * 4 : y * 4 + 4, x * 4 : x * 4 + 4]
        if where[n, y, x]:
            assert (made[part] == made[part][..., :1]).all()
            mean = before[part].mean(axis=2, keepdims=True).repeat(3, axis=2)
            np.testing.assert_allclose(made[part], mean, rtol=1e-6)
        else:
            np.testing.assert_array_equal(made[part], before[part])

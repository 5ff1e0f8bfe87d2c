"""Geometry of windows, for any picture."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srgan.tiling import cut, merge, plan_side, plan_tiles

lengths = st.integers(1, 3000)
halos = st.integers(0, 40)


@st.composite
def sides(draw):
    halo = draw(halos)
    return draw(lengths), draw(st.integers(2 * halo + 1, 2 * halo + 400)), halo


@settings(deadline=None)  # a busy machine is no failure
@given(sides())
def test_every_pixel_is_kept_once_with_its_context(side):
    length, largest, halo = side
    size, spans = plan_side(length, largest, halo)
    assert size <= largest
    assert spans[0].keep_start == 0
    assert spans[-1].keep_stop == length
    for left, right in pairwise(spans):
        assert left.keep_stop == right.keep_start
    for span in spans:
        assert 0 <= span.start <= span.keep_start < span.keep_stop <= span.start + size <= length
        assert span.keep_start - span.start >= min(halo, span.keep_start)
        assert span.start + size - span.keep_stop >= min(halo, length - span.keep_stop)


@settings(deadline=None)
@given(sides())
def test_no_slivers(side):
    length, largest, halo = side
    _, spans = plan_side(length, largest, halo)
    kept = [span.keep_stop - span.keep_start for span in spans]
    # border windows keep up to one halo more, and rounding moves a cut by a pixel
    assert max(kept) - min(kept) <= halo + 2
    if len(spans) > 1:
        fewer = len(spans) - 1
        assert fewer * largest - (fewer - 1) * 2 * halo < length, "fewer windows would do"


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 4), st.integers(0, 5))
def test_merging_what_was_cut_gives_the_picture_back(width, height, scale, halo):
    random = np.random.default_rng(width * 61 + height)
    picture = random.integers(0, 256, (height, width, 3), np.uint8)
    large = picture.repeat(scale, 0).repeat(scale, 1)
    plan = plan_tiles((width, height), (2 * halo + 7, 2 * halo + 5), halo)
    result = np.full_like(large, 77)
    for tile in plan:
        window = cut(picture, tile, plan.window)
        assert window.shape == (plan.window[1], plan.window[0], 3)
        merge(result, tile, window.repeat(scale, 0).repeat(scale, 1).astype(np.float32), scale)
    np.testing.assert_array_equal(result, large)


def test_small_pictures_are_not_cut():
    plan = plan_tiles((256, 1), (256, 256), 8)
    assert len(plan) == 1
    assert plan.window == (256, 1)
    assert plan.overhead == 0


def test_overhead_counts_the_extra_pixels():
    # two windows of 60 over 100 pixels: 20 pixels are computed twice
    assert plan_tiles((100, 10), (60, 60), 10).overhead == pytest.approx(0.2)


def test_values_are_clipped_then_rounded():
    plan = plan_tiles((2, 2), (2, 2), 0)
    result = np.zeros((2, 2, 1), np.uint8)
    output = np.array([[-3.0, 260.0], [1.5, 254.6]], np.float32)[:, :, None]
    merge(result, next(iter(plan)), output, 1)
    assert result[:, :, 0].tolist() == [[0, 255], [2, 255]]


@pytest.mark.parametrize(("length", "largest", "halo"), [(0, 9, 1), (5, 2, 1), (5, 5, -1)])
def test_impossible_plans_are_refused(length, largest, halo):
    with pytest.raises(ValueError, match="no windows"):
        plan_side(length, largest, halo)

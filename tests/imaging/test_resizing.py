import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from srgan.errors import BadOption
from srgan.imaging import Picture, resize
from tests.imaging import pictures


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from([1, 2, 3, 4]),
    st.integers(0, 255),
)
def test_a_plain_colour_stays_at_any_size(before, after, channels, value):
    plain = np.full((*before, channels), value, np.uint8)
    if channels in (2, 4):
        plain[:, :, -1] = 200
    resized = resize(Picture.from_array(plain), after)
    assert resized.size == after
    assert (resized.rgb == value).all()
    assert resized.alpha is None or (resized.alpha == 200).all()
    assert resized.gray == (channels < 3)


def test_it_is_the_lanczos_filter_of_pillow_also_in_several_bands():
    tall = pictures.photo(20, 1600)
    expected = np.asarray(Image.fromarray(tall).resize((13, 1111), Image.Resampling.LANCZOS))
    resized = resize(Picture(tall), (13, 1111)).rgb
    assert np.abs(resized.astype(int) - expected).max() <= 1


def test_a_fine_checkerboard_becomes_gray_not_moire():
    board = (np.indices((128, 128)).sum(axis=0) % 2 * 255).astype(np.uint8)
    resized = resize(Picture.from_array(board), (40, 40)).rgb[4:-4, 4:-4]
    assert np.abs(resized.astype(int) - 128).max() <= 3


def test_what_is_under_transparency_does_not_show():
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[:, :32] = (255, 0, 0)
    rgb[:, 32:] = (0, 255, 0)  # transparent, and never to be seen
    alpha = np.zeros((64, 64), np.uint8)
    alpha[:, :32] = 255
    resized = resize(Picture(rgb, alpha), (17, 17))
    assert resized.alpha is not None
    visible = resized.alpha > 16
    assert visible.any()
    assert resized.rgb[visible][:, 0].min() >= 240
    assert resized.rgb[visible][:, 1].max() <= 15


def test_a_single_valued_alpha_is_copied_and_colours_stay():
    rgb = pictures.photo()
    transparent = Picture(rgb, np.zeros(rgb.shape[:2], np.uint8))
    resized = resize(transparent, (20, 10))
    np.testing.assert_array_equal(resized.rgb, resize(Picture(rgb), (20, 10)).rgb)
    np.testing.assert_array_equal(resized.alpha, np.zeros((10, 20)))


def test_the_same_size_is_the_same_picture():
    picture = Picture(pictures.photo())
    assert resize(picture, picture.size) is picture


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 5)])
def test_no_size_at_all(size):
    with pytest.raises(BadOption, match="cannot be resized"):
        resize(Picture(pictures.photo()), size)

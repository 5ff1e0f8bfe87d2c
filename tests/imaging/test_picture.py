import pickle

import numpy as np
import pytest

from srgan.errors import BadOption
from srgan.imaging import Picture


@pytest.mark.parametrize(
    ("shape", "gray", "alpha"),
    [
        ((4, 6), True, False),
        ((4, 6, 1), True, False),
        ((4, 6, 2), True, True),
        ((4, 6, 3), False, False),
        ((4, 6, 4), False, True),
    ],
)
def test_from_an_array(shape, gray, alpha):
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    picture = Picture.from_array(array)
    assert picture.size == (6, 4)
    assert (picture.gray, picture.alpha is not None) == (gray, alpha)
    np.testing.assert_array_equal(picture.rgb[:, :, 0], array.reshape(4, 6, -1)[:, :, 0])
    if picture.alpha is not None:
        np.testing.assert_array_equal(picture.alpha, array[:, :, -1])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 6, 3), np.float32),
        np.zeros((4, 6, 5), np.uint8),
        np.zeros((0, 6, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((1, 4, 6, 3), np.uint8),
    ],
)
def test_arrays_that_are_no_picture(array):
    with pytest.raises(BadOption, match="uint8, height × width"):
        Picture.from_array(array)


def test_wrong_layers_are_refused():
    rgb = np.zeros((4, 6, 3), np.uint8)
    with pytest.raises(ValueError, match="rgb"):
        Picture(rgb.astype(np.float32))
    with pytest.raises(ValueError, match="rgb"):
        Picture(rgb[:, :, 0])
    with pytest.raises(ValueError, match="alpha"):
        Picture(rgb, np.zeros((6, 4), np.uint8))


def test_it_can_be_sent_to_another_process():
    picture = Picture.from_array(np.ones((4, 6, 4), np.uint8))
    again = pickle.loads(pickle.dumps(picture))
    np.testing.assert_array_equal(again.rgb, picture.rgb)
    np.testing.assert_array_equal(again.alpha, picture.alpha)

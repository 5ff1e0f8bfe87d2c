"""Initialisers that let an untrained generator carry the picture through to its end.

The paper's generator has no enlarged input to add to: from random weights it spends thousands of
steps on learning to hand a picture on. Here the first three maps start as red, green and blue and
are enlarged as bicubic interpolation does; all other weights start at random, as usual.
"""

import keras
import numpy as np

COLOURS = 3


def keys(distance: np.ndarray) -> np.ndarray:
    """Keys' cubic kernel with a = -0.5, as MATLAB's and Pillow's bicubic use it."""
    t = np.abs(distance)
    near = 1.5 * t**3 - 2.5 * t**2 + 1
    far = -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    return np.where(t <= 1, near, np.where(t < 2, far, 0.0))


def bicubic_taps(scale: int, size: int) -> np.ndarray:
    """Weights of `size` neighbours for each of `scale` sub-pixel positions: (scale, size).

    What lies beyond `size` is left out and the rest scaled to a sum of 1.
    """
    offsets = (np.arange(scale) + 0.5) / scale - 0.5
    taps = keys(np.arange(size) - size // 2 - offsets[:, None])
    return taps / taps.sum(axis=1, keepdims=True)


def bicubic_kernel(scale: int, size: int, maps: int) -> np.ndarray:
    """Bicubic enlargement as a convolution before a pixel shuffle.

    float32 (size, size, maps, scale²·maps) in depth-to-space order; of the maps, the first three
    are enlarged, the others are zero.
    """
    taps = bicubic_taps(scale, size)
    spatial = np.einsum("iy,jx->yxij", taps, taps)
    kernel = np.zeros((size, size, maps, scale, scale, maps), np.float32)
    for colour in range(COLOURS):
        kernel[:, :, colour, :, :, colour] = spatial
    return kernel.reshape(size, size, maps, scale * scale * maps)


class Enlarge(keras.initializers.Initializer):
    """A convolution before a pixel shuffle: bicubic where the colours are, `others` elsewhere."""

    def __init__(self, scale: int, others: keras.initializers.Initializer | None = None):
        self.scale, self.others = scale, others

    def __call__(self, shape, dtype=None):
        size, _, maps, outputs = shape
        if outputs != maps * self.scale**2:
            raise ValueError(f"a kernel of shape {shape} is none for a shuffle by {self.scale}")
        kernel = bicubic_kernel(self.scale, size, maps)
        if self.others is not None:
            carried = np.zeros((maps, self.scale**2, maps), bool)
            carried[:, :, :COLOURS] = True
            random = keras.ops.convert_to_numpy(self.others(shape, "float32"))
            kernel = np.where(carried.reshape(maps, outputs), kernel, random)
        return keras.ops.convert_to_tensor(kernel, dtype=dtype)


class Pass(keras.initializers.Initializer):
    """A convolution that hands the colours on unchanged; its other weights are `others`."""

    def __init__(self, others: keras.initializers.Initializer):
        self.others = others

    def __call__(self, shape, dtype=None):
        kernel = np.array(keras.ops.convert_to_numpy(self.others(shape, "float32")))
        centre = shape[0] // 2
        kernel[:, :, :COLOURS, :COLOURS] = 0
        for colour in range(COLOURS):
            kernel[centre, centre, colour, colour] = 1
        return keras.ops.convert_to_tensor(kernel, dtype=dtype)


class Slopes(keras.initializers.Initializer):
    """PReLU slopes: 1 for the colours, which pass unchanged, 0.25 for the rest (He et al. 2015)."""

    def __call__(self, shape, dtype=None):
        slopes = np.full(shape, 0.25, np.float32)
        slopes[..., :COLOURS] = 1
        return keras.ops.convert_to_tensor(slopes, dtype=dtype)

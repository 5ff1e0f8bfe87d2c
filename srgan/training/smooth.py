"""Smooth pictures: even colours and ramps, which are to come out as they are, up to their borders.

Photographs have little of both at their borders and almost nothing at the ends of the range, where
the borders of a product on white are: what the networks make there of the zeros beyond is else
left to chance.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from srgan.training.data import SCALE

SIDE = 12  # LR pixels: the borders matter, and what is further inside has little of them
STEEPEST = 8.0  # levels from one LR pixel to the next
WHITE, BLACK = 0.2, 0.1  # the shares of these among the colours
EVEN = 0.5  # the share of pictures of one colour
STREAM = 3  # of random numbers: another one than the crops'
BATCH = 4  # patches a step: together as many pixels as one usual patch


class SmoothPatches:
    """Random smooth patches; the batch of a step depends on nothing else than step and seed."""

    def __init__(self, seed: int, batch: int = BATCH, side: int = SIDE):
        self.batch, self.seed, self.side = batch, seed, side

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The batch of `step`: lr uint8 (N, s, s, 3) and hr float32 (N, 4s, 4s, 3), 0..255."""
        random = np.random.default_rng([self.seed, step, STREAM])
        colour = random.uniform(0, 255, (self.batch, 3))
        drawn = random.random((self.batch, 1))
        colour = np.where(drawn < WHITE, 255, np.where(drawn > 1 - BLACK, 0, colour))
        slopes = random.uniform(-STEEPEST, STEEPEST, (2, self.batch, 3)) / SCALE
        slopes *= random.random((self.batch, 1)) > EVEN
        place = np.arange(self.side * SCALE) - (self.side * SCALE - 1) / 2
        down, across = np.einsum("y,nc->nyc", place, slopes[0]), place[:, None] * slopes[1][:, None]
        hr = np.clip(colour[:, None, None] + down[:, :, None] + across[:, None], 0, 255)
        parted = hr.reshape(self.batch, self.side, SCALE, self.side, SCALE, 3)
        return np.rint(parted.mean((2, 4))).astype(np.uint8), hr.astype(np.float32)


def smooth_loss(model: keras.Model, given, truth):
    """Mean squared difference in levels between `truth` and what `model` makes, a scalar.

    As when serving: these patches are not what batch norm is to learn its means from.
    """
    made = model(ops.cast(given, "float32"), training=False)
    return ops.mean(ops.square(ops.cast(truth, "float32") - ops.cast(made, "float32")))


def beside(
    name: str, of_pixels: Any, model: keras.Model, even: tuple[Any, ...], weight: float
) -> tuple[Any, dict[str, Any]]:
    """A pixel loss with `weight` of the smooth one beside it: what to minimise, and all by name.

    `even` is a batch of smooth patches as `model` is given them and their truth, or nothing.
    """
    if not even:
        return of_pixels, {name: of_pixels}
    of_smooth = smooth_loss(model, *even)
    total = of_pixels + weight * of_smooth
    return total, {"loss": total, name: of_pixels, "smooth": of_smooth}

"""Smooth pictures: even colours, ramps and bars, to come out as they are, up to their borders.

Photographs have little of the first two at their borders and almost nothing at the ends of the
range, where the borders of a product on white are: what the networks make there of the zeros beyond
is else left to chance. Along straight edges an adversary rewards dots that nobody can miss.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from srgan.training.data import SCALE, low_resolution

SIDE = 12  # LR pixels: the borders matter, and what is further inside has little of them
STEEPEST = 8.0  # levels from one LR pixel to the next
WHITE, BLACK = 0.2, 0.1  # the shares of these among the colours
PURE = 0.15  # and of those at the ends of the range in each channel, as full green is
EVEN, RAMPS = 0.35, 0.25  # the shares of pictures of one colour and of ramps: the rest have a bar
ALIGNED = 0.5  # the share of bars that stand or lie
THINNEST, WIDEST = 4, 96  # HR pixels, of a bar: the widest show one edge
SOFTEST = 3.0  # HR pixels from one colour to the other, at least one
BICUBIC = 0.5  # the share of bars with an LR patch made as photographs': the rest are means
STREAM = 3  # of random numbers: another one than the crops'
BATCH = 6  # patches a step: together as many pixels as one and a half usual ones
TOLERANCE = 2.0  # levels, to which the loss is squared


class SmoothPatches:
    """Random smooth patches; the batch of a step depends on nothing else than step and seed."""

    def __init__(self, seed: int, batch: int = BATCH, side: int = SIDE):
        self.batch, self.seed, self.side = batch, seed, side

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The batch of `step`: lr uint8 (N, s, s, 3) and hr float32 (N, 4s, 4s, 3), 0..255."""
        random = np.random.default_rng([self.seed, step, STREAM])
        drawn = [self._patch(random) for _ in range(self.batch)]
        lr, hr = zip(*drawn, strict=True)
        return np.stack(lr), np.stack(hr).astype(np.float32)

    def _patch(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        place = np.arange(self.side * SCALE) - (self.side * SCALE - 1) / 2
        down, across = place[:, None, None], place[None, :, None]
        hr = np.broadcast_to(_colour(random), (len(place), len(place), 3))
        kind = random.random()
        if kind >= EVEN + RAMPS:
            share = _bar(random, down, across)
            hr = hr + share * (_colour(random) - hr)
            if random.random() < BICUBIC:
                return low_resolution(np.rint(hr).astype(np.uint8)), hr
        elif kind >= EVEN:
            slopes = random.uniform(-STEEPEST, STEEPEST, (2, 3)) / SCALE
            hr = np.clip(hr + slopes[0] * down + slopes[1] * across, 0, 255)
        return _means(hr), hr


def _bar(random: np.random.Generator, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """The bar's share, 0..1, of pixels at `down` and `across`, HR pixels from the middle."""
    aligned = random.random() < ALIGNED
    angle = random.integers(4) * np.pi / 2 if aligned else random.uniform(0, 2 * np.pi)
    begins = random.uniform(-0.4, 0.4) * len(down)
    width = np.exp(random.uniform(np.log(THINNEST), np.log(WIDEST)))
    inside = np.cos(angle) * down + np.sin(angle) * across - begins
    softness = random.uniform(1, SOFTEST)
    return np.clip(np.minimum(inside, width - inside) / softness + 0.5, 0, 1)


def _colour(random: np.random.Generator) -> np.ndarray:
    drawn = random.random()
    colour = random.uniform(0, 255, 3)
    if drawn < WHITE:
        return np.full(3, 255.0)
    if drawn < WHITE + PURE:
        return np.where(colour > 127.5, 255.0, 0.0)
    return np.zeros(3) if drawn > 1 - BLACK else colour


def _means(hr: np.ndarray) -> np.ndarray:
    side = len(hr) // SCALE
    parted = hr.reshape(side, SCALE, side, SCALE, 3)
    return np.rint(parted.mean((1, 3))).astype(np.uint8)


def smooth_loss(model: keras.Model, given, truth):
    """Mean squared difference in levels between `truth` and what `model` makes, a scalar.

    Beyond `TOLERANCE` it grows in proportion to the difference (Huber 1964): how sharp an edge is
    can only be guessed, and is not to drown what shows in even colours.
    As when serving: these patches are not what batch norm is to learn its means from.
    """
    made = model(ops.cast(given, "float32"), training=False)
    off = ops.abs(ops.cast(truth, "float32") - ops.cast(made, "float32"))
    near = ops.minimum(off, TOLERANCE)
    return ops.mean(near * (2 * off - near))


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

"""A photograph of one tone keeps it: sepia, faded black and white, a print scanned in colour.

There a shade tells its colour, which a network has no notion of: of noise and JPEG's errors it
makes specks of other colours, most of all denoised. Its result keeps its brightness, and has the
colour of that shade, and of what is around in the picture.
"""

from dataclasses import dataclass

import cv2
import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_CHROMA = np.array([0.713, 0.564], np.float32)  # what makes Cr and Cb of R - Y and B - Y
_STEP = 8  # levels of luma from knot to knot of a tone's curve
_ENOUGH = 16  # pixels that a knot is made of, or more
_BLOCK = 8  # LR pixels of a side: over 64 of them not much is left of noise
# Levels of Cr or Cb by which blocks are off a tone's curve, beside noise, at most: their standard
# deviation, in a picture that is not denoised and in one that is. Of 892 photographs in colour two
# have less than the first. Than the second 1 to 4% have less with noise of sigma 8 or through JPEG
# of quality 50 or 75, and 88 to 100% of the same photographs in one tone.
CLEAN_OFF, DENOISED_OFF = 0.3, 1.0
_EVEN = 2.0  # of those deviations that are noise and JPEG's rounding, and no colour around
_AROUND, _NEAR, _MARGIN = 9, 3, 5  # LR pixels of a side: of two means, and around what is astray
# LR pixels to each side that decide a result's colour, with the one that enlarging reads: less
# than the context of any window, so that there are no seams.
REACH = _AROUND // 2 + _MARGIN // 2 + 1
# Levels of Cr or Cb from where on colours count as others than the tone's: those around, and by
# how much closer ones differ from them, beside five standard deviations of noise.
_FAR, _ASTRAY, _NOISE = 5.0, 4.0, 5.0
_ROWS = 16  # of a result at a time, to save memory
_DIFFERENCES = np.array([[1, 0, 0], [0, 0, 1]], np.float32) - _LUMA  # R - Y and B - Y
# What a change of these makes of red, green and blue if luma stays what it was.
_CHANGES = np.array([[1, 0], [-_LUMA[0] / _LUMA[1], -_LUMA[2] / _LUMA[1]], [0, 1]], np.float32)


@dataclass(frozen=True)
class Tone:
    """What colour each shade has.

    curve: float32 (256, 2), R - Y and B - Y by the level of luma.
    even: float32 (2,), by how much colours around may be off it, in levels, and are none.
    noise: standard deviation of the means of 3 × 3 pixels from it, in levels of Cr or Cb.
    """

    curve: np.ndarray
    even: np.ndarray
    noise: float


def tone_of(places: np.ndarray, denoise: float) -> Tone | None:
    """The tone of a picture that has these `cleanness.look`, uint8 (N, h, w, 3), if it has one.

    denoise: how much of the autoencoder's correction the picture is given, 0 to 1, as
    `Upscaler.fitted` tells. None if all places are gray, too: that is `neutral`'s.
    """
    if min(places.shape[1:3]) < _BLOCK or (places == places[..., :1]).all():
        return None
    luma, chroma = _parted(places)
    knots = np.arange(0, 256, _STEP)
    nearest = (luma / _STEP).astype(int)
    counts = np.bincount(nearest.ravel(), minlength=len(knots))
    used = counts >= min(_ENOUGH, counts.max())
    curve = np.empty((256, 2), np.float32)
    for channel in range(2):
        sums = np.bincount(nearest.ravel(), chroma[..., channel].ravel(), len(knots))
        means = sums[used] / counts[used]
        curve[:, channel] = np.interp(np.arange(256), knots[used] + _STEP / 2, means)
    off = (chroma - _along(curve, luma)) * _CHROMA
    means = off.mean(axis=(1, 2), keepdims=True)  # prints yellow more here than there
    blocks = np.concatenate([_blocks(place).reshape(-1, 2) for place in off - means])
    near = np.stack([_mean(place, _NEAR) for place in off])
    noise = (off - near).var(axis=(0, 1, 2)) / (1 - _NEAR**-2)  # of a pixel, if it is white
    beside = blocks.var(axis=0) - noise / _BLOCK**2
    most = CLEAN_OFF + denoise * (DENOISED_OFF - CLEAN_OFF)
    if beside.max() > most**2 or np.abs(means).max() > _FAR:
        return None
    around = np.stack([_mean(place, _AROUND) for place in off])
    even = _EVEN * denoise * blocks.std(axis=0) / _CHROMA
    return Tone(curve, even.astype(np.float32), float(np.std(near - around)))


def keep_tone(made: np.ndarray, windows: np.ndarray, tone: Tone) -> None:
    """Give `made` the colours of `tone`, but for where the windows it was made from have others.

    float32 (N, s·H, s·W, 3), pixel values, changed in place, and uint8 (N, H, W, 3). What is beyond
    a window's border does not count, so it is right at least `REACH` inside of it.
    """
    for result, window in zip(made, windows, strict=True):
        luma, chroma = _parted(window)
        off = chroma - _along(tone.curve, luma)
        around = _mean(off, _AROUND)
        astray = np.abs((_mean(off, _NEAR) - around) * _CHROMA) / (_ASTRAY + _NOISE * tone.noise)
        other = np.maximum(astray, np.abs(around * _CHROMA) / _FAR).max(axis=2)
        share = cv2.erode(np.clip(2 - other, 0, 1), np.ones((_MARGIN, _MARGIN), np.uint8))
        around = around - np.clip(around, -tone.even, tone.even)
        size = result.shape[1::-1]
        share, around = cv2.resize(share, size), cv2.resize(around, size)
        for top in range(0, size[1], _ROWS):
            rows = np.s_[top : top + _ROWS]
            _recolour(result[rows], tone.curve, around[rows], share[rows])


def _recolour(made: np.ndarray, curve: np.ndarray, off: np.ndarray, share: np.ndarray) -> None:
    """Move the colours of `made` by `share` of the way to those that `curve` says, and `off`."""
    luma, chroma = _parted(made)
    change = _along(curve, luma)
    change += off
    change -= chroma
    change *= share[..., np.newaxis]
    made += cv2.transform(change, _CHANGES)


def _parted(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Luma, and R - Y with B - Y, both in levels."""
    *shape, width, channels = pixels.shape
    levels = pixels.astype(np.float32, copy=False).reshape(-1, width, channels)
    luma = cv2.transform(levels, _LUMA[np.newaxis]).reshape(*shape, width)
    return luma, cv2.transform(levels, _DIFFERENCES).reshape(*shape, width, 2)


def _along(curve: np.ndarray, luma: np.ndarray) -> np.ndarray:
    """The curve's colours at levels of luma, (…, w) to (…, w, 2), straight between two levels."""
    levels = luma.reshape(-1, luma.shape[-1])
    colours = cv2.remap(
        curve[np.newaxis],
        levels,
        np.zeros_like(levels),  # the curve's only row
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return colours.reshape(*luma.shape, 2)


def _mean(values: np.ndarray, side: int) -> np.ndarray:
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)


def _blocks(values: np.ndarray) -> np.ndarray:
    """The means of the whole blocks of (h, w, C)."""
    height, width = (length // _BLOCK for length in values.shape[:2])
    whole = values[: height * _BLOCK, : width * _BLOCK]
    return whole.reshape(height, _BLOCK, width, _BLOCK, -1).mean(axis=(1, 3))

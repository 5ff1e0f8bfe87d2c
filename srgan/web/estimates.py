"""What a result will cost, before the work: seconds from measured work, bytes from a sample."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Hashable

import numpy as np

from srgan import imaging
from srgan.bilevel import is_bilevel
from srgan.imaging import Picture
from srgan.web.wanted import Wanted

SAMPLE_SIDE = 256  # pixels; four times as wide and high it takes some 50 ms to encode
PATCHES = 4  # along each side of a sample

# How many times larger a file is when a network made the picture instead of interpolation: the
# median for `faithful-fast` on Set14 and 9 other photographs, whose own factors are from 0.9 to 1.2
# times that; WebP's on Set14 alone.
SHARPER = {"PNG": 1.16, "JPEG": 1.17, "WEBP": 1.25}


class Rates:
    """Seconds per unit of work, for each kind of it, over the latest measurements.

    Large pieces of work count for more: their time has the smaller share of what is not work.
    """

    def __init__(self, latest: int = 6) -> None:
        self._lock = threading.Lock()
        self._measured: defaultdict[Hashable, deque[tuple[float, float]]] = defaultdict(
            lambda: deque(maxlen=latest)
        )

    def add(self, kind: Hashable, work: float, seconds: float) -> None:
        """Note that `work` > 0 of this kind took `seconds`."""
        with self._lock:
            self._measured[kind].append((work, seconds))

    def seconds(self, kind: Hashable, work: float) -> float | None:
        """How long `work` of this kind should take; None where nothing was measured yet."""
        with self._lock:
            measured = tuple(self._measured[kind])
        if not measured:
            return None
        return work * sum(seconds for _, seconds in measured) / sum(work for work, _ in measured)


def layers(picture: Picture) -> int:
    """How many go through a generator: of colour and transparency what has three values or more."""
    of_alpha = picture.alpha is not None and not is_bilevel(picture.alpha[:, :, np.newaxis])
    return (not is_bilevel(picture.rgb)) + of_alpha


def sample(picture: Picture) -> Picture:
    """At most `SAMPLE_SIDE` pixels square: patches from all over `picture`, in their order."""
    rows, columns = (_spread(side) for side in (picture.height, picture.width))
    grid = np.ix_(rows, columns)
    alpha = None if picture.alpha is None else picture.alpha[grid]
    return Picture(picture.rgb[grid], alpha, picture.format, picture.gray)


def file_size(
    sample: Picture,
    before: tuple[int, int],
    after: tuple[int, int],
    wanted: Wanted,
) -> int:
    """About how many bytes a picture of the size `after` will take.

    `sample` is that of the picture of the size `before`; it is enlarged without a network.
    """
    scale = after[0] / before[0]
    width, height = (max(1, round(side * scale)) for side in sample.size)
    encoded = wanted.written(imaging.resize(sample, (width, height)))
    return round(SHARPER[wanted.format] * len(encoded) * after[0] * after[1] / (width * height))


def _spread(length: int) -> np.ndarray:
    """All indices of a side, or those of patches with equal gaps between them."""
    if length <= SAMPLE_SIDE:
        return np.arange(length)
    patch = SAMPLE_SIDE // PATCHES
    starts = np.linspace(0, length - patch, PATCHES).astype(int)
    return (starts[:, np.newaxis] + np.arange(patch)).ravel()

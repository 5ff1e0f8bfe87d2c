"""Pictures made by code, on which seams, colour casts, checkerboards and halos show first."""

from collections.abc import Iterator

import numpy as np


def patterns(side: int = 1200) -> Iterator[tuple[str, np.ndarray]]:
    """Their names and the true pictures, uint8 RGB (side, side, 3), `side` a multiple of 4.

    The side is larger than a window, so that there are seams, and one of them in the centre.
    """
    y, x = np.mgrid[0:side, 0:side].astype(np.float64) / side
    yield "flat", _levels(np.stack([0 * x + 118, 0 * x + 96, 0 * x + 78], axis=2))
    yield "gradient", _levels(np.stack([40 + 90 * x, 60 + 80 * y, 150 - 60 * x * y], axis=2))
    sky = 205 - 90 * y + 12 * np.sin(7 * x) * np.cos(5 * y)
    yield "sky", _levels(np.stack([sky - 60 * y, sky, sky + 30], axis=2))
    # slanted edges between flat parts, gray on gray and in colour: halos and staircases
    leaning = np.floor((x * 8 + y * 3) % 2)[..., None]
    light, dark = np.array([214, 208, 190]), np.array([52, 60, 84])
    yield "edges", _levels(light * leaning + dark * (1 - leaning))


def _levels(values: np.ndarray) -> np.ndarray:
    return np.rint(values).astype(np.uint8)

"""Colours under transparent pixels."""

import cv2
import numpy as np

from srgan.imaging.picture import Pixels


def fill_hidden(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Give invisible pixels the colour of the visible ones around them.

    `rgb` uint8 H×W×3, `alpha` uint8 H×W; returns uint8 H×W×3. Where alpha is 0, files hold
    anything, often black, which a network would carry into the visible edge beside it.
    """
    hidden = alpha == 0
    if not hidden.any() or hidden.all():
        return rgb
    weight = alpha.astype(np.float32)
    colours = _spread(rgb * weight[:, :, np.newaxis], weight)
    return np.where(hidden[:, :, np.newaxis], np.rint(colours), rgb).astype(np.uint8)


def _spread(weighted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Colours, averaged where there is no weight over the next level of an image pyramid.

    `weighted` float32 H×W×3 is colour times weight, `weight` float32 H×W.
    """
    height, width = weight.shape
    seen = weight > 0
    colours = weighted / np.where(seen, weight, 1)[:, :, np.newaxis]
    if seen.all():
        return colours
    size = ((width + 1) // 2, (height + 1) // 2)
    below = _spread(
        cv2.resize(weighted, size, interpolation=cv2.INTER_AREA),
        cv2.resize(weight, size, interpolation=cv2.INTER_AREA),
    )
    around = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.where(seen[:, :, np.newaxis], colours, around)

"""What is gray around a pixel keeps its result gray.

A network has no notion that three equal channels belong together: a black and white photograph that
is kept in colour, as most of them are, would come back with specks of colour, most of all denoised.
"""

import cv2
import numpy as np

# LR pixels to each side that decide a result's colour: as many as bicubic interpolation reads
REACH = 2

_MEAN = np.full((3, 3), 1 / 3, np.float32)  # of the channels, in each of them
_ROWS = 16  # of a result at a time, so that they stay in the cache


def gray_around(pixels: np.ndarray) -> np.ndarray:
    """Where all pixels within `REACH` are gray: uint8 (N, H, W, 3) -> bool (N, H, W).

    What is beyond the border does not count, so a window tells the truth about what is at least
    `REACH` inside it.
    """
    red, green, blue = np.moveaxis(pixels, -1, 0)
    gray = ((red == green) & (green == blue)).astype(np.uint8)
    square = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    return np.stack([cv2.erode(plane, square) for plane in gray]).astype(bool)


def keep_gray(made: np.ndarray, where: np.ndarray) -> None:
    """Put the mean of `made`'s channels in each of them where `where` says so.

    float (N, s·H, s·W, 3), changed in place, and bool (N, H, W).
    """
    if not where.any():
        return
    for result, gray in zip(made, where, strict=True):
        mask = cv2.resize(gray.view(np.uint8), result.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        for top in range(0, len(result), _ROWS):
            rows = np.s_[top : top + _ROWS]
            cv2.copyTo(cv2.transform(result[rows], _MEAN), mask[rows], result[rows])

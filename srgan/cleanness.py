"""How much of a picture is to be cleaned, by a look at a few places of it.

What is clean can only lose, where an autoencoder takes detail for damage. That is along a few
edges, while noise and JPEG's errors are all over what is not blank: half of a place tells one from
the other.
"""

import numpy as np

SIDE = 48  # LR pixels of a place, or less where the picture is smaller
APART = 160  # LR pixels of a side that one place stands for
MOST = 3  # places along a side
# The share of the places, blank ones above all, that may be clean in a picture that is not: a
# product has white around it.
BLANK = 7 / 9
# Levels by which half of a place changes at least, of the last place that counts. 33 of 37 clean
# validation pictures have less than the first, with either autoencoder (of the fast models); all
# have more that went through JPEG of quality 75 to 90, or have noise of sigma 4.
NOTHING, EVERYTHING = 0.5, 1.0


def starts(length: int) -> list[int]:
    """Where places begin along a side of `length` LR pixels."""
    count = min(MOST, max(1, round(length / APART)))
    free = max(0, length - SIDE)
    return [free // 2] if count == 1 else [free * n // (count - 1) for n in range(count)]


def look(pixels: np.ndarray) -> np.ndarray:
    """The places of a picture, or of rows of it: uint8 (H, W, 3) -> uint8 (N, h, w, 3)."""
    height, width = pixels.shape[:2]
    places = [(top, left) for top in starts(height) for left in starts(width)]
    return np.stack([pixels[top : top + SIDE, left : left + SIDE] for top, left in places])


def share(given: np.ndarray, cleaned: np.ndarray) -> float:
    """How much of what an autoencoder changes is to be kept, from 0 to 1.

    Both are float (N, H, W, 3), in levels: what generator and autoencoder make of the places.
    """
    changes = np.sort(np.median(np.abs(cleaned - given), axis=(1, 2, 3)))
    change = changes[min(len(changes) - 1, int(BLANK * len(changes)))]
    return float(np.clip((change - NOTHING) / (EVERYTHING - NOTHING), 0, 1))

"""How much of a picture is to be cleaned, by a look at a few places of it.

What is clean can only lose, where an autoencoder takes detail for damage. That is along a few
edges, while noise and JPEG's errors are all over what is not blank: half of a place tells one from
the other.
"""

import numpy as np

SIDE = 48  # LR pixels of a place, or less where the picture is smaller
APART = 160  # LR pixels of a side that one place stands for
MOST = 3  # places along a side
FLAT = 1.0  # levels of standard deviation: less tells nothing, as the white around a product
CALM = 2 / 3  # the share of the other places that may be clean in a picture that is not
# Levels by which half of a place changes at least, of the last place that counts, by the networks
# of `faithful-fast`. Of 37 validation pictures 34 have less than the first; 36 have more than the
# second through JPEG of quality 75 to 90, 29 of 95, 36 with noise of sigma 4, 12 of 2.
NOTHING, EVERYTHING = 0.25, 0.5
# Levels from which on it shows what that takes away. By `faithful-fast` and its autoencoder none of
# the 37 has more than 0.9; 13 have more than this through JPEG of quality 95, 32 of 90, 36 of 75,
# 2 with noise of sigma 2, 36 of 4, all of 8. Those with 1.0 to 1.2 show it at 100%.
VISIBLE = 1.0
# The share of a place's pixels that are exactly like their left neighbour, and the share of places
# that may have fewer in what was drawn by a program. Of text on a screen (4 fonts of 11 to 18
# pixels, 3 pairs of colours) none has fewer in any place, and through JPEG of quality 50 to 95 all
# have in all; of the validation pictures through JPEG of quality 10 at least a third of the places.
EVEN, NOT_DRAWN = 0.55, 0.25


def starts(length: int) -> list[int]:
    """Where places begin along a side of `length` LR pixels: evenly, away from its ends."""
    count = min(MOST, max(1, round(length / APART)))
    free = max(0, length - SIDE)
    return [free * (n + 1) // (count + 1) for n in range(count)]


def look(pixels: np.ndarray) -> np.ndarray:
    """The places of a picture, or of rows of it: uint8 (H, W, 3) -> uint8 (N, h, w, 3)."""
    height, width = pixels.shape[:2]
    places = [(top, left) for top in starts(height) for left in starts(width)]
    return np.stack([pixels[top : top + SIDE, left : left + SIDE] for top, left in places])


def change(given: np.ndarray, cleaned: np.ndarray) -> float:
    """By how many levels an autoencoder changes half of a place, at least, of those that count.

    Both are float (N, H, W, 3), in levels: what generator and autoencoder make of the places.
    """
    changes = np.median(np.abs(cleaned - given), axis=(1, 2, 3))
    changes = changes[given.std(axis=(1, 2)).max(axis=1) >= FLAT]
    if not len(changes):
        return 0.0
    return float(np.sort(changes)[int(CALM * len(changes))])


def is_drawn(places: np.ndarray) -> bool:
    """Whether a picture that has this `look` is text on a screen or the like, and was not worn.

    Noise and JPEG's errors leave few neighbours alike. An autoencoder takes small print for damage.
    """
    if places.shape[2] == 1:
        return False
    alike = (places[:, :, 1:] == places[:, :, :-1]).all(axis=3).mean(axis=(1, 2))
    return bool((alike < EVEN).mean() <= NOT_DRAWN)


def share(changed: float) -> float:
    """How much of what an autoencoder changes is to be kept, from 0 to 1, given its `change`."""
    return min(1.0, max(0.0, (changed - NOTHING) / (EVERYTHING - NOTHING)))

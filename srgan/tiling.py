"""Cut a picture into windows of one shape and put their results together: geometry and NumPy.

Along each side the number of windows comes first, as few as the largest window allows; then the
smallest window that covers the side with that number, so there are no slivers. A window at the
picture's border has its context on the inner side alone.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

_BAND = 64  # rows that are turned into levels at a time, so that they stay in the cache


@dataclass(frozen=True)
class Span:
    """Along one side: a window reads [start, start + size) and keeps [keep_start, keep_stop)."""

    start: int
    keep_start: int
    keep_stop: int


@dataclass(frozen=True)
class Tile:
    """One window: where it reads and which part of it belongs in the result, in input pixels."""

    x: Span
    y: Span


@dataclass(frozen=True)
class Plan:
    """All windows of a picture. `window` is (width, height) in input pixels, the same for all."""

    size: tuple[int, int]
    window: tuple[int, int]
    columns: tuple[Span, ...]
    rows: tuple[Span, ...]

    def __len__(self) -> int:
        return len(self.columns) * len(self.rows)

    def __iter__(self) -> Iterator[Tile]:
        for row in self.rows:
            for column in self.columns:
                yield Tile(column, row)

    @property
    def overhead(self) -> float:
        """Pixels computed beyond the picture's own, as a share of them: 0.1 is 10% extra."""
        width, height = self.size
        return len(self) * self.window[0] * self.window[1] / (width * height) - 1


def plan_side(length: int, largest: int, halo: int) -> tuple[int, tuple[Span, ...]]:
    """Window size and spans for one side of `length` pixels.

    Every kept pixel has at least `halo` pixels of context within its window, or all that the
    picture has. Raises `ValueError` unless `largest` leaves something to keep between two halos.
    """
    if length < 1 or halo < 0 or largest <= 2 * halo:
        raise ValueError(f"no windows of {largest} with halo {halo} for a side of {length}")
    if length <= largest:
        return length, (Span(0, 0, length),)
    count = math.ceil((length - 2 * halo) / (largest - 2 * halo))
    size = math.ceil((length + (count - 1) * 2 * halo) / count)
    starts = [round(i * (length - size) / (count - 1)) for i in range(count)]
    cuts = [0]
    for left, right in pairwise(starts):
        cuts.append((left + size + right) // 2)  # the middle of the overlap
    cuts.append(length)
    spans = (Span(s, a, b) for s, (a, b) in zip(starts, pairwise(cuts), strict=True))
    return size, tuple(spans)


def plan_tiles(size: tuple[int, int], largest: tuple[int, int], halo: int) -> Plan:
    """Plan the windows of a picture.

    `size` is the picture's (width, height), `largest` the largest window's, `halo` the context
    on every inner side, all in input pixels. Raises `ValueError` for an empty picture or a
    window that is not larger than two halos.
    """
    width, columns = plan_side(size[0], largest[0], halo)
    height, rows = plan_side(size[1], largest[1], halo)
    return Plan(size, (width, height), columns, rows)


def cut(picture: np.ndarray, tile: Tile, window: tuple[int, int]) -> np.ndarray:
    """The view of `picture` (H, W, …) that `tile` reads: (window height, window width, …)."""
    return picture[tile.y.start : tile.y.start + window[1], tile.x.start : tile.x.start + window[0]]


def to_levels(values: np.ndarray) -> np.ndarray:
    """Float pixel values (…, H, W, C) to uint8 ones: clipped to 0..255, rounded, then cast."""
    levels = np.empty(values.shape, np.uint8)
    rows = np.moveaxis(values, -3, 0), np.moveaxis(levels, -3, 0)
    band = np.empty((min(_BAND, values.shape[-3]), *rows[0].shape[1:]), values.dtype)
    for top in range(0, values.shape[-3], _BAND):
        taken, made = (side[top : top + _BAND] for side in rows)
        rounded = band[: len(taken)]  # of memory that is there, because new pages take time
        np.clip(taken, 0, 255, out=rounded)
        np.rint(rounded, out=rounded)
        made[...] = rounded
    return levels


def merge(result: np.ndarray, tile: Tile, output: np.ndarray, scale: int) -> None:
    """Write what `tile` keeps of its `output` into `result`, both `scale` times the input's size.

    `output` is (window height·scale, window width·scale, C), `result` the whole picture, of C
    channels or, where C is 1, of any number. Float values become levels where `result` is uint8.
    """
    x, y = tile.x, tile.y
    kept = output[
        (y.keep_start - y.start) * scale : (y.keep_stop - y.start) * scale,
        (x.keep_start - x.start) * scale : (x.keep_stop - x.start) * scale,
    ]
    target = result[
        y.keep_start * scale : y.keep_stop * scale, x.keep_start * scale : x.keep_stop * scale
    ]
    target[...] = to_levels(kept) if kept.dtype != result.dtype else kept

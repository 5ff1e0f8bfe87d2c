"""Sheets of crops at 100%: the input, each way of enlarging, and the truth, side by side."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageDraw

from srgan.evaluation.benchmark_sets import SCALE, BenchmarkSet, read_picture
from srgan.evaluation.degrade import degrade
from srgan.evaluation.drawing import INK, PAPER, letters
from srgan.evaluation.methods import BICUBIC, Method
from srgan.evaluation.metrics import luma
from srgan.evaluation.patterns import patterns

Item = TypeVar("Item")

CROP = 240  # side of a crop, HR pixels, a multiple of 4
GAP, HEAD = 6, 22
AMPLIFIED = 16  # times: differences that are too small to be seen


@dataclass(frozen=True)
class Shown:
    """A picture: `lr` uint8 RGB (H, W, 3) and its truth (4H, 4W, 3).

    With `differences` its crop is the centre, and there is a row below it of results minus truth,
    amplified around gray.
    """

    name: str
    lr: np.ndarray
    truth: np.ndarray
    differences: bool = False


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` of `items`, evenly from all of them."""
    if len(items) <= count:
        return list(items)
    return [items[i * len(items) // count] for i in range(count)]


def of_set(benchmark_set: BenchmarkSet, count: int, degraded: bool) -> Iterator[Shown]:
    """At most `count` pictures of a set."""
    for pair in spread(benchmark_set.pairs, count):
        lr, truth = pair.read()
        yield Shown(pair.name, degrade(lr, pair.name) if degraded else lr, truth)


def of_files(files: Sequence[Path], degraded: bool) -> Iterator[Shown]:
    """Pictures of any kind; they are the truth. Raises BadOption for one that is none."""
    for file in files:
        shown = _made_small(file.stem, read_picture(file))
        lr = degrade(shown.lr, file.stem) if degraded else shown.lr
        yield Shown(shown.name, lr, shown.truth)


def of_patterns() -> Iterator[Shown]:
    """The pictures that are made by code, with their differences."""
    for name, truth in patterns():
        shown = _made_small(name, truth)
        yield Shown(name, shown.lr, shown.truth, differences=True)


def _made_small(name: str, picture: np.ndarray) -> Shown:
    height, width = (side // SCALE * SCALE for side in picture.shape[:2])
    truth = np.ascontiguousarray(picture[:height, :width])
    size = (width // SCALE, height // SCALE)
    lr = np.asarray(Image.fromarray(truth).resize(size, Image.Resampling.BICUBIC))
    return Shown(name, lr, truth)


def sheet(pictures: Iterable[Shown], methods: Sequence[Method]) -> Image.Image:
    """One picture with a row a picture, a column for each of input, `methods` and truth."""
    heads = ["input", *(method.name for method in methods), "truth"]
    rows = [strip for shown in pictures for strip in _strips(shown, methods)]
    height = HEAD + len(rows) * (CROP + HEAD + GAP)
    image = Image.new("RGB", (GAP + len(heads) * (CROP + GAP), height), PAPER)
    draw = ImageDraw.Draw(image)
    for column, head in enumerate(heads):
        draw.text((GAP + column * (CROP + GAP), 4), head, INK, letters())
    for number, (name, crops) in enumerate(rows):
        top = HEAD + number * (CROP + HEAD + GAP)
        draw.text((GAP, top + 3), name, INK, letters(13))
        for column, crop in enumerate(crops):
            if crop is not None:
                place = (GAP + column * (CROP + GAP), top + HEAD)
                image.paste(Image.fromarray(crop), place)
    return image


def _strips(
    shown: Shown, methods: Sequence[Method]
) -> Iterator[tuple[str, list[np.ndarray | None]]]:
    results = [method.enlarge(shown.lr) for method in methods]
    large = shown.lr.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
    top, left = _centre(shown) if shown.differences else _most_lost(shown)

    def cut(picture: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(picture[top : top + CROP, left : left + CROP])

    yield shown.name, [cut(picture) for picture in (large, *results, shown.truth)]
    if shown.differences:
        differences = [result.astype(int) - shown.truth for result in results]
        largest = ", ".join(
            f"{method.name} {np.abs(difference).max()}"
            for method, difference in zip(methods, differences, strict=True)
        )
        amplified: list[np.ndarray | None] = [
            cut(np.clip(difference * AMPLIFIED + 128, 0, 255).astype(np.uint8))
            for difference in differences
        ]
        name = f"{shown.name}: differences {AMPLIFIED} times; the largest anywhere: {largest}"
        yield name, [None, *amplified, None]


def _centre(shown: Shown) -> tuple[int, int]:
    top, left = ((side - CROP) // 2 for side in shown.truth.shape[:2])
    return max(0, top), max(0, left)


def _most_lost(shown: Shown) -> tuple[int, int]:
    """Top and left of the crop in which bicubic enlargement is farthest from the truth.

    Both are multiples of a quarter of a crop, so the same crop is taken whatever the methods are.
    """
    error = np.square(luma(BICUBIC.enlarge(shown.lr)) - luma(shown.truth))
    sums = np.pad(error, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    height, width = (min(CROP, side) for side in error.shape)
    best = (-1.0, 0, 0)
    for top in range(0, error.shape[0] - height + 1, CROP // 4):
        for left in range(0, error.shape[1] - width + 1, CROP // 4):
            bottom, right = top + height, left + width
            lost = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
            best = max(best, (float(lost), -top, -left))
    return -best[1], -best[2]

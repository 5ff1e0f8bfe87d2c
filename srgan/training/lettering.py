"""Printed words, drawn: labels, pages, signs and screens, of which photographs show too few.

What a letter looks like is known, unlike most detail: a network that has seen enough of them makes
strokes of what is a blur of four pixels. They stand upright as a rule, so they are not turned or
mirrored as photographs are.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import ImageFont

from srgan.errors import BadOption
from srgan.evaluation.pages import colour, page
from srgan.training.data import AROUND, SCALE, Patches, low_resolution

ENDINGS = {".ttf", ".otf"}
ON_PHOTOGRAPHS = 0.3  # the share of patches with words in a picture, as on a sign
STREAM = 4  # of random numbers: another one than the crops'


class Lettering:
    """Random patches of words; the batch of a step depends on nothing else than step and seed.

    ... and on which fonts there are.
    """

    def __init__(self, photographs: Patches, fonts: Sequence[Path], seed: int = 0):
        """`photographs` are as many patches as are drawn upon, as large as `whole_patch` says.

        `fonts` are of `find_fonts`.
        """
        self.photographs, self.fonts, self.seed = photographs, list(fonts), seed

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The batch of `step`: lr uint8 (N, s, s, 3) and hr uint8 (N, 4s, 4s, 3)."""
        random = np.random.default_rng([self.seed, step, STREAM])
        drawn = [self._patch(photograph, random) for photograph in self.photographs.at(step)[1]]
        lr, hr = zip(*drawn, strict=True)
        return np.stack(lr), np.stack(hr)

    def _patch(
        self, photograph: np.ndarray, random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        ground = photograph.astype(np.float32)
        if random.random() >= ON_PHOTOGRAPHS:
            ground = np.full_like(ground, colour(random))
        font = ImageFont.truetype(self.fonts[int(random.integers(len(self.fonts)))])
        hr = page(ground, font, random)
        rim = slice(AROUND * SCALE, -AROUND * SCALE)
        return low_resolution(hr)[AROUND:-AROUND, AROUND:-AROUND], hr[rim, rim]


def whole_patch(patch: int) -> int:
    """How wide photographs are cut for patches of `patch` HR pixels: with a rim that is cut off."""
    return patch + 2 * AROUND * SCALE


def find_fonts(folder: Path) -> list[Path]:
    """All fonts below `folder` that have Latin letters, sorted. Raises `BadOption` without any."""
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS)
    fonts = [path for path in found if _is_latin(path)]
    if not fonts:
        raise BadOption(f"There are no fonts with Latin letters in {folder}.")
    return fonts


def _is_latin(path: Path) -> bool:
    """Whether letters differ from what stands for those that a font lacks."""
    try:
        font = ImageFont.truetype(path, 32)
        missing, *letters = (bytes(font.getmask(sign)) for sign in ("\U0010fffd", "a", "g", "R"))
    except OSError:
        return False
    return missing not in letters and len(set(letters)) == len(letters) and all(map(any, letters))

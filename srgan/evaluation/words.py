"""A benchmark set made by code: printed words, in a font that is on every machine."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFont

from srgan.evaluation.benchmark_sets import SCALE, BenchmarkSet
from srgan.evaluation.pages import colour, page

NAME = "Words"
PAGES = 16
SIDE = 384  # HR pixels


@dataclass(frozen=True)
class Page:
    """Words on an even page, drawn as training draws them but in Pillow's own font (Aileron)."""

    number: int

    @property
    def name(self) -> str:
        """Of the page, in results."""
        return f"page-{self.number:02d}"

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """LR and HR, uint8 (96, 96, 3) and (384, 384, 3): the same every time."""
        random = np.random.default_rng(self.number)
        font = ImageFont.load_default(10)
        assert isinstance(font, ImageFont.FreeTypeFont)
        hr = page(np.full((SIDE, SIDE, 3), colour(random), np.float32), font, random)
        small = Image.fromarray(hr).resize((SIDE // SCALE,) * 2, Image.Resampling.BICUBIC)
        return np.asarray(small), hr


def words() -> BenchmarkSet:
    """All pages."""
    return BenchmarkSet(NAME, [Page(number) for number in range(PAGES)])

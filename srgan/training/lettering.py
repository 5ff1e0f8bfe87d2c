"""Printed words, drawn: labels, pages, signs and screens, of which photographs show too few.

What a letter looks like is known, unlike most detail: a network that has seen enough of them makes
strokes of what is a blur of four pixels. They stand upright as a rule, so they are not turned or
mirrored as photographs are.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from srgan.errors import BadOption
from srgan.training.data import AROUND, SCALE, Patches, low_resolution

ENDINGS = {".ttf", ".otf"}
SMALLEST, LARGEST = 10, 90  # HR pixels of a font's size
FINER = 2  # times, that words are drawn larger than they come out, before they are turned
ROOM = 1.3  # times as wide as what is left when a page has been turned and stretched
UPRIGHT, SIDEWAYS = 0.6, 0.1  # the shares of patches where lines run across and up; else they lean
LEANING = 20.0  # degrees at most
NARROWEST, WIDEST = 0.8, 1.25  # of the width that a font has
ON_PHOTOGRAPHS = 0.3  # the share of patches with words in a picture, as on a sign
WHITE, BLACK = 0.5, 0.15  # the shares of these among the other backgrounds
CONTRAST = 40.0  # levels, at least, in the channel that differs most
SOFT, SOFTEST = 0.5, 0.8  # the share of patches that are blurred, as through a lens; HR pixels
RULED, OUTLINED, HEAVY = 0.3, 0.1, 0.15  # the shares of lines of words
STREAM = 4  # of random numbers: another one than the crops'
LETTERS = "etaoinsrhldcumfpgwybvkxjqz"
ACCENTED = "äöüßéèêáàíóúñçåøæ"
MARKS = ".,:;-!?%&/()+'\"€$@*"


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
        side = len(photograph)
        ground = photograph.astype(np.float32)
        if random.random() >= ON_PHOTOGRAPHS:
            ground = np.full_like(ground, _ground(random))
        words = Image.new("L", (round(ROOM * side * FINER),) * 2)
        _write(words, self.fonts[int(random.integers(len(self.fonts)))], random)
        ink = np.asarray(_placed(words, side, random), np.float32)[..., None] / 255
        page = ground + ink * (_ink(ground.mean((0, 1)), random) - ground)
        image = Image.fromarray(np.rint(page).astype(np.uint8))
        if random.random() < SOFT:
            image = image.filter(ImageFilter.GaussianBlur(random.uniform(0, SOFTEST)))
        hr = np.asarray(image)
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


def _write(page: Image.Image, path: Path, random: np.random.Generator) -> None:
    """Fill `page` with lines of words in one font, from its top to its end."""
    draw = ImageDraw.Draw(page)
    size = FINER * float(np.exp(random.uniform(np.log(SMALLEST), np.log(LARGEST))))
    spacing = random.uniform(1.0, 1.7)
    top = -random.uniform(0, size)
    while top < page.height:
        line = size * random.uniform(0.6, 1.6) if random.random() < 0.2 else size
        stroke = round(line / 24) if random.random() < HEAVY else 0
        draw.text(
            (-random.uniform(0, 3) * line, top),
            " ".join(_word(random) for _ in range(2 + int(page.width / line / 2.5))),
            fill=255,
            font=ImageFont.truetype(path, line, layout_engine=ImageFont.Layout.BASIC),
            stroke_width=stroke,
        )
        top += line * spacing
        if random.random() < RULED:
            thick = max(1, round(FINER * random.uniform(1, 5)))
            draw.line((0, top, page.width, top), fill=255, width=thick)
            top += line * 0.4 + thick


def _word(random: np.random.Generator) -> str:
    """Letters as often as English has them, or so; a seventh of the words are numbers."""
    length = 1 + int(random.integers(10))
    kind = random.random()
    if kind < 0.15:
        word = "".join(str(int(random.integers(10))) for _ in range(1 + length % 5))
    else:
        # Zipf's law comes near enough to how often letters are used
        order = 1 / (np.arange(len(LETTERS)) + 3.0)
        word = "".join(random.choice(list(LETTERS), length, p=order / order.sum()))
        if random.random() < 0.1:
            place = int(random.integers(length))
            word = word[:place] + str(random.choice(list(ACCENTED))) + word[place + 1 :]
        word = word.upper() if kind < 0.35 else word.capitalize() if kind < 0.55 else word
    return word + str(random.choice(list(MARKS))) if random.random() < 0.2 else word


def _placed(words: Image.Image, side: int, random: np.random.Generator) -> Image.Image:
    """The middle of a page, turned and stretched: `side` pixels wide and high."""
    kind = random.random()
    angle = 0.0
    if kind >= UPRIGHT + SIDEWAYS:
        angle = random.uniform(-LEANING, LEANING)
    elif kind >= UPRIGHT:
        angle = float(random.choice([90, 270]))
    stretch = random.uniform(NARROWEST, WIDEST)
    if angle:
        words = words.rotate(angle, Image.Resampling.BICUBIC)
    wide, high = side * FINER / stretch, side * FINER
    left, top = (words.width - wide) / 2, (words.height - high) / 2
    box = (left, top, left + wide, top + high)
    return words.resize((side, side), Image.Resampling.BOX, box)


def _ground(random: np.random.Generator) -> np.ndarray:
    drawn = random.random()
    if drawn < WHITE:
        return np.full(3, 255.0)
    return np.zeros(3) if drawn > 1 - BLACK else random.uniform(0, 255, 3)


def _ink(ground: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Black or white, or any colour that can be told from the ground."""
    if random.random() < 0.5:
        return np.full(3, 0.0 if ground.mean() > 127.5 else 255.0)
    while True:
        ink = random.uniform(0, 255, 3)
        if np.abs(ink - ground).max() >= CONTRAST:
            return ink

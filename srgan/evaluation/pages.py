"""Pages of printed words, drawn by code."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SMALLEST, LARGEST = 10, 90  # pixels of a font's size
FINER = 2  # times, that words are drawn larger than they come out, before they are turned
ROOM = 1.3  # times as wide as what is left when a page has been turned and stretched
UPRIGHT, SIDEWAYS = 0.6, 0.1  # the shares of pages where lines run across and up; else they lean
LEANING = 20.0  # degrees at most
NARROWEST, WIDEST = 0.8, 1.25  # of the width that a font has
WHITE, BLACK = 0.5, 0.15  # the shares of these among the colours of pages
CONTRAST = 40.0  # levels, at least, in the channel that differs most
SOFT, SOFTEST = 0.5, 0.8  # the share of pages that are blurred, as through a lens; pixels
RULED, HEAVY = 0.3, 0.15  # the shares of lines of words
LETTERS = "etaoinsrhldcumfpgwybvkxjqz"
ACCENTED = "äöüßéèêáàíóúñçåøæ"
MARKS = ".,:;-!?%&/()+'\"€$@*"


def page(
    ground: np.ndarray, font: ImageFont.FreeTypeFont, random: np.random.Generator
) -> np.ndarray:
    """Words in `font` on `ground`, float32 (n, n, 3) in levels: uint8, as large.

    Sizes, colour, place and direction are drawn from `random`.
    """
    side = len(ground)
    words = Image.new("L", (round(ROOM * side * FINER),) * 2)
    _write(words, font, random)
    ink = np.asarray(_placed(words, side, random), np.float32)[..., None] / 255
    inked = ground + ink * (_ink(ground.mean((0, 1)), random) - ground)
    image = Image.fromarray(np.rint(inked).astype(np.uint8))
    if random.random() < SOFT:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0, SOFTEST)))
    return np.asarray(image)


def colour(random: np.random.Generator) -> np.ndarray:
    """Of an even page: three levels, float."""
    drawn = random.random()
    if drawn < WHITE:
        return np.full(3, 255.0)
    return np.zeros(3) if drawn > 1 - BLACK else random.uniform(0, 255, 3)


def _write(page: Image.Image, font: ImageFont.FreeTypeFont, random: np.random.Generator) -> None:
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
            font=font.font_variant(size=line, layout_engine=ImageFont.Layout.BASIC),
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


def _ink(ground: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Black or white, or any colour that can be told from the ground."""
    if random.random() < 0.5:
        return np.full(3, 0.0 if ground.mean() > 127.5 else 255.0)
    while True:
        ink = random.uniform(0, 255, 3)
        if np.abs(ink - ground).max() >= CONTRAST:
            return ink

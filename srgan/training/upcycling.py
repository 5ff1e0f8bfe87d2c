"""Training pictures as low resolution whose HR only a teacher knows.

Pieces of them at half their size look as LR pictures do, and show what no network has learnt by
heart from them: data upcycling (Zhang et al. 2023, arXiv 2309.14162).
"""

import hashlib
from collections.abc import Sequence
from functools import partial

import numpy as np
from PIL import Image

from srgan.errors import BadOption
from srgan.training.data import Pair
from srgan.training.teacher import Lesson, Teacher

SIDE = 160  # LR pixels; one size for all, so that every backend compiles the teacher once
_MOST = 4  # pieces of a picture


def upcycled(pairs: Sequence[Pair], teacher: Teacher) -> list[Lesson]:
    """Pieces of all pictures that are large enough, at half their size, the same every time.

    Their `lr` is uint8 (160, 160, 3), their `hr` what `teacher` makes of it, uint8 (640, 640, 3).
    There are as many of a picture as would cover it, up to four, at random places. Raises
    `BadOption` if no picture is 320 pixels wide and high.
    """
    pieces = [piece for pair in pairs for piece in _pieces(pair)]
    if not pieces:
        raise BadOption(
            f"No training picture is at least {2 * SIDE} pixels wide and high, as what a teacher "
            "alone can enlarge is cut from."
        )
    return [Lesson(lr, partial(teacher.guess, lr)) for lr in pieces]


def _pieces(pair: Pair) -> list[np.ndarray]:
    whole = 2 * SIDE
    height, width = pair.hr.shape[:2]
    if min(height, width) < whole:
        return []
    name = pair.name.encode(errors="surrogateescape")  # which need not be UTF-8
    seed = int.from_bytes(hashlib.sha256(name).digest()[:8], "big")
    random = np.random.default_rng(seed)
    count = min(_MOST, -(-height * width // whole**2))
    corners = [[int(random.integers(s - whole + 1)) for s in (height, width)] for _ in range(count)]
    return [_halved(pair.hr[y : y + whole, x : x + whole]) for y, x in corners]


def _halved(part: np.ndarray) -> np.ndarray:
    half = Image.fromarray(part).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(half)

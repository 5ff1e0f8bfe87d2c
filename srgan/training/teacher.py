"""A trained network as the teacher of another (Hinton et al. 2015, arXiv 1503.02531).

What was lost in low resolution can only be guessed, so that most of a step toward the truth is
noise. What a teacher guesses depends on nothing but what the student is given as well.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Lock

import numpy as np

from srgan.training.data import SCALE, Pair
from srgan.training.preview import Network, enlarge

VIEWS = [(turns, mirrored) for mirrored in (False, True) for turns in range(4)]


def self_ensemble(network: Network, lr: np.ndarray) -> np.ndarray:
    """Mean of what `network` makes of `lr` in all eight flips and turns, each turned back.

    `lr` is uint8 (H, W, 3), the result float32 (4H, 4W, 3) in levels. It is nearer to the truth
    than one result alone (Timofte et al. 2016, arXiv 1511.02228, section 3.4).
    """
    total = np.zeros((SCALE * lr.shape[0], SCALE * lr.shape[1], 3), np.float32)
    for view in VIEWS:
        total += _back(enlarge(network, np.ascontiguousarray(_seen(lr, *view))), *view)
    return total / len(VIEWS)


def self_ensemble_of_square(network: Network, lr: np.ndarray) -> np.ndarray:
    """The same for uint8 (S, S, 3), whole and all views in one batch: small and quick.

    Tiles have a halo to enlarge as well, and their batches are seldom full: of 160 pixels that is
    three times the arithmetic.
    """
    seen = np.stack([_seen(lr, *view) for view in VIEWS]).astype(np.float32)
    made = np.clip(np.asarray(network(seen)), 0, 255)
    return np.mean([_back(one, *view) for one, view in zip(made, VIEWS, strict=True)], axis=0)


def _seen(picture: np.ndarray, turns: int, mirrored: bool) -> np.ndarray:
    return np.rot90(picture[:, ::-1] if mirrored else picture, turns)


def _back(picture: np.ndarray, turns: int, mirrored: bool) -> np.ndarray:
    turned = np.rot90(picture, -turns)
    return turned[:, ::-1] if mirrored else turned


class Teacher:
    """A trained generator that says what another one is to make, once for every picture.

    Its lessons are kept in files, because one costs as much as several steps of the student; the
    next run with the same weights and share finds them there.
    """

    def __init__(self, network: Network, weights: Path, share: float, cache: Path):
        """`weights` is the file that `network` was loaded from, `share` (0 to 1) its part in what
        is to be made, beside the truth; `cache` is the folder of all training's caches."""
        key = hashlib.sha256(weights.read_bytes() + repr(share).encode()).hexdigest()[:16]
        self.network, self.share, self.folder = network, share, cache / f"lessons-{key}"
        self._one_at_a_time = Lock()

    def lesson(self, pair: Pair) -> Path:
        """The .npy of what is to be made of `pair.lr`: uint8, the shape of `pair.hr`."""

        def beside_the_truth() -> np.ndarray:
            truth = pair.hr.astype(np.float32)
            return truth + self.share * (self_ensemble(self.network, pair.lr) - truth)

        return self._kept(pair.lr.tobytes() + pair.hr.tobytes(), beside_the_truth)

    def guess(self, lr: np.ndarray) -> Path:
        """The .npy of what it makes of `lr` alone: uint8 (4S, 4S, 3) of uint8 (S, S, 3)."""
        return self._kept(lr.tobytes(), lambda: self_ensemble_of_square(self.network, lr))

    def _kept(self, what: bytes, make: Callable[[], np.ndarray]) -> Path:
        file = self.folder / f"{hashlib.sha256(what).hexdigest()[:32]}.npy"
        with self._one_at_a_time:
            if not file.exists():
                self._write(file, make().round().astype(np.uint8))
        return file

    def _write(self, file: Path, lesson: np.ndarray) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.partial")
        with open(partial, "wb") as opened:
            np.save(opened, lesson)
        os.replace(partial, file)


@dataclass(frozen=True)
class Lesson:
    """A picture to learn from: `lr` uint8 (H, W, 3), and `hr` that the teacher makes when asked."""

    lr: np.ndarray
    ask: Callable[[], Path]

    @property
    def hr(self) -> np.ndarray:
        return np.load(self._file, mmap_mode="r")  # anew, since a mapping keeps its file open

    @cached_property
    def _file(self) -> Path:
        return self.ask()


def taught(pairs: Sequence[Pair], teacher: Teacher) -> list[Lesson]:
    """The same pictures, with the teacher's lessons for the truth."""
    return [Lesson(pair.lr, partial(teacher.lesson, pair)) for pair in pairs]

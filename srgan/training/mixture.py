"""What the patches of a step are of: photographs, as they are or made smaller, and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from srgan.errors import BadOption
from srgan.training.data import Example, Pair, Patches
from srgan.training.lettering import Lettering, whole_patch


class Batches(Protocol):
    """The batch of each step, which depends on nothing but the step."""

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """lr uint8 (N, s, s, 3) and hr uint8 (N, 4s, 4s, 3)."""
        ...


@dataclass(frozen=True)
class Mixture:
    """`reduced_share` and `recoloured_share` as of `Patches`.

    `lettering_share` of a batch is of words in `fonts`.
    """

    reduced_share: float = 0.0
    lettering_share: float = 0.0
    fonts: Sequence[Path] = ()
    recoloured_share: float = 0.0

    def of(self, pairs: Sequence[Pair], patch: int, batch: int, seed: int = 0) -> Batches:
        """`batch` patches a step of `patch` HR pixels, a multiple of 4.

        Raises `BadOption` if no picture is large enough, or so few patches have no such share.
        """
        words = self.words(batch)
        return together(
            self.lettering(pairs, patch, words, seed),
            self.photographs(pairs, patch, batch - words, seed),
        )

    def words(self, batch: int) -> int:
        """How many of so many patches are of words. Raises `BadOption` if a share is none."""
        count = round(self.lettering_share * batch)
        if self.lettering_share and not count:
            raise BadOption(f"--lettering-share {self.lettering_share} of {batch} patches is none.")
        return count

    def photographs(
        self, pairs: Sequence[Example], patch: int, count: int, seed: int
    ) -> list[Batches]:
        """`count` patches a step of pictures, in a list; an empty one for none."""
        if not count:
            return []
        return [Patches(pairs, patch, count, seed, self.reduced_share, self.recoloured_share)]

    def lettering(self, pairs: Sequence[Pair], patch: int, count: int, seed: int) -> list[Batches]:
        """`count` patches a step of words, some on these pictures; an empty list for none."""
        if not count:
            return []
        behind = Patches(pairs, whole_patch(patch), count, seed, self.reduced_share)
        return [Lettering(behind, self.fonts, seed)]


PHOTOGRAPHS = Mixture()  # as they are, and nothing else


def together(*pools: list[Batches]) -> Batches:
    """The batches of all of them, one after the other."""
    return _Together([pool for some in pools for pool in some])


@dataclass(frozen=True)
class _Together:
    pools: list[Batches]

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        lr, hr = zip(*(pool.at(step) for pool in self.pools), strict=True)
        return np.concatenate(lr), np.concatenate(hr)

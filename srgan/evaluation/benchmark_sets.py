"""Folders of benchmark pictures: a set has HR/ and, with equal names, LR/ a quarter as wide."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from srgan.errors import BadOption, SrganError
from srgan.imaging import decode
from srgan.limits import limits

SCALE = 4

# Below this, SSIM's window does not fit into what the cropped border leaves, nor LPIPS's network.
SMALLEST_SIDE = 40


class Measurable(Protocol):
    """One picture in both sizes, as `Pair` says."""

    @property
    def name(self) -> str: ...
    def read(self) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass(frozen=True)
class Pair:
    """One picture in both sizes, in files."""

    name: str
    hr: Path
    lr: Path

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """The low-resolution picture and the truth, uint8 RGB, the truth exactly 4 times as large.

        Up to 3 rows or columns of the truth beyond that are cut off at the end, as the papers do.
        Raises BadOption where the two do not belong together, and what `imaging.decode` raises.
        """
        lr, hr = read_picture(self.lr), read_picture(self.hr)
        height, width = lr.shape[0] * SCALE, lr.shape[1] * SCALE
        if not (0 <= hr.shape[0] - height < SCALE and 0 <= hr.shape[1] - width < SCALE):
            raise BadOption(
                f"{self.lr} has {lr.shape[1]} × {lr.shape[0]} pixels, which is not a quarter of "
                f"the {hr.shape[1]} × {hr.shape[0]} of {self.hr}."
            )
        if min(height, width) < SMALLEST_SIDE:
            raise BadOption(f"{self.hr} is too small to be measured ({width} × {height} pixels).")
        return lr, hr[:height, :width]


@dataclass(frozen=True)
class BenchmarkSet:
    """A named set of pictures."""

    name: str
    pairs: Sequence[Measurable]


def find_sets(folder: Path) -> list[BenchmarkSet]:
    """The sets in `folder`, or `folder` as the only set; those with fewer pictures come first.

    Raises BadOption where there is none, or a picture has no counterpart.
    """
    if not folder.is_dir():
        raise BadOption(f"{folder} is not a folder.")
    candidates = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    found = [_set(path) for path in candidates if (path / "HR").is_dir()]
    if not found:
        raise BadOption(f"{folder} holds no set of pictures: a folder with HR and LR in it.")
    return sorted(found, key=lambda it: (len(it.pairs), it.name))


def _set(folder: Path) -> BenchmarkSet:
    hr, lr = _pictures(folder / "HR"), _pictures(folder / "LR")
    lonely = sorted(hr.keys() ^ lr.keys())
    if lonely:
        raise BadOption(f"{lonely[0]} is not in both HR and LR of {folder}.")
    if not hr:
        raise BadOption(f"{folder / 'HR'} is empty.")
    return BenchmarkSet(
        folder.resolve().name, tuple(Pair(Path(name).stem, hr[name], lr[name]) for name in hr)
    )


def _pictures(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {path.name: path for path in files if not path.name.startswith(".")}


def read_picture(file: Path) -> np.ndarray:
    """uint8 RGB (H, W, 3). Raises BadOption for what cannot be read, naming it."""
    try:
        return decode(file.read_bytes(), limits()).rgb
    except (OSError, SrganError) as error:
        raise BadOption(f"{file} cannot be measured: {error}") from error

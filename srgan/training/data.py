"""Folders of high-resolution pictures as training data.

Needs only NumPy and Pillow. Decoded pictures are cached in one flat file, so that several runs
share one copy in memory and a second start takes a second.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from srgan.errors import BadOption

SCALE = 4
ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"}
VALIDATION_SHARE = 5  # one picture in five: the 8:2 split
_READ_AS = b"2"  # in the cache's name: another one where the same file gives other pixels
_LEAST = 0.5  # of its size, to which a picture is reduced
AROUND = 4  # LR pixels around a reduced patch, from which bicubic makes its outermost ones


@dataclass(frozen=True)
class Pair:
    """One training picture: `hr` uint8 (4H, 4W, 3) and `lr` uint8 (H, W, 3), both RGB."""

    name: str
    hr: np.ndarray
    lr: np.ndarray


class Example(Protocol):
    """What `Patches` need: `lr` as of a `Pair`, and what is to be made of it as `hr`."""

    @property
    def hr(self) -> np.ndarray: ...
    @property
    def lr(self) -> np.ndarray: ...


def find_pictures(folder: Path) -> list[Path]:
    """All pictures below `folder`, sorted; of DIV2K's own layout only its HR half.

    Raises `FileNotFoundError` if there are none.
    """
    if (folder / "DIV2K_train_HR").is_dir():
        folder = folder / "DIV2K_train_HR"
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file())
    if not found:
        raise FileNotFoundError(f"no pictures in {folder}")
    return found


def split(pictures: list[Path]) -> tuple[list[Path], list[Path]]:
    """Training and validation pictures, 8:2, by a hash of the file name: the same every time."""

    def bucket(path: Path) -> int:
        return hashlib.sha256(_bytes(path.name)).digest()[0] % VALIDATION_SHARE

    training = [p for p in pictures if bucket(p) != 0]
    validation = [p for p in pictures if bucket(p) == 0]
    if not training or not validation:  # a handful of pictures: the last one validates
        training, validation = pictures[:-1] or pictures, pictures[-1:]
    return training, validation


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")  # names of files need not be UTF-8


def low_resolution(hr: np.ndarray) -> np.ndarray:
    """A quarter of `hr` (uint8, sides multiples of 4) by antialiased bicubic, as MATLAB's."""
    height, width = hr.shape[:2]
    size = (width // SCALE, height // SCALE)
    return np.asarray(Image.fromarray(hr).resize(size, Image.Resampling.BICUBIC))


def read_rgb(path: Path) -> np.ndarray:
    """One picture as uint8 (H, W, 3), on white where it is transparent, of 16 bits the upper 8.

    Raises `OSError` or `ValueError` if it is broken or of another kind.
    """
    try:
        with Image.open(path) as image:
            return np.asarray(_in_rgb(image))
    except OSError:
        raise
    except Exception as error:  # damaged files make decoders raise anything
        raise ValueError(str(error)) from error


def _in_rgb(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F"):
        raise ValueError("it has 32 bits a channel, and only 8 and 16 are read")
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def _published_low_resolution(path: Path) -> Path | None:
    """DIV2K's own LR picture for `path`, if it is there: 0001.png -> X4/0001x4.png."""
    if not path.parent.name.startswith("DIV2K_") or not path.parent.name.endswith("_HR"):
        return None
    stem = path.parent.name.removesuffix("_HR")
    lr = path.parent.parent / f"{stem}_LR_bicubic" / "X4" / f"{path.stem}x4{path.suffix}"
    return lr if lr.is_file() else None


def read_pair(path: Path) -> Pair:
    """Read one picture and its low resolution; raises `OSError` or `ValueError` if it is broken."""
    hr = read_rgb(path)
    height, width = (side // SCALE * SCALE for side in hr.shape[:2])
    if min(height, width) < SCALE:
        raise ValueError("smaller than 4 by 4 pixels")
    hr = np.ascontiguousarray(hr[:height, :width])
    published = _published_low_resolution(path)
    lr = low_resolution(hr) if published is None else read_rgb(published)
    if (lr.shape[0] * SCALE, lr.shape[1] * SCALE) != hr.shape[:2]:
        raise ValueError(f"its low-resolution picture is {lr.shape[1]}x{lr.shape[0]}")
    return Pair(path.name, hr, lr)


class Pictures:
    """Decoded pairs, read once into a cache file and mapped into memory from there."""

    def __init__(self, paths: list[Path], cache_folder: Path):
        key = hashlib.sha256(_READ_AS)
        for path in paths:
            for file in filter(None, (path, _published_low_resolution(path))):
                stat = file.stat()
                key.update(_bytes(f"{file.resolve()}|{stat.st_size}|{stat.st_mtime_ns}\n"))
        stem = cache_folder / f"pictures-{key.hexdigest()[:16]}"
        if not stem.with_suffix(".json").exists():
            self._fill(paths, stem)
        index = json.loads(stem.with_suffix(".json").read_text())
        pixels = np.memmap(stem.with_suffix(".bin"), np.uint8, "r")
        self.pairs: list[Pair] = []
        self.broken: list[str] = index["broken"]
        offset = 0
        for entry in index["pictures"]:
            height, width = entry["lr"]
            small = height * width * 3
            lr = pixels[offset : offset + small].reshape(height, width, 3)
            offset += small
            large = small * SCALE**2
            hr = pixels[offset : offset + large].reshape(height * SCALE, width * SCALE, 3)
            offset += large
            self.pairs.append(Pair(entry["name"], hr, lr))
        if not self.pairs:
            raise ValueError(f"none of the {len(paths)} pictures could be read")

    @staticmethod
    def _fill(paths: list[Path], stem: Path) -> None:
        stem.parent.mkdir(parents=True, exist_ok=True)
        index: dict = {"pictures": [], "broken": []}
        partial = stem.with_suffix(f".{os.getpid()}.partial")
        with open(partial, "wb") as file:
            for path in paths:
                try:
                    pair = read_pair(path)
                except (OSError, ValueError) as error:
                    index["broken"].append(f"{path.name}: {error}")
                    continue
                file.write(pair.lr.tobytes())
                file.write(pair.hr.tobytes())
                index["pictures"].append({"name": pair.name, "lr": pair.lr.shape[:2]})
        os.replace(partial, stem.with_suffix(".bin"))
        partial.write_text(json.dumps(index))
        os.replace(partial, stem.with_suffix(".json"))


class Patches:
    """Random aligned crops, flipped and rotated; the batch of a step depends on nothing else."""

    def __init__(
        self,
        pairs: Sequence[Example],
        patch: int,
        batch: int,
        seed: int = 0,
        reduced_share: float = 0.0,
        recoloured_share: float = 0.0,
    ):
        """`patch` is the HR patch size in pixels, a multiple of 4.

        `reduced_share` of the patches are cut from pictures made smaller, by half at most, and
        their LR made from that: more detail to a pixel than the pictures have as they are.
        `recoloured_share` of them have red, green and blue changed about and one in two is its
        negative: photographs that nobody took, which bicubic makes small as it does any other.
        Raises `BadOption` if no picture is as large as a patch.
        """
        side = patch // SCALE
        self.pairs = [p for p in pairs if min(p.lr.shape[:2]) >= side]
        if not self.pairs:
            raise BadOption(f"No training picture is at least {patch} pixels wide and high.")
        self.side, self.batch, self.seed = side, batch, seed
        self.reduced_share, self.recoloured_share = reduced_share, recoloured_share
        areas = np.array([p.lr.shape[0] * p.lr.shape[1] for p in self.pairs], np.float64)
        self.share = areas / areas.sum()

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """The batch of `step`: lr uint8 (N, s, s, 3) and hr uint8 (N, 4s, 4s, 3)."""
        random = np.random.default_rng([self.seed, step])
        side = self.side
        lr = np.empty((self.batch, side, side, 3), np.uint8)
        hr = np.empty((self.batch, side * SCALE, side * SCALE, 3), np.uint8)
        for i, number in enumerate(random.choice(len(self.pairs), self.batch, p=self.share)):
            small, large = self._cut(self.pairs[number], random)
            turns, mirror = int(random.integers(4)), bool(random.integers(2))
            lr[i], hr[i] = _turned(small, turns, mirror), _turned(large, turns, mirror)
            if self.recoloured_share and random.random() < self.recoloured_share:
                order, negative = random.permutation(3), bool(random.integers(2))
                lr[i], hr[i] = (_recoloured(it[i], order, negative) for it in (lr, hr))
        return lr, hr

    def _cut(self, pair: Example, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        side = self.side
        if self.reduced_share and random.random() < self.reduced_share:
            whole = (side + 2 * AROUND) * SCALE
            if whole < min(pair.hr.shape[:2]):
                return _reduced(pair.hr, whole, random)
        y, x = (int(random.integers(length - side + 1)) for length in pair.lr.shape[:2])
        small = pair.lr[y : y + side, x : x + side]
        return small, pair.hr[y * SCALE : (y + side) * SCALE, x * SCALE : (x + side) * SCALE]

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        step = 0
        while True:
            yield self.at(step)
            step += 1


def _reduced(
    hr: np.ndarray, whole: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """LR and HR of a random part of `hr` made `whole` HR pixels wide and high, less its rim."""
    taken = round(whole / random.uniform(max(_LEAST, whole / min(hr.shape[:2])), 1))
    y, x = (int(random.integers(length - taken + 1)) for length in hr.shape[:2])
    part = Image.fromarray(hr[y : y + taken, x : x + taken])
    large = np.asarray(part.resize((whole, whole), Image.Resampling.LANCZOS))
    small = low_resolution(large)
    rim = slice(AROUND * SCALE, -AROUND * SCALE)
    return small[AROUND:-AROUND, AROUND:-AROUND], large[rim, rim]


def _recoloured(picture: np.ndarray, order: np.ndarray, negative: bool) -> np.ndarray:
    recoloured = picture[..., order]
    return 255 - recoloured if negative else recoloured


def _turned(picture: np.ndarray, turns: int, mirror: bool) -> np.ndarray:
    turned = np.rot90(picture, turns)
    return turned[:, ::-1] if mirror else turned

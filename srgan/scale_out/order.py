"""What a run is asked to do, and the things that travel through it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from srgan.limits import PILLOW_GUARD_PIXELS, Limits
from srgan.tiling import Tile
from srgan.upscaler import Options

LISTS = "_srgan"  # the folder, among the results, of all that is no result
_RUN = "%Y%m%dT%H%M%S.%fZ"

# Of files that come out of an archive and not out of a stranger's browser. 16.8 megapixels of four
# 16-bit channels have 134 MB.
_MOST_BYTES_WHOLE = 300_000_000
_MOST_BYTES_GUARDED = 1_000_000_000

# About what a small picture has: a region should take a worker some seconds, so that many can share
# a picture, and more than the reading of its halo.
REGION_PIXELS = 1_000_000


@dataclass(frozen=True)
class Order:
    """One run.

    input: a folder, a glob or a file, as Beam's file systems take it; output: a folder.
    run: the run's name, which sorts after those of earlier runs.
    format: "PNG", "JPEG" or "WEBP"; None for the same as the original.
    whole_pixels: larger pictures are cut into regions. max_pixels: still larger ones are refused.
    region_pixels: of a region, about; it has one row of windows at least.
    threads: of each worker process; None for all cores. launcher: see `srgan.scale_out.orphans`.
    settings: see `srgan.records.settings_of`.
    look_at: so many pictures each loaded model is asked whether denoising is for them.
    """

    input: str
    output: str
    run: str
    options: Options
    format: str | None
    quality: int | None
    overwrite: bool
    whole_pixels: int
    max_pixels: int
    threads: int | None
    settings: str
    launcher: tuple[str, int] = ("", 0)
    region_pixels: int = REGION_PIXELS
    look_at: int = 0

    @staticmethod
    def name_of_run(now: datetime) -> str:
        """A name for a run that begins now, a time in UTC."""
        return now.strftime(_RUN)

    @property
    def started(self) -> float:
        """When the run began, in seconds since 1970."""
        return datetime.strptime(self.run, _RUN).replace(tzinfo=UTC).timestamp()

    def limits(self, base: Limits) -> Limits:
        """For pictures that are upscaled whole."""
        return replace(base, max_pixels=self.whole_pixels, max_bytes=_MOST_BYTES_WHOLE)

    def guarded_limits(self, base: Limits) -> Limits:
        """For pictures that are decoded whole and upscaled in regions: as large as Pillow lets."""
        return replace(
            base,
            max_pixels=min(self.max_pixels, PILLOW_GUARD_PIXELS),
            max_side=self.max_pixels,
            max_bytes=_MOST_BYTES_GUARDED,
        )


@dataclass(frozen=True)
class Found:
    """A file that matched: its address, its place below the input, bytes, time of change."""

    address: str
    place: PurePosixPath
    bytes: int
    modified: float


@dataclass(frozen=True)
class Job:
    """A picture to be made.

    kind: its source's format; size: its (width, height), upright, as the header tells it. target:
    its result's place below the output; format: its result's, "TIFF" for one that is cut.
    """

    found: Found
    kind: str
    size: tuple[int, int]
    target: PurePosixPath
    format: str


@dataclass(frozen=True)
class Failure:
    """A picture that could not be made: its address, the sentence that says why, the error's name
    and the step that met it."""

    input: str
    reason: str
    error: str
    step: str


@dataclass(frozen=True)
class Layer:
    """Pixels to be made larger: uint8 H×W×3; alpha is gray and is not denoised.

    drawn: the whole picture's have at most two colours, and no network is for them.
    """

    pixels: np.ndarray
    gray: bool
    alpha: bool
    drawn: bool = False


@dataclass(frozen=True)
class Piece:
    """A whole picture or a region of one, as the model takes it.

    window: (width, height) of all tiles; tiles: in the coordinates of the layers' pixels; result:
    (top, height), in input pixels, of the rows that the tiles keep. places: `cleanness.look` of the
    whole picture's colours. about: what the steps behind the model need.
    """

    job: Job
    layers: tuple[Layer, ...]
    window: tuple[int, int]
    tiles: tuple[Tile, ...]
    result: tuple[int, int]
    places: np.ndarray
    seconds: float
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def pixels(self) -> int:
        return len(self.layers) * len(self.tiles) * self.window[0] * self.window[1]


@dataclass(frozen=True)
class Upscaled:
    """A piece and, for each of its layers, uint8 (4·height, 4·width, 3 or 1)."""

    piece: Piece
    layers: tuple[np.ndarray, ...]
    seconds: float


@dataclass(frozen=True)
class Region:
    """Whole rows of windows, [first, last) of the plan's, of a picture that is cut."""

    job: Job
    number: int
    count: int
    first: int
    last: int

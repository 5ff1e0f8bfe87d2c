"""What a session keeps: uploads and results as encoded bytes, never as arrays."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import PurePath

import cv2
import numpy as np

from srgan import imaging
from srgan.errors import SrganError
from srgan.imaging import Picture
from srgan.limits import Limits
from srgan.upscaler import Options
from srgan.web import estimates

PREVIEW_WIDTH = 1460  # the widest picture that Streamlit sends without scaling it itself
PREVIEW_FORMAT = "WEBP"
PREVIEW_QUALITY = 90

# What only the page of one session knows, so that nobody else can ask for its pictures.
_secret = partial(field, default_factory=partial(secrets.token_urlsafe, 16), compare=False)


@dataclass(frozen=True)
class Source:
    """An upload that was found to be good.

    `format` is the picture's own, `preview` a WebP at most `PREVIEW_WIDTH` pixels wide, `sample`
    a PNG; for that and `layers` see `estimates`.
    """

    name: str
    data: bytes
    size: tuple[int, int]
    format: str | None
    preview: bytes
    sample: bytes
    layers: int
    secret: str = _secret()

    @classmethod
    def read(cls, name: str, data: bytes, limits: Limits) -> Source:
        """Decode once, to refuse at upload what cannot be upscaled. Raises `SrganError`."""
        picture = imaging.decode(data, limits)
        sample, layers = imaging.encode(estimates.sample(picture)), estimates.layers(picture)
        return cls(name, data, picture.size, picture.format, preview(picture), sample, layers)

    def file_size(self, after: tuple[int, int], format: str, quality: int | None) -> int:
        """About how many bytes a result of the size `after` will take."""
        return _file_size(self.sample, self.size, after, format, quality)


@lru_cache(maxsize=32)
def _file_size(
    sample: bytes,
    before: tuple[int, int],
    after: tuple[int, int],
    format: str,
    quality: int | None,
) -> int:
    return estimates.file_size(read_back(sample), before, after, format, quality)


@dataclass(frozen=True)
class Result:
    """An upscaled picture: `master` is a lossless PNG, `preview` a WebP for the screen."""

    master: bytes
    size: tuple[int, int]
    preview: bytes
    seconds: float
    secret: str = _secret()

    @classmethod
    def of(cls, picture: Picture, seconds: float) -> Result:
        """Encode `picture`. Raises `SrganError`."""
        return cls(imaging.encode(picture, "PNG"), picture.size, preview(picture), seconds)

    @property
    def nbytes(self) -> int:
        """Bytes that the result keeps in memory."""
        return len(self.master) + len(self.preview)

    def encoded(self, format: str, quality: int | None) -> bytes:
        """The file to download. Raises `CannotWrite`."""
        if format == "PNG":
            return self.master
        return imaging.encode(read_back(self.master), format, quality)


def read_back(png: bytes) -> Picture:
    """The picture in a PNG that this program wrote: trusted, so of any size."""
    array = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None:
        raise ValueError("the kept result is no PNG")
    if array.ndim == 3:
        order = cv2.COLOR_BGR2RGB if array.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
        array = cv2.cvtColor(array, order)
    return Picture.from_array(array)


def preview(picture: Picture) -> bytes:
    """`picture` as WebP, at most `PREVIEW_WIDTH` pixels wide and high."""
    shrink = min(1.0, PREVIEW_WIDTH / max(picture.size))
    if shrink < 1:
        width, height = (max(1, round(side * shrink)) for side in picture.size)
        picture = imaging.resize(picture, (width, height))
    return imaging.encode(picture, PREVIEW_FORMAT, PREVIEW_QUALITY)


def key(source: Source, options: Options) -> str:
    """Equal for two jobs that give the same pixels."""
    digest = hashlib.sha256(source.data)
    digest.update(repr(options).encode())
    return digest.hexdigest()


def format_for(choice: str, source: Source) -> str:
    """The output format that "same" or a format means for `source`."""
    return imaging.output_format_for(source.format) if choice == "same" else choice


def cannot_write(format: str, size: tuple[int, int]) -> str | None:
    """Why `format` cannot hold a picture of `size`, as a sentence; None when it can."""
    try:
        imaging.check_output_size(format, *size)
    except SrganError as error:
        return str(error)
    return None


def download_name(source: Source, options: Options, size: tuple[int, int], format: str) -> str:
    """photo.jpg -> photo-4x.png, or photo-1200px.png where a width was asked for."""
    stem = "".join(c for c in PurePath(source.name).stem if c.isprintable()).strip() or "picture"
    what = f"{options.scale:g}x" if options.width is None else f"{size[0]}px"
    return f"{stem}-{what}{imaging.extension(format)}"


class Shelf:
    """The latest results of one session, up to `max_bytes`; the newest always stays."""

    def __init__(self, max_bytes: int = 128_000_000) -> None:
        self.max_bytes = max_bytes
        self._results: OrderedDict[str, Result] = OrderedDict()

    def get(self, key: str) -> Result | None:
        """The result kept under `key`, if it still is."""
        if key in self._results:
            self._results.move_to_end(key)
        return self._results.get(key)

    def put(self, key: str, result: Result) -> None:
        """Keep `result`, and drop the oldest ones that no longer fit beside it."""
        self._results[key] = result
        self._results.move_to_end(key)
        while len(self._results) > 1 and self.nbytes > self.max_bytes:
            self._results.popitem(last=False)

    @property
    def nbytes(self) -> int:
        """Bytes that all results together keep in memory."""
        return sum(result.nbytes for result in self._results.values())

"""What a session keeps: uploads as they came, results as files on the disk, never as arrays."""

from __future__ import annotations

import errno
import hashlib
import secrets
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import PurePath

import cv2
import numpy as np

from srgan import imaging
from srgan.errors import SrganError
from srgan.imaging import Picture
from srgan.limits import Limits, limits
from srgan.sandbox import sandbox
from srgan.upscaler import Options
from srgan.web import estimates
from srgan.web.wanted import Wanted

PREVIEW_WIDTH = 1460  # the widest picture that Streamlit sends without scaling it itself
PREVIEW_FORMAT = "WEBP"
PREVIEW_QUALITY = 90

# What only the page of one session knows, so that nobody else can ask for its pictures.
_secret = partial(field, default_factory=partial(secrets.token_urlsafe, 16), compare=False)


@dataclass(frozen=True)
class Source:
    """An upload that was found to be good.

    `format` is the picture's own, `transparent` says whether any of it can be seen through,
    `preview` is a WebP at most `PREVIEW_WIDTH` pixels wide, `sample` a PNG; for that and `layers`
    see `estimates`.
    """

    name: str
    data: bytes
    size: tuple[int, int]
    format: str | None
    transparent: bool
    preview: bytes
    sample: bytes
    layers: int
    secret: str = _secret()

    @classmethod
    def read(cls, name: str, data: bytes, limits: Limits) -> Source:
        """Decode once, to refuse at upload what cannot be upscaled. Raises `SrganError`."""
        picture = sandbox().decode(data, limits)
        return cls(
            name,
            data,
            picture.size,
            picture.format,
            transparent=picture.transparent,
            preview=preview(picture),
            sample=sandbox().encode(estimates.sample(picture)),
            layers=estimates.layers(picture),
        )

    def file_size(self, after: tuple[int, int], wanted: Wanted) -> int:
        """About how many bytes a result of the size `after` will take."""
        return _file_size(self.sample, self.size, after, wanted.of(self))


@lru_cache(maxsize=32)
def _file_size(
    sample: bytes,
    before: tuple[int, int],
    after: tuple[int, int],
    wanted: Wanted,
) -> int:
    return estimates.file_size(read_back(sample), before, after, wanted)


class _Room:
    """What the results of all visitors take."""

    def __init__(self) -> None:
        self.taken = 0
        self._changing = threading.RLock()  # a result may be let go of within any line of Python

    def check(self, more: int = 0) -> None:
        """Raises OSError where they would take more than the limit with `more` bytes."""
        if self.taken + more >= limits().max_result_bytes:
            raise OSError(errno.ENOSPC, f"results take {self.taken:,} bytes, and {more:,} more")

    def take(self, nbytes: int) -> None:
        """Raises OSError where there is none."""
        with self._changing:
            self.check(nbytes)
            self.taken += nbytes

    def give_back(self, nbytes: int) -> None:
        with self._changing:
            self.taken -= nbytes


room = _Room()


class OnDisk:
    """Bytes in a file without a name, which goes when this object does.

    Raises OSError where there is no room for them: on the disk, or within `max_result_bytes`.
    """

    def __init__(self, data: bytes) -> None:
        room.take(len(data))
        self.nbytes = len(data)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this object
        self._one_reader = threading.Lock()
        self._file.write(data)
        self._file.flush()  # so that a full disk is met here

    def read(self) -> bytes:
        """All of them."""
        with self._one_reader:
            self._file.seek(0)
            return self._file.read()

    def __del__(self) -> None:
        if hasattr(self, "nbytes"):  # not where there was no room
            room.give_back(self.nbytes)
        if hasattr(self, "_file"):  # not where there is no disk
            self._file.close()


@dataclass(frozen=True)
class Result:
    """An upscaled picture: `master` is a lossless PNG, `preview` a WebP for the screen.

    `noisy` says that it was made of a picture that denoising is for, without any.
    """

    master: OnDisk
    size: tuple[int, int]
    preview: bytes
    seconds: float
    noisy: bool = False
    secret: str = _secret()

    @classmethod
    def of(cls, picture: Picture, seconds: float, noisy: bool = False) -> Result:
        """Encode `picture`. Raises `SrganError`."""
        master = OnDisk(sandbox().encode(picture, "PNG"))
        return cls(master, picture.size, preview(picture), seconds, noisy)

    def encoded(self, wanted: Wanted) -> bytes:
        """The file to download, in the format of `wanted`. Raises `CannotWrite`."""
        master = self.master.read()
        as_it_is = Wanted("PNG", wanted.quality)
        return master if wanted == as_it_is else wanted.written(read_back(master))


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
    return sandbox().encode(picture, PREVIEW_FORMAT, PREVIEW_QUALITY)


def key(source: Source, options: Options) -> str:
    """Equal for two jobs that give the same pixels."""
    digest = hashlib.sha256(source.data)
    digest.update(repr(options).encode())
    return digest.hexdigest()


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
    """The latest results of one session: at most `most`, and `max_bytes`; the newest stays."""

    def __init__(self, max_bytes: int = 128_000_000, most: int = 8) -> None:
        self.max_bytes = max_bytes
        self.most = most
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
        while len(self._results) > 1 and self._full():
            self._results.popitem(last=False)

    def _full(self) -> bool:
        nbytes = sum(result.master.nbytes for result in self._results.values())
        return nbytes > self.max_bytes or len(self._results) > self.most

"""A tiled TIFF out of parts that were made apart, without ever holding the whole.

A part is some rows of the result over its full width: the rows of TIFF tiles that lie wholly within
them, encoded, and what sticks out above and below as plain rows. Putting parts together copies the
encoded tiles and encodes the seams alone.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
import tifffile
from PIL import ImageCms

SIDE = 256  # of a TIFF tile, in pixels
_LEVEL = 2  # of zlib, as for PNG: see srgan.imaging.encoding
_LENGTH = struct.Struct(">Q")


def part(rows: np.ndarray, top: int, height: int) -> Iterator[bytes]:
    """The bytes of a part, in chunks: `rows` uint8 (h, W, C) begin at `top` of all `height`."""
    yield _LENGTH.pack(rows.shape[2])
    bottom = top + len(rows)
    first, last = _whole_tiles(top, bottom, height)
    yield from _with_length(_packed(rows[: first - top]))
    for y in range(first, last, SIDE):
        for tile in _tiles(rows[y - top : min(y + SIDE, last) - top]):
            yield from _with_length(tile)
    yield from _with_length(_packed(rows[last - top :]))


def channels_of(file: IO[bytes]) -> int:
    """Read a part's beginning."""
    (channels,) = _LENGTH.unpack(_exactly(file, _LENGTH.size))
    return int(channels)


def tiles(
    parts: Iterable[IO[bytes]], spans: Sequence[tuple[int, int]], shape: tuple[int, int, int]
) -> Iterator[bytes]:
    """All encoded tiles in order, from parts in order; `spans` are their (top, bottom).

    Holds one row of tiles at most. `shape` is the result's (H, W, C). Raises EOFError for a part
    that is cut off.
    """
    height, width, channels = shape
    across = -(-width // SIDE)
    seam = np.empty((0, width, channels), np.uint8)
    for file, (top, bottom) in zip(parts, spans, strict=True):
        assert channels_of(file) == channels
        first, last = _whole_tiles(top, bottom, height)
        seam = np.concatenate([seam, _unpacked(_next(file), first - top, width, channels)])
        if first - top and (first % SIDE == 0 or first == height):
            yield from _tiles(seam)
            seam = seam[:0]
        for _ in range(-(-(last - first) // SIDE) * across):
            yield _next(file)
        seam = np.concatenate([seam, _unpacked(_next(file), bottom - last, width, channels)])
    assert not len(seam)


def write(path: Path, encoded: Iterator[bytes], shape: tuple[int, int, int]) -> None:
    """A BigTIFF of sRGB pixels: 1 channel is gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha."""
    height, width, channels = shape
    tifffile.imwrite(
        path,
        encoded,
        bigtiff=True,
        shape=shape if channels > 1 else (height, width),
        dtype=np.uint8,
        tile=(SIDE, SIDE),
        photometric="rgb" if channels > 2 else "minisblack",
        planarconfig="contig" if channels > 1 else None,
        extrasamples=["unassalpha"] if channels in (2, 4) else None,
        compression="adobe_deflate",
        predictor="horizontal",
        metadata=None,
        software="srgan",
        iccprofile=_srgb() if channels > 2 else None,
    )


def _whole_tiles(top: int, bottom: int, height: int) -> tuple[int, int]:
    """[first, last) of the rows between top and bottom that make up whole rows of tiles.

    The lowest row of tiles is as high as the picture leaves it. Both are `bottom` for none.
    """
    first = min(-(-top // SIDE) * SIDE, bottom)
    last = bottom if bottom == height else max(first, bottom // SIDE * SIDE)
    return first, last


def _tiles(rows: np.ndarray) -> Iterator[bytes]:
    """One row of encoded tiles of up to SIDE rows of pixels."""
    height, width, channels = rows.shape
    for x in range(0, width, SIDE):
        tile = np.zeros((SIDE, SIDE, channels), np.uint8)
        cut = rows[:, x : x + SIDE]
        tile[:height, : cut.shape[1]] = cut
        tile[:, 1:] -= tile[:, :-1].copy()  # TIFF 6.0, section 14: what zlib can make smaller
        yield zlib.compress(tile.tobytes(), _LEVEL)


def _packed(rows: np.ndarray) -> bytes:
    return zlib.compress(rows.tobytes(), _LEVEL)


def _unpacked(data: bytes, height: int, width: int, channels: int) -> np.ndarray:
    return np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, width, channels)


def _with_length(data: bytes) -> Iterator[bytes]:
    yield _LENGTH.pack(len(data))
    yield data


def _next(file: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(file, _LENGTH.size))
    return _exactly(file, length)


def _exactly(file: IO[bytes], length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise EOFError("a part is cut off")
    return data


def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

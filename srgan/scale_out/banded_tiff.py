"""Rows of a TIFF of any size, without the rest of it.

What is given is what `srgan.imaging.decode` gives for the same file, row for row. Kinds of TIFF
that cannot be read so are named by a sentence: they have to be decoded whole.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import numpy as np
import tifffile
from PIL import Image

from srgan.errors import BrokenPicture, PictureTooLarge
from srgan.imaging.colour import Samples, to_srgb

# A segment is decoded as one. 64 MB of it is more than any scanner's strip or tile.
_MOST_BYTES_A_SEGMENT = 256_000_000
_BROKEN = "This TIFF file is broken or incomplete. Please fetch or save it again."


@dataclass(frozen=True)
class Band:
    """uint8 H × W × 3, and whether its three channels are equal."""

    rgb: np.ndarray
    gray: bool


def size_of(file: IO[bytes]) -> tuple[int, int]:
    """(width, height) of the first page, upright. Raises BrokenPicture."""
    with _first_page(file) as page:
        size = page.imagewidth, page.imagelength
        return size[::-1] if (page.tags.valueof("Orientation") or 1) >= 5 else size


def why_not(file: IO[bytes]) -> str | None:
    """None if the file can be read in bands, else a sentence that says what is in the way."""
    with _first_page(file) as page:
        if len(page.parent.pages) > 1:
            return "It has several pages."
        if page.samplesperpixel not in (1, 3) or page.extrasamples:
            return "It has transparency or other than three colours."
        if page.dtype not in (np.uint8, np.uint16):
            return "It has other than 8 or 16 bits per channel."
        if page.bitspersample not in (8, 16):
            return "It has other than 8 or 16 bits per channel."
        if page.photometric not in (
            tifffile.PHOTOMETRIC.MINISBLACK,
            tifffile.PHOTOMETRIC.MINISWHITE,
            tifffile.PHOTOMETRIC.RGB,
        ):
            return "Its colours are neither RGB nor gray."
        if page.planarconfig != tifffile.PLANARCONFIG.CONTIG:
            return "Its colours are stored apart."
        if (page.tags.valueof("Orientation") or 1) != 1:
            return "It is stored turned or mirrored."
        if page.imagedepth != 1 or page.subfiletype & 1:
            return "It is a volume or a reduced version of another picture."
        segment = int(np.prod(page.chunks)) * page.dtype.itemsize
        if segment > _MOST_BYTES_A_SEGMENT and not _rows_by_address(page):
            return "It is compressed as one piece."
    return None


def read_band(file: IO[bytes], top: int, bottom: int) -> Band:
    """Rows [top, bottom) of a file that `why_not` has nothing against. Raises BrokenPicture."""
    with _first_page(file) as page:
        try:
            rows = _rows(page, top, bottom)
        except MemoryError as error:
            raise PictureTooLarge("There is not enough memory for a row of windows.") from error
        except Exception as error:
            raise BrokenPicture(_BROKEN) from error
        return _in_srgb(page, rows)


def _rows(page: tifffile.TiffPage, top: int, bottom: int) -> np.ndarray:
    width, channels, file = page.imagewidth, page.samplesperpixel, page.parent.filehandle
    dtype = page.dtype
    assert dtype is not None  # else `why_not` tells it
    if _rows_by_address(page):
        a_row = width * channels * dtype.itemsize
        file.seek(page.dataoffsets[0] + top * a_row)
        data = file.read((bottom - top) * a_row)
        flat = np.frombuffer(data, dtype.newbyteorder(page.parent.byteorder))
        return flat.reshape(bottom - top, width, channels).astype(dtype)
    band = np.zeros((bottom - top, width, channels), dtype)
    for index in _segments(page, top, bottom):
        offset, count = page.dataoffsets[index], page.databytecounts[index]
        file.seek(offset)
        data = file.read(count)
        if len(data) != count:
            raise EOFError(f"segment {index} is cut off")
        segment, (_, _, y, x, _), (_, height, across, _) = page.decode(
            data, index, jpegtables=page.jpegtables
        )
        if segment is None:
            continue
        first, last = max(y, top), min(y + height, bottom)
        kept = segment[0, first - y : last - y, : min(across, width - x)]
        band[first - top : last - top, x : x + kept.shape[1]] = kept
    return band


def _segments(page: tifffile.TiffPage, top: int, bottom: int) -> Iterator[int]:
    """The numbers of the strips or tiles that touch rows [top, bottom)."""
    if page.is_tiled:
        across = -(-page.imagewidth // page.tilewidth)
        height = page.tilelength
    else:
        across, height = 1, page.rowsperstrip
    for row in range(top // height, -(-bottom // height)):
        yield from range(row * across, (row + 1) * across)


def _rows_by_address(page: tifffile.TiffPage) -> bool:
    return bool(page.is_contiguous) and not page.is_tiled and page.bitspersample in (8, 16)


def _in_srgb(page: tifffile.TiffPage, rows: np.ndarray) -> Band:
    inverted = page.photometric == tifffile.PHOTOMETRIC.MINISWHITE
    samples = Samples(depth=page.bitspersample, inverted=inverted and rows.dtype == np.uint16)
    if rows.shape[2] == 1:
        rows = rows[:, :, 0]
        if inverted and rows.dtype == np.uint8:
            rows = 255 - rows
    elif rows.dtype == np.uint16:
        rows = (rows >> 8).astype(np.uint8)  # as Pillow reads colours of 16 bits
    profile = page.iccprofile
    layers = to_srgb(Image.fromarray(np.ascontiguousarray(rows)), samples, profile or None)
    return Band(layers.rgb, layers.gray)


@contextmanager
def _first_page(file: IO[bytes]) -> Iterator[tifffile.TiffPage]:
    try:
        file.seek(0)
        tiff = tifffile.TiffFile(file)
        page = tiff.pages.first
    except Exception as error:
        raise BrokenPicture(_BROKEN) from error
    with tiff:
        yield page

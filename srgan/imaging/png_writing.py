"""Pixels to a PNG, stripe by stripe on all cores.

The encoders of OpenCV and Pillow work on one core, and theirs was the slowest stage beside the
networks. Here the filter is OpenCV's arithmetic on whole rows and the compression is zlib; both let
other threads run. PNG is ISO/IEC 15948, zlib's format RFC 1950, Deflate RFC 1951.
"""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from srgan.cores import cores
from srgan.imaging.picture import Pixels

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}  # by channels: gray, RGB, RGB and alpha
_PAETH = 4
_STRIPE_BYTES = 1 << 20  # for each Deflate begins anew, which costs a window of 32 KiB
_BAND_BYTES = 1 << 18  # of which the filter's half a dozen copies stay in a core's cache
_ZLIB_HEADER = b"\x78\x01"  # Deflate with a window of 32 KiB, compressed quickly
_ADLER_BASE = 65521


@dataclass(frozen=True)
class Compression:
    """zlib's level, 0 to 9, and its strategy."""

    level: int
    strategy: int


# Enlarged photographs have few strings that come again, and without the search for them take less
# time and fewer bytes; text and drawings have many. docs/speed.md compares them and others.
FOR_PHOTOGRAPHS = Compression(1, zlib.Z_RLE)
FOR_DRAWINGS = Compression(2, zlib.Z_DEFAULT_STRATEGY)


def png(pixels: Pixels, compression: Compression, *more: bytes) -> bytes:
    """A PNG of `pixels`, (H, W, C) uint8 with 1, 3 or 4 channels: gray, RGB, RGB and alpha.

    `more` are chunks to stand before the pixels. The same bytes whatever the number of cores.
    """
    height, width, channels = pixels.shape
    rows = pixels.reshape(height, width * channels)
    step = max(1, _STRIPE_BYTES // rows.shape[1])
    stripes = [(top, min(top + step, height)) for top in range(0, height, step)]

    def compressed(stripe: tuple[int, int]) -> _Stripe:
        return _compressed(rows, channels, *stripe, compression)

    with ThreadPoolExecutor(min(cores(), len(stripes))) as threads:
        written = list(threads.map(compressed, stripes))
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    checksum = chunk(b"IDAT", struct.pack(">I", _adler32(written)))
    content = [stripe.chunk for stripe in written]
    return b"".join(
        [SIGNATURE, chunk(b"IHDR", header), *more, *content, checksum, chunk(b"IEND", b"")]
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG: length, kind, content, checksum."""
    checksum = zlib.crc32(content, zlib.crc32(kind))
    return b"".join([struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)])


class _Stripe(NamedTuple):
    chunk: bytes
    length: int  # bytes before compression
    adler32: int


def _compressed(
    rows: Pixels, channels: int, top: int, bottom: int, compression: Compression
) -> _Stripe:
    """Rows `top` to `bottom`, filtered and compressed: a Deflate stream's part on whole bytes."""
    deflate = zlib.compressobj(compression.level, zlib.DEFLATED, -15, 9, compression.strategy)
    band = max(1, _BAND_BYTES // rows.shape[1])
    parts = [_ZLIB_HEADER] if top == 0 else []
    length, adler32 = 0, 1
    for start in range(top, bottom, band):
        filtered = _filtered(rows, channels, start, min(start + band, bottom))
        parts.append(deflate.compress(filtered.data))
        length += filtered.nbytes
        adler32 = zlib.adler32(filtered.data, adler32)
    last = bottom == len(rows)
    parts.append(deflate.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH))
    return _Stripe(chunk(b"IDAT", b"".join(parts)), length, adler32)


def _filtered(rows: Pixels, channels: int, top: int, bottom: int) -> Pixels:
    """Rows as what Paeth's filter leaves of them, the filter's number before each.

    It foretells each byte by that one of its neighbours (left, above, above the left one) which is
    nearest to left + above - corner (ISO/IEC 15948, 9.4). left differs from that by
    |above - corner|, above by |left - corner|, and the corner, where it lies between them, by the
    difference of these two; where it does not, it is never the nearest. So bytes are enough.
    """
    whole = np.zeros((bottom - top + 1, channels + rows.shape[1]), np.uint8)
    first = max(top - 1, 0)
    whole[first - top + 1 :, channels:] = rows[first:bottom]
    left, above, corner = whole[1:, :-channels], whole[:-1, channels:], whole[:-1, :-channels]

    by_left, by_above = cv2.absdiff(above, corner), cv2.absdiff(left, corner)
    sides = cv2.compare(above, corner, cv2.CMP_GT), cv2.compare(left, corner, cv2.CMP_GT)
    nearer = cv2.compare(cv2.absdiff(by_left, by_above), cv2.min(by_left, by_above), cv2.CMP_LT)
    foretold = left.copy()
    cv2.copyTo(above, cv2.compare(by_above, by_left, cv2.CMP_LT), foretold)
    cv2.copyTo(corner, cv2.bitwise_and(cv2.bitwise_xor(*sides), nearer), foretold)

    filtered = np.empty((bottom - top, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = _PAETH
    np.subtract(rows[top:bottom], foretold, out=filtered[:, 1:])
    return filtered


def _adler32(stripes: list[_Stripe]) -> int:
    """The checksum of all stripes one after the other, from their own (RFC 1950, 8.2)."""
    low, high = 1, 0
    for _, length, adler32 in stripes:
        high = (high + (adler32 >> 16) + length * (low - 1)) % _ADLER_BASE
        low = (low + (adler32 & 0xFFFF) - 1) % _ADLER_BASE
    return high << 16 | low

"""What is asked of a PNG before it is decoded."""

import struct
import zlib
from collections.abc import Iterator, Mapping

import numpy as np

from srgan.imaging.colour_codes import profile_of_codes
from srgan.imaging.matrix_profile import matrix_profile, of_gamma

_SIGNATURE_BYTES = 8
_BEFORE_CONTENT, _AROUND_CONTENT = 8, 12  # bytes: length and name; and the checksum
_PROFILE, _PIXELS = b"iCCP", b"IDAT"
_OF_COLOUR = (b"cICP", _PROFILE, b"sRGB", b"gAMA", b"cHRM")  # PNG, third edition, 11.3.2

# Pillow takes 5 µs for each. Pixels that fill 30 MB come in 3,700 pieces of 8 kB, as libpng writes.
_MOST_CHUNKS = 50_000

_UNSPECIFIED = 2  # ITU-T H.273, table 2
_PARTS = 100_000  # of gAMA and cHRM
_SRGB_GAMA = 45_455
_SRGB_CHRM = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)
_NEAR = 500
_GAMAS = range(1_000, 1_000_000)


def without_profile(data: bytes, most: int) -> tuple[bytes, bytes | None]:
    """A PNG without its colour profile, and that profile, or what says the same of its colours.

    Pillow refuses the whole picture where a profile has more than one megabyte; here the profile is
    None where there is none that can be unpacked to at most `most` bytes. Raises ValueError for
    more chunks than any program writes.
    """
    kept, told, start, pixels_begun = [], dict[bytes, bytes](), 0, False
    for name, position, end in _chunks(data):
        pixels_begun = pixels_begun or name == _PIXELS
        if name in _OF_COLOUR and not pixels_begun:
            told.setdefault(name, data[position + _BEFORE_CONTENT : end - 4])
        if name == _PROFILE:
            kept.append(data[start:position])
            start = end
    return (b"".join([*kept, data[start:]]) if kept else data), _profile(told, most)


def _profile(told: Mapping[bytes, bytes], most: int) -> bytes | None:
    """By the chunk that counts most (PNG, third edition, 4.3)."""
    codes = told.get(b"cICP", b"")
    if len(codes) == 4 and codes[0] != _UNSPECIFIED:
        return profile_of_codes(codes[0], codes[1])
    if _PROFILE in told:
        return _unpacked(told[_PROFILE], most)
    return None if b"sRGB" in told else _of_gama(told.get(b"gAMA"), told.get(b"cHRM"))


def _of_gama(gama: bytes | None, points: bytes | None) -> bytes | None:
    """Of gAMA and, where it is there, cHRM; None for what stands for sRGB, or makes no sense."""
    try:
        (parts,) = struct.unpack(">I", gama or b"")
        told = struct.unpack(">8I", points) if points else _SRGB_CHRM
    except struct.error:
        return None
    is_srgb = np.abs(np.subtract((parts, *told), (_SRGB_GAMA, *_SRGB_CHRM))).max() <= _NEAR
    if parts not in _GAMAS or is_srgb:
        return None
    white, red, green, blue = np.reshape(told, (4, 2)) / _PARTS
    return matrix_profile((red, green, blue), white, of_gamma(_PARTS / parts))


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's name, and where it begins and ends."""
    position = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        if position >= len(data):
            return
        end = position + _AROUND_CONTENT + int.from_bytes(data[position : position + 4], "big")
        yield data[position + 4 : position + _BEFORE_CONTENT], position, end
        position = end
    raise ValueError("too many chunks")


def _unpacked(content: bytes, most: int) -> bytes | None:
    """The profile in a chunk: after a name, zero and the method, of which there is only 0."""
    _, _, rest = content.partition(b"\0")
    if rest[:1] != b"\0":
        return None
    try:
        profile = zlib.decompressobj().decompress(rest[1:], most + 1)
    except zlib.error:
        return None
    return profile if 0 < len(profile) <= most else None

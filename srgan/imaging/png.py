"""What is asked of a PNG before it is decoded."""

import zlib
from collections.abc import Iterator

_SIGNATURE_BYTES = 8
_BEFORE_CONTENT, _AROUND_CONTENT = 8, 12  # bytes: length and name; and the checksum
_PROFILE, _PIXELS = b"iCCP", b"IDAT"

# Pillow takes 5 µs for each. Pixels that fill 30 MB come in 3,700 pieces of 8 kB, as libpng writes.
_MOST_CHUNKS = 50_000


def without_profile(data: bytes, most: int) -> tuple[bytes, bytes | None]:
    """A PNG without its colour profile, and that profile.

    Pillow refuses the whole picture where a profile has more than one megabyte; here the profile is
    None where there is none that can be unpacked to at most `most` bytes. Raises ValueError for
    more chunks than any program writes.
    """
    kept, profile, start, pixels_begun = [], None, 0, False
    for name, position, end in _chunks(data):
        pixels_begun = pixels_begun or name == _PIXELS
        if name == _PROFILE:
            if profile is None and not pixels_begun:
                profile = _unpacked(data[position + _BEFORE_CONTENT : end - 4], most)
            kept.append(data[start:position])
            start = end
    return (b"".join([*kept, data[start:]]) if kept else data), profile


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

"""What is asked of a JPEG before it is decoded."""

import numpy as np
from numpy.typing import NDArray

_START_OF_SCAN, _END_OF_IMAGE, _TABLES, _APP1 = 0xDA, 0xD9, 0xDB, 0xE1
_WITHOUT_LENGTH = (0x01, 0xD8)
# After 0xff, these are part of entropy-coded data: 0, restarts, and 0xff again, which only fills.
_NO_MARKER = np.isin(np.arange(256), [0x00, *range(0xD0, 0xD8), 0xFF])

_FIRST_LOOK, _LONGEST_LOOK = 1 << 8, 1 << 16  # bytes

# Pillow walks over segments, and over what lies between them byte by byte, in Python: 3 µs a
# segment and 0.6 µs a byte. 30 MB of metadata need 460 segments.
_MOST_SEGMENTS = 10_000
_MOST_BYTES_BETWEEN = 100_000
# Also in Python: 6 µs for 65 bytes of quantisation tables, of which four are in use at a time, and
# 1 µs for each of Photoshop's resources, which it writes a few dozen of.
_MOST_BYTES_OF_TABLES = 100_000
_RESOURCE, _MOST_RESOURCES = b"8BIM", 10_000
# Pillow puts them together one by one, each time anew: 28 MB in 430 segments took 4.4 s, most of it
# for pages of fresh memory. Cameras write one segment, of 64 kB at most.
_EXIF, _MOST_BYTES_OF_EXIF = b"Exif\0\0", 2_000_000
# Pillow's decoder takes in what fills only as a whole: 29 MB of it took 5 s, and twice as much
# four times as long. A segment holds less than this.
_MOST_FILLING = 1 << 17


def count_scans(data: bytes, most: int) -> int:
    """The number of passes over the picture in the JPEG's first image (ITU-T T.81, annex B).

    The count ends above `most`. Raises ValueError for what no program writes: far too many
    segments, tables, resources or EXIF data, or far too much to fill the space in and between them.
    """
    if data.count(_RESOURCE) > _MOST_RESOURCES:
        raise ValueError("too many resources")
    values = np.frombuffer(data, np.uint8)
    scans = between = tables = exif = position = 0
    for _ in range(_MOST_SEGMENTS):
        place = _next_marker(values, position)
        ended = place is None or data[place + 1] == _END_OF_IMAGE
        if ended or scans > most:
            if data.find(b"\xff" * _MOST_FILLING, 0, place) >= 0:
                raise ValueError("nothing but filling")
            return scans
        assert place is not None
        between += 0 if scans else place - position
        if between > _MOST_BYTES_BETWEEN:
            raise ValueError("too much between the segments")
        position = place + 2
        scans += data[place + 1] == _START_OF_SCAN
        if data[place + 1] not in _WITHOUT_LENGTH:
            length = int.from_bytes(data[position : position + 2], "big")
            tables += length if data[place + 1] == _TABLES else 0
            if tables > _MOST_BYTES_OF_TABLES:
                raise ValueError("too many tables")
            if data[place + 1] == _APP1 and data.startswith(_EXIF, position + 2):
                exif += length
                if exif > _MOST_BYTES_OF_EXIF:
                    raise ValueError("too much EXIF data")
            position += length
    raise ValueError("too many segments")


def _next_marker(values: NDArray[np.uint8], position: int) -> int | None:
    """Where the next 0xff with a marker's code is, in a time that no file can stretch."""
    look = _FIRST_LOOK
    while position < len(values) - 1:
        block = values[position : position + look + 1]
        places = np.flatnonzero(block[:-1] == 0xFF)
        places = places[~_NO_MARKER[block[places + 1]]]
        if len(places):
            return position + int(places[0])
        position += look
        look = min(2 * look, _LONGEST_LOOK)
    return None

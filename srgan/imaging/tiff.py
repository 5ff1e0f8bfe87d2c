"""What is asked of a TIFF before it is decoded."""

import struct

_DIRECTORIES = 10  # more are not looked into

# Pillow takes 2 µs for each entry, and 15 µs for each strip or tile where pixels are not packed.
# Writers use some 30 entries; 16.8 megapixels in four planes have 65,536 rows.
_MOST_ENTRIES = 1000
_MOST_PLACES = 70_000
_PLACES = (273, 279, 324, 325)  # TIFF 6.0, sections 8 and 15: of strips and tiles, and their sizes


def check_directories(data: bytes) -> None:
    """Raises ValueError for far more entries, strips or tiles than any program writes.

    What is incomplete is left to the decoder.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    number, place = struct.Struct(order + "HQ"[big]), struct.Struct(order + "IQ"[big])
    entry = struct.Struct(order + ("HHQ8x" if big else "HHI4x"))
    try:
        (at,) = place.unpack_from(data, 8 if big else 4)
        for _ in range(_DIRECTORIES):
            if at == 0:
                return
            (entries,) = number.unpack_from(data, at)
            at += number.size
            if entries > _MOST_ENTRIES:
                raise ValueError("too many entries")
            for _ in range(entries):
                tag, _, count = entry.unpack_from(data, at)
                at += entry.size
                if tag in _PLACES and count > _MOST_PLACES:
                    raise ValueError("too many strips or tiles")
            (at,) = place.unpack_from(data, at)
    except (struct.error, OverflowError):
        return

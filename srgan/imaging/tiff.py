"""What is asked of a TIFF before it is decoded."""

import struct

from PIL.TiffImagePlugin import TiffImageFile

_DIRECTORIES = 10  # more are not looked into

# Pillow takes 2 µs for each entry, and 15 µs for each strip or tile where pixels are not packed.
# Writers use some 30 entries; 16.8 megapixels in four planes have 65,536 rows.
_MOST_ENTRIES = 1000
_MOST_PLACES = 70_000
_PLACES = (273, 279, 324, 325)  # TIFF 6.0, sections 8 and 15: of strips and tiles, and their sizes

_PLANAR_CONFIGURATION, _APART = 284, 2  # TIFF 6.0, section 8
_BITS_PER_SAMPLE = 258
_PLANES = ("R", "G", "B", "A")


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


def mend_planes(image: TiffImageFile) -> None:
    """Have 16 bits a sample read as such where colours are stored apart and not packed.

    Pillow (13.0.0) takes the first half of each such plane for one of 8 bits. Called before the
    image is loaded.
    """
    tags = image.tag_v2
    apart = tags.get(_PLANAR_CONFIGURATION) == _APART
    if not apart or set(tags.get(_BITS_PER_SAMPLE, ())) != {16}:
        return
    order = "B" if tags.prefix == b"MM" else "L"
    mended = []
    for tile in image.tile:
        args = tile.args
        if tile.codec_name == "raw" and isinstance(args, tuple) and args[0] in _PLANES:
            tile = tile._replace(args=(f"{args[0]};16{order}", *args[1:]))
        mended.append(tile)
    image.tile = mended

"""The boxes that HEIC and AVIF files are made of, and what they tell of colour."""

import struct
from collections.abc import Iterator

_HEAD = 8  # bytes: a box's size, itself included, and its kind (ISO/IEC 14496-12, section 4.2)
_LARGE, _TO_THE_END = 1, 0  # sizes that say where to find the size
_MOST = 1000  # boxes beside each other; phones write 4 or 5, and some 60 properties
_ITEMS = 10_000  # whose properties are looked at; a large photograph of a phone has 100 to 200
_VERSION = 4  # bytes of version and flags that full boxes begin with


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Each box's kind, and where its content begins and ends.

    Raises ValueError for unusually many.
    """
    for _ in range(_MOST):
        if start + _HEAD > end:
            return
        size, kind = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8]
        head = _HEAD
        if size == _LARGE:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 2 * _HEAD
        elif size == _TO_THE_END:
            size = end - start
        yield kind, start + head, min(start + size, end)
        start += max(size, _HEAD)
    raise ValueError(f"more than {_MOST} boxes")


def colour_codes(data: bytes) -> tuple[int, int] | None:
    """Primaries and transfer characteristics (ITU-T H.273) of the primary picture.

    None where the file does not tell them so (ISO/IEC 23008-12, 6.5.5 and 9.3), or is broken.
    """
    try:
        meta = _inside(data, (b"meta",), (0, len(data)))
        content = meta[0] + _VERSION, meta[1]
        primary, _ = _inside(data, (b"pitm",), content)
        width = 2 if data[primary] == 0 else 4
        item = int.from_bytes(data[primary + _VERSION : primary + _VERSION + width], "big")
        properties = list(boxes(data, *_inside(data, (b"iprp", b"ipco"), content)))
        for number in _properties_of(data, item, _inside(data, (b"iprp", b"ipma"), content)):
            kind, start, _ = properties[number - 1]
            if kind == b"colr" and data[start : start + 4] == b"nclx":
                primaries, transfer = struct.unpack_from(">HH", data, start + 4)
                return primaries, transfer
    except (KeyError, IndexError, ValueError, struct.error):
        return None
    return None


def _inside(data: bytes, path: tuple[bytes, ...], span: tuple[int, int]) -> tuple[int, int]:
    """Where the content of the first box of such a path is. Raises KeyError."""
    for name in path:
        places: dict[bytes, tuple[int, int]] = {}
        for kind, start, end in boxes(data, *span):
            places.setdefault(kind, (start, end))
        span = places[name]
    return span


def _properties_of(data: bytes, item: int, span: tuple[int, int]) -> Iterator[int]:
    """The numbers, from 1, of an item's properties (ISO/IEC 14496-12, 8.11.14)."""
    at, end = span
    id_bytes = 2 if data[at] == 0 else 4
    wide = data[at + 3] & 1
    (count,) = struct.unpack_from(">I", data, at + _VERSION)
    at += 2 * _VERSION
    for _ in range(min(count, _ITEMS)):
        if at >= end:
            return
        owner, at = int.from_bytes(data[at : at + id_bytes], "big"), at + id_bytes
        numbers, at = data[at], at + 1
        for _ in range(numbers):
            if wide:
                number, at = int.from_bytes(data[at : at + 2], "big") & 0x7FFF, at + 2
            else:
                number, at = data[at] & 0x7F, at + 1
            if owner == item and number:
                yield number

"""HEIC's boxes, before libheif sees them."""

_HEAD = 8  # bytes: a box's size, itself included, and its kind (ISO/IEC 14496-12, section 4.2)
_LARGE, _TO_THE_END = 1, 0  # sizes that say where to find the size
_MOST = 1000  # boxes that are not in another; phones write 4 or 5
_DESCRIBES = b"cdsc"  # the kind of reference by which EXIF data and the like belong to a picture


def without_metadata(data: bytes) -> bytes:
    """The file with its EXIF data and the like belonging to no picture, so that nothing reads them.

    They are not needed: how a picture is turned is among its properties, as its profile is. And
    what pi-heif (1.4.0) reads of odd ones ends the whole process. Raises ValueError for a file of
    unusually many boxes.
    """
    changed = bytearray(data)
    at = boxes = 0
    while at + _HEAD <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == _LARGE:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        elif size == _TO_THE_END:
            size = len(data) - at
        if kind == b"meta":
            box = slice(at, at + size)
            changed[box] = data[box].replace(_DESCRIBES, b"none")
        at += max(size, _HEAD)
        boxes += 1
        if boxes > _MOST:
            raise ValueError(f"more than {_MOST} boxes")
    return bytes(changed)

"""HEIC's boxes, before libheif sees them."""

from srgan.imaging.boxes import boxes

_DESCRIBES = b"cdsc"  # the kind of reference by which EXIF data and the like belong to a picture


def without_metadata(data: bytes) -> bytes:
    """The file with its EXIF data and the like belonging to no picture, so that nothing reads them.

    They are not needed: how a picture is turned is among its properties, as its profile is. And
    what pi-heif (1.4.0) reads of odd ones ends the whole process. Raises ValueError for a file of
    unusually many boxes.
    """
    changed = bytearray(data)
    for kind, start, end in boxes(data, 0, len(data)):
        if kind == b"meta":
            changed[start:end] = data[start:end].replace(_DESCRIBES, b"none")
    return bytes(changed)

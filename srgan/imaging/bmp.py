"""What is asked of a BMP before it is decoded."""

import struct

from srgan.errors import UnsupportedFormat

_SIZES = struct.Struct("<14xIii4xI")  # of the header, width and height; then how it is packed
_RUNS_OF_BYTES, _RUNS_OF_NIBBLES = 1, 2
_SHORTEST_WITH_PACKING = 40  # bytes of a header

# Pillow unpacks runs in Python: up to 1 µs for each of them, and 0.3 µs for each pixel left out.
_MOST_PIXELS = 4_000_000
_MOST_BYTES = 3_000_000


def check_runs(data: bytes) -> None:
    """Raises UnsupportedFormat for a large BMP that is packed, which nobody has written for long.

    An incomplete header is left to the decoder.
    """
    if len(data) < _SIZES.size:
        return
    header, width, height, packing = _SIZES.unpack_from(data)
    if header < _SHORTEST_WITH_PACKING or packing not in (_RUNS_OF_BYTES, _RUNS_OF_NIBBLES):
        return
    if abs(width * height) > _MOST_PIXELS or len(data) > _MOST_BYTES:
        raise UnsupportedFormat(
            f"BMPs that are packed are read up to {_MOST_PIXELS / 1e6:.0f} megapixels and "
            f"{_MOST_BYTES / 1e6:.0f} MB. Please save this one as PNG."
        )
